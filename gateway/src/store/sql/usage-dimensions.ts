import { type RawBuilder, sql } from 'kysely';
import type { Dimension, UsageFilter } from '../store.ts';

const COLUMNS: Record<Exclude<Dimension, 'tag' | `tag:${string}`>, string> = {
  organisation: 'organisation',
  team: 'team',
  project: 'project',
  user: 'user',
  key: 'key_id',
  model: 'model',
  provider: 'provider',
  variant: 'variant',
};

/** What a dimension is of a group. `tags` is the name under which `joinTags` has joined its tags. */
export function dimensionValue(dimension: Dimension, tags: string): RawBuilder<unknown> {
  if (dimension === 'tag') return sql`${sql.ref(`${tags}.name`)} || '=' || ${sql.ref(`${tags}.value`)}`;
  if (isNamedTag(dimension)) return sql`${sql.ref(`${tags}.value`)}`;
  return sql`${sql.ref(`usage_groups.${COLUMNS[dimension]}`)}`;
}

/** Joins the tags that a dimension needs; a group without them stays, with null. */
export function joinTags(dimension: Dimension, tags: string): RawBuilder<unknown> {
  if (dimension !== 'tag' && !isNamedTag(dimension)) return sql``;
  const ofGroup = sql`left join usage_group_tags as ${sql.ref(tags)} on ${sql.ref(`${tags}.group_id`)} = usage_groups.id`;
  return isNamedTag(dimension) ? sql`${ofGroup} and ${sql.ref(`${tags}.name`)} = ${nameOf(dimension)}` : ofGroup;
}

/** The `where` of a filter: every dimension that it names must be one of the values. */
export function whereGroups(filter: UsageFilter): RawBuilder<unknown> {
  const conditions = Object.entries(filter)
    .filter(([, values]) => values !== undefined)
    .map(([dimension, values]) => conditionOf(dimension as keyof UsageFilter, values!));
  return conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
}

function conditionOf(dimension: keyof UsageFilter, wanted: readonly (string | null)[]): RawBuilder<unknown> {
  const values = wanted.filter((value) => value !== null);
  const value = isNamedTag(dimension)
    ? sql`(select tags.value from usage_group_tags as tags where tags.group_id = usage_groups.id and tags.name = ${nameOf(dimension)})`
    : sql.ref(`usage_groups.${COLUMNS[dimension]}`);
  const among = values.length === 0 ? sql`1 = 0` : sql`${value} in (${sql.join(values)})`;
  return wanted.includes(null) ? sql`(${among} or ${value} is null)` : sql`${among}`;
}

function isNamedTag(dimension: Dimension): dimension is `tag:${string}` {
  return dimension.startsWith('tag:');
}

function nameOf(dimension: `tag:${string}`): string {
  return dimension.slice('tag:'.length);
}
