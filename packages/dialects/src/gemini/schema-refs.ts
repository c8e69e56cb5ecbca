/** Where a schema's `$ref`s lead, and whether they can stay. */

import { isObject, type Json, type JsonObject } from '../json.ts';

const DEFINITION = /^#\/\$defs\/([^/]+)$/;

/** The schema that a reference inside the same document points to (RFC 6901 in a URI fragment), if there is one. */
export function resolveRef(root: JsonObject, ref: string): Json | undefined {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let found: Json | undefined = root;
  for (const step of ref.slice(2).split('/')) {
    const name = decode(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(found)) found = found[Number(name)];
    else if (isObject(found) && Object.hasOwn(found, name)) found = found[name];
    else return undefined;
  }
  return found;
}

/**
 * True if every reference leads to one of the root's `$defs` and none leads back to itself: then Gemini takes them as
 * they are. It unrolls circles "to a limited degree", and only in properties that are not required, so circles are cut here.
 */
export function canKeepRefs(root: JsonObject): boolean {
  const defs = root['$defs'];
  if (root['$ref'] !== undefined || !isObject(defs)) return false;
  const { $defs: _, ...rest } = root;
  const led = namesIn(rest);
  if (led === undefined) return false;
  const done = new Set<string>();
  const under = new Set<string>();
  const isSound = (name: string): boolean => {
    if (done.has(name)) return true;
    if (under.has(name) || !Object.hasOwn(defs, name) || under.size > 100) return false;
    const next = namesIn(defs[name] ?? null);
    if (next === undefined) return false;
    under.add(name);
    const sound = next.every(isSound);
    under.delete(name);
    done.add(name);
    return sound;
  };
  return [...led, ...Object.keys(defs)].every(isSound);
}

/** How many values the schema holds, itself included. */
export function countNodes(schema: Json): number {
  let count = 0;
  const left: (Json | undefined)[] = [schema];
  while (left.length > 0) {
    const node = left.pop();
    count++;
    if (Array.isArray(node)) for (const value of node) left.push(value);
    else if (isObject(node)) for (const value of Object.values(node)) left.push(value);
  }
  return count;
}

/** Names of the definitions that a schema refers to; undefined if a reference leads elsewhere. */
function namesIn(schema: Json): string[] | undefined {
  const names: string[] = [];
  const left: (Json | undefined)[] = [schema];
  while (left.length > 0) {
    const node = left.pop();
    if (Array.isArray(node)) for (const value of node) left.push(value);
    else if (isObject(node)) {
      const ref = node['$ref'];
      if (typeof ref === 'string') {
        const name = DEFINITION.exec(ref)?.[1];
        if (name === undefined) return undefined;
        names.push(decode(name).replaceAll('~1', '/').replaceAll('~0', '~'));
      }
      for (const value of Object.values(node)) left.push(value);
    }
  }
  return names;
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
