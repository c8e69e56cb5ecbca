import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';

/** What every list takes; further filters are added with `extend`. */
export const pageQuery = z.strictObject({
  limit: z.coerce
    .number('a whole number')
    .int('a whole number')
    .min(1)
    .max(1_000)
    .default(100)
    .describe('Most entries that are given.'),
  cursor: z.string().optional().describe('`next_cursor` of the page before.'),
});

export interface Page<Item> {
  data: Item[];
  has_more: boolean;
  /** For the next page, as `cursor`. */
  next_cursor?: string;
}

/** The schema of a page of such entries. */
export function pageOfSchema<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    data: z.array(item),
    has_more: z.boolean(),
    next_cursor: z.string().optional().describe('For the next page, as `cursor`.'),
  });
}

type Position = readonly [number, string];

/** A page of a list that is ordered by `positionOf`; what is added or taken away meanwhile neither doubles nor hides others. */
export function pageOf<Item>(
  items: readonly Item[],
  { limit, cursor }: z.output<typeof pageQuery>,
  positionOf: (item: Item) => Position,
): Page<Item> {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const rest = after === undefined ? items : items.filter((item) => isAfter(positionOf(item), after));
  return cutPage(rest, limit, positionOf);
}

/** The first `limit` of the entries, of which there are more if the list is longer. */
export function cutPage<Item>(items: readonly Item[], limit: number, positionOf: (item: Item) => Position): Page<Item> {
  const data = items.slice(0, limit);
  if (items.length <= limit) return { data, has_more: false };
  return { data, has_more: true, next_cursor: writeCursor(positionOf(data.at(-1)!)) };
}

/** Where the page before ended. Throws `invalid_request` for what is no cursor. */
export function readCursor(cursor: string): Position {
  try {
    return z.tuple([z.number(), z.string()]).parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new GatewayError('invalid_request', 'This cursor is none; take `next_cursor` as it was given.', {
      param: 'cursor',
    });
  }
}

function isAfter([number, text]: Position, [thanNumber, thanText]: Position): boolean {
  return number > thanNumber || (number === thanNumber && text > thanText);
}

function writeCursor(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}
