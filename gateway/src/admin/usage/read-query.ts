import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { DIMENSIONS, type Dimension, type UsageFilter } from '../../usage/usage-store.ts';
import { MOMENT_WORDS, PERIOD_WORDS } from './read-period.ts';

/** Stands for calls without a team, a project and so on. */
export const NONE = '(none)';

const MOST_DIMENSIONS = 2;
const list = (what: string) =>
  z
    .string()
    .optional()
    .describe(`Only ${what}. Several with commas between them (\`\\,\` is a comma); \`${NONE}\`: calls without one.`);

export const periodQuery = z.strictObject({
  from: z.string().optional().describe(`From this moment on: ${MOMENT_WORDS}.`),
  to: z.string().optional().describe('Up to this moment, which is not in it; now if absent.'),
  period: z.string().optional().describe(`Instead of \`from\`: ${PERIOD_WORDS}. Absent: 24h.`),
});

export const filterQuery = periodQuery.extend({
  organisation: list('these organisations'),
  team: list('these teams'),
  project: list('these projects'),
  user: list('these users'),
  key: list('these keys, by id or name'),
  model: list("these models, by the providers' names for them"),
  provider: list('these providers'),
  variant: list('these variants (`test/model`) of A/B tests'),
  tag: z
    .string()
    .optional()
    .describe('Only calls with these tags: `name=value`, several with commas between them, of which all must agree.'),
});

export const reportQuery = filterQuery.extend({
  by: z
    .string()
    .default('')
    .transform(readDimensions)
    .describe(`What to divide by, at most ${MOST_DIMENSIONS}: ${DIMENSIONS.join(', ')}, or \`tag:NAME\`.`),
  each: z.enum(['hour', 'day']).optional().describe('A row for each hour or day, in UTC.'),
  format: z.enum(['json', 'csv']).default('json'),
  limit: z.coerce
    .number('a whole number')
    .int('a whole number')
    .min(1)
    .max(100_000)
    .default(1_000)
    .describe('Most rows that are given; the dearest come first.'),
});

type Filter = z.output<typeof filterQuery>;

/** The filter that is meant. `idsOfKey` gives the ids that a key's name has had. */
export function readFilter(query: Filter, idsOfKey: (idOrName: string) => readonly string[]): UsageFilter {
  const filter: Record<string, readonly (string | null)[]> = {};
  for (const dimension of DIMENSIONS) {
    if (dimension === 'tag') continue;
    const written = query[dimension];
    if (written === undefined) continue;
    const values = splitList(written);
    const meant = dimension === 'key' ? values.flatMap((value) => (value === NONE ? value : idsOfKey(value))) : values;
    filter[dimension] = meant.map((value) => (value === NONE ? null : value));
  }
  for (const [name, value] of Object.entries(readTags(query.tag) ?? {})) {
    filter[`tag:${name}`] = [value === NONE ? null : value];
  }
  return filter;
}

/** `name=value,other=value` as a map. Throws `invalid_request` for a tag without a value. */
export function readTags(written: string | undefined): Record<string, string> | undefined {
  if (written === undefined) return undefined;
  return Object.fromEntries(
    splitList(written).map((tag) => {
      const equals = tag.indexOf('=');
      if (equals > 0) return [tag.slice(0, equals), tag.slice(equals + 1)];
      throw new GatewayError('invalid_request', `\`tag\`: name=value, not ${JSON.stringify(tag)}.`, { param: 'tag' });
    }),
  );
}

function splitList(written: string): string[] {
  return written
    .split(/(?<!\\),/)
    .map((part) => part.replaceAll('\\,', ',').trim())
    .filter((part) => part !== '');
}

function readDimensions(written: string, context: z.RefinementCtx): Dimension[] {
  const names = splitList(written);
  const unknown = names.find((name) => !isDimension(name));
  const message =
    unknown !== undefined
      ? `${JSON.stringify(unknown)} is nothing to divide by; there are ${DIMENSIONS.join(', ')} and tag:NAME`
      : names.length > MOST_DIMENSIONS
        ? `at most ${MOST_DIMENSIONS} at once`
        : new Set(names).size < names.length
          ? 'each of them once'
          : undefined;
  if (message === undefined) return names as Dimension[];
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

function isDimension(name: string): boolean {
  return (DIMENSIONS as readonly string[]).includes(name) || /^tag:.+/.test(name);
}
