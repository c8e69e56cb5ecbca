import { isObject, type Json, type JsonObject } from '../json.ts';
import { objectOf, objectsOf, textOf } from './fields.ts';

/** Puts a function call together from one part or from many (Vertex AI `streamFunctionCallArguments`). */
export interface PartialCall {
  /** Takes a `functionCall`, whole or a piece of it. */
  add(call: JsonObject): void;
  /** The arguments so far, as JSON text. */
  text(): string;
}

// A path of the wire must not make us build a list of a million holes.
const GREATEST_INDEX = 10_000;

/** A call without arguments yet. */
export function createPartialCall(): PartialCall {
  let args: JsonObject = {};
  /** Paths whose text is still growing. */
  const growing = new Set<string>();
  return {
    add(call) {
      const whole = objectOf(call['args']);
      if (whole !== undefined) args = { ...args, ...whole };
      for (const piece of objectsOf(call['partialArgs'])) {
        const path = textOf(piece['jsonPath']) ?? '';
        const steps = readPath(path);
        if (steps === undefined) continue;
        setAt(args, steps, (before) => {
          const value = pieceValue(piece);
          return growing.has(path) && typeof before === 'string' && typeof value === 'string' ? before + value : value;
        });
        if (piece['willContinue'] === true) growing.add(path);
        else growing.delete(path);
      }
    },
    text: () => JSON.stringify(args),
  };
}

function pieceValue(piece: JsonObject): Json {
  return piece['stringValue'] ?? piece['numberValue'] ?? piece['boolValue'] ?? null;
}

/** Steps of a normalised JSON path (RFC 9535): `$.a[0]['b c']`. Undefined for anything else. */
function readPath(path: string): (string | number)[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: (string | number)[] = [];
  const step = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;
  step.lastIndex = 1;
  while (step.lastIndex < path.length) {
    const found = step.exec(path);
    if (found === null) return undefined;
    const [, plain, index, quoted, doubled] = found;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(plain ?? (quoted ?? doubled ?? '').replace(/\\(.)/g, '$1'));
  }
  const isSound = steps.length > 0 && steps.every((one) => one !== '__proto__' && !(Number(one) > GREATEST_INDEX));
  return isSound && typeof steps[0] === 'string' ? steps : undefined;
}

function setAt(args: JsonObject, steps: (string | number)[], change: (before: Json | undefined) => Json): void {
  let place: JsonObject | Json[] = args;
  for (const [at, step] of steps.entries()) {
    const next = steps[at + 1];
    const before = get(place, step);
    if (next === undefined) {
      put(place, step, change(before));
      return;
    }
    const fits = typeof next === 'number' ? Array.isArray(before) : isObject(before);
    const inner: Json = fits ? (before as JsonObject | Json[]) : typeof next === 'number' ? [] : {};
    put(place, step, inner);
    place = inner as JsonObject | Json[];
  }
}

function get(place: JsonObject | Json[], step: string | number): Json | undefined {
  return Array.isArray(place) ? place[Number(step)] : place[step];
}

function put(place: JsonObject | Json[], step: string | number, value: Json): void {
  if (!Array.isArray(place)) place[step] = value;
  else {
    while (place.length < Number(step)) place.push(null);
    place[Number(step)] = value;
  }
}
