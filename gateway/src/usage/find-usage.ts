import { type DialectName, dialects, isObject, type JsonObject, type Usage } from '@xidao/dialects';

/** Under which key each dialect tells its counts as one object. */
const KEYS: Record<Exclude<DialectName, BareCounting>, string> = {
  'openai-chat': '"usage"',
  'openai-responses': '"usage"',
  'anthropic-messages': '"usage"',
  gemini: '"usageMetadata"',
  bedrock: '"usage"',
  'cohere-chat': '"usage"',
  dashscope: '"usage"',
};

/** Dialects that tell their counts bare, among the other fields of the last line, and under which names. */
type BareCounting = 'ollama-chat';
const BARE_COUNTS: Record<BareCounting, RegExp> = {
  'ollama-chat': /"(prompt_eval_count|eval_count)":\s*(\d+)/g,
};
/** The counts stand in the last bytes, behind all that the model said. */
const LAST_BYTES = 1024;

function countsBare(dialect: DialectName): dialect is BareCounting {
  return Object.hasOwn(BARE_COUNTS, dialect);
}

function findBareCounts(bytes: Buffer, dialect: BareCounting): JsonObject | undefined {
  const end = bytes.toString('latin1', Math.max(0, bytes.length - LAST_BYTES));
  const found = [...end.matchAll(BARE_COUNTS[dialect])].map(([, name, count]) => [name, Number(count)]);
  return found.length === 0 ? undefined : (Object.fromEntries(found) as JsonObject);
}

/** The usage that the last of these bytes tell, found without parsing them. */
export function findLastUsage(bytes: Buffer, dialect: DialectName): JsonObject | undefined {
  if (countsBare(dialect)) return findBareCounts(bytes, dialect);
  const key = KEYS[dialect];
  for (let at = bytes.lastIndexOf(key); at !== -1; at = at === 0 ? -1 : bytes.lastIndexOf(key, at - 1)) {
    const found = usageAt(bytes, at, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Only Anthropic's streams tell their input at the start, and some hosts of that dialect nowhere else. */
const TELLS_AT_START: ReadonlySet<DialectName> = new Set(['anthropic-messages']);

/** As `findLastUsage`, but the first one, where the dialect's streams tell some at their start. */
export function findFirstUsage(chunks: readonly Uint8Array[], dialect: DialectName): JsonObject | undefined {
  if (!TELLS_AT_START.has(dialect) || countsBare(dialect)) return undefined;
  const bytes = Buffer.concat(chunks);
  const key = KEYS[dialect];
  for (let at = bytes.indexOf(key); at !== -1; at = bytes.indexOf(key, at + key.length)) {
    const found = usageAt(bytes, at, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

function usageAt(bytes: Buffer, at: number, key: string): JsonObject | undefined {
  // Inside a string the quotes would be escaped; a tool's own JSON may hold such a key, but then later bytes hold the true one.
  return bytes[at - 1] === 0x5c ? undefined : objectAfter(bytes, at + key.length);
}

/** Where a dialect tells, besides its counts, in which tier it served the call. */
const TIER_KEYS: Partial<Record<DialectName, string>> = {
  'openai-chat': '"service_tier"',
  'openai-responses': '"service_tier"',
  bedrock: '"serviceTier"',
};
/** A short word, bare or as the `type` of an object. */
const TIER = /^\s*:\s*(?:\{\s*"type"\s*:\s*)?"([\w-]{1,32})"/;
const TIER_BYTES = 80;

/** The service tier that these bytes tell last; undefined: none. */
export function findServiceTier(bytes: Buffer, dialect: DialectName): string | undefined {
  const key = TIER_KEYS[dialect];
  if (key === undefined) return undefined;
  const at = bytes.lastIndexOf(key);
  if (at <= 0 || bytes[at - 1] === 0x5c) return undefined;
  const from = at + key.length;
  return TIER.exec(bytes.toString('latin1', from, from + TIER_BYTES))?.[1];
}

/** Counts told in several places (Anthropic: at the start and at the end) replace each other; they are never added up. */
export function readUsage(
  head: JsonObject | undefined,
  tail: JsonObject | undefined,
  dialect: DialectName,
): Usage | undefined {
  if (tail === undefined && head === undefined) return undefined;
  if (head === undefined) return dialects[dialect].readUsage(tail!);
  return dialects[dialect].readUsage(mergeCounts(head, tail ?? {}));
}

/** What is written is counted at the end; at the start it is a guess (Anthropic says 1, and may end with 0). */
const WRITTEN = /^(?:output|completion|candidates|thoughts)/;

/** Later counts win, unless what was read falls back to less: a provisional end must not undo a true beginning. */
function mergeCounts(head: JsonObject, tail: JsonObject): JsonObject {
  const merged: JsonObject = { ...head };
  for (const [name, value] of Object.entries(tail)) {
    const before = merged[name];
    if (value === null || value === undefined) continue;
    if (typeof value === 'number' && typeof before === 'number' && !WRITTEN.test(name))
      merged[name] = Math.max(before, value);
    else if (isObject(value) && isObject(before)) merged[name] = mergeCounts(before, value);
    else merged[name] = value;
  }
  return merged;
}

function objectAfter(bytes: Buffer, from: number): JsonObject | undefined {
  let at = from;
  while (isColonOrSpace(bytes[at])) at += 1;
  if (bytes[at] !== 0x7b) return undefined;
  const to = endOfObject(bytes, at);
  if (to === undefined) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8', at, to)) as JsonObject;
  } catch {
    return undefined;
  }
}

function isColonOrSpace(byte: number | undefined): boolean {
  return byte === 0x3a || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function endOfObject(bytes: Buffer, from: number): number | undefined {
  let depth = 0;
  let isInString = false;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isInString) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) isInString = false;
    } else if (byte === 0x22) isInString = true;
    else if (byte === 0x7b) depth += 1;
    else if (byte === 0x7d) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}
