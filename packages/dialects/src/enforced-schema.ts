/** What the services that hold answers to a schema by a grammar have in common: local references, and no recursion. */

import { isObject, type Json, type JsonObject } from './json.ts';

/** The formats of strings that are enforced. */
export const ENFORCED_FORMATS: ReadonlySet<string> = new Set(
  'date-time time date duration email hostname uri ipv4 ipv6 uuid'.split(' '),
);

const NOT_WALKED = new Set(['$defs', 'definitions', 'enum', 'const', 'default']);
const LOCAL_REF = /^#\/(\$defs|definitions)\/[^/]+$/;

/** The schema cannot be enforced; the message says by what of it. */
export class Unfit extends Error {}

interface RefWalk {
  root: JsonObject;
  within: string[];
  /** References known to be free of recursion: each is walked once, however often it is used. */
  checked: Set<string>;
}

/** Throws Unfit for a reference that leads to itself, to nowhere, or outside of the schema. */
export function refuseRecursion(schema: JsonObject): void {
  walk(schema, { root: schema, within: [], checked: new Set() });
}

function walk(node: Json | undefined, refs: RefWalk): void {
  if (Array.isArray(node)) for (const entry of node) walk(entry, refs);
  if (!isObject(node)) return;
  const ref = node['$ref'];
  if (typeof ref === 'string' && !refs.checked.has(ref)) {
    if (refs.within.includes(ref)) throw new Unfit(`recursive $ref ${ref}`);
    walk(targetOf(ref, refs.root), { ...refs, within: [...refs.within, ref] });
    refs.checked.add(ref);
  }
  for (const [key, value] of Object.entries(node)) if (!NOT_WALKED.has(key)) walk(value, refs);
}

function targetOf(ref: string, root: JsonObject): Json {
  const [, holder = '', name = ''] = ref.split('/');
  const definitions = LOCAL_REF.test(ref) ? root[holder] : undefined;
  const target = isObject(definitions) ? definitions[name.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  if (target === undefined) throw new Unfit(`$ref ${ref}`);
  return target;
}
