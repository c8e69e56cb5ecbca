import { isObject, type JsonObject } from '../json.ts';
import { restOf } from './check-fields.ts';
import type { NoteUnread } from './read-parts.ts';

interface Known {
  /** Fields of the item that were read. */
  outer: ReadonlySet<string>;
  /** The object inside the item that says what it is (`function`, `image_url` …), and its fields that were read. */
  field?: string;
  inner?: ReadonlySet<string>;
}

/** Keeps what was read past for the same dialect, inner fields under `field.name`, and names it for every other. */
export function keepExtras(
  part: { extras?: JsonObject },
  item: JsonObject,
  { outer, field, inner }: Known,
  path: string,
  unread: NoteUnread,
): void {
  const extras: JsonObject = { ...restOf(item, outer) };
  const body = field === undefined ? undefined : item[field];
  if (isObject(body) && inner) {
    for (const [name, value] of Object.entries(restOf(body, inner) ?? {})) extras[`${field}.${name}`] = value;
  }
  for (const name of Object.keys(extras)) unread(`${path}.${name}`);
  if (Object.keys(extras).length > 0) part.extras = { ...part.extras, ...extras };
}

/** Puts the extras back where they stood. */
export function addExtras(item: JsonObject, extras: JsonObject | undefined, field: string): JsonObject {
  const prefix = `${field}.`;
  const inner = item[field];
  for (const [name, value] of Object.entries(extras ?? {})) {
    if (name.startsWith(prefix) && isObject(inner)) inner[name.slice(prefix.length)] = value;
    else item[name] = value;
  }
  return item;
}
