import { z } from 'zod';
import { GatewayError } from '../core/errors.ts';
import { check } from './read-request.ts';

const querySchema = z.strictObject({
  limit: z.coerce.number('a whole number').int('a whole number').min(1).max(1_000).default(100),
  cursor: z.string().optional(),
});

export interface Page<Item> {
  data: Item[];
  has_more: boolean;
  /** For the next page, as `cursor`. */
  next_cursor?: string;
}

/** A page of a list that is ordered by `positionOf`; what is added or taken away meanwhile neither doubles nor hides others. */
export function pageOf<Item>(
  items: readonly Item[],
  query: URLSearchParams,
  positionOf: (item: Item) => readonly [number, string],
): Page<Item> {
  const { limit, cursor } = check(querySchema, Object.fromEntries(query));
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const rest = after === undefined ? items : items.filter((item) => isAfter(positionOf(item), after));
  const data = rest.slice(0, limit);
  if (rest.length <= limit) return { data, has_more: false };
  return { data, has_more: true, next_cursor: writeCursor(positionOf(data.at(-1)!)) };
}

function isAfter(
  [number, text]: readonly [number, string],
  [thanNumber, thanText]: readonly [number, string],
): boolean {
  return number > thanNumber || (number === thanNumber && text > thanText);
}

function writeCursor(position: readonly [number, string]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function readCursor(cursor: string): [number, string] {
  try {
    return z.tuple([z.number(), z.string()]).parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new GatewayError('invalid_request', 'This cursor is none; take `next_cursor` as it was given.', {
      param: 'cursor',
    });
  }
}
