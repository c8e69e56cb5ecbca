/** The kinds of value that configuration is made of: durations, sizes, secrets, names, addresses. */

import { z } from 'zod';

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const;

/** Node's timers hold 31 bits; a longer wait would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const LONGEST_MS = 3_660 * MILLISECONDS.d;

const DURATION = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?\s*$/i;
const SIZE = /^\s*(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)?\s*$/i;

const DURATION_WORDS = 'a duration: seconds as a number, or such as 250ms, 30s, 5m, 24h, 7d';
const SIZE_WORDS = 'a size: bytes as a number, or such as 512kb, 32mb, 1gb';

/** Milliseconds of a duration as written in configuration; a bare number is seconds. Undefined: it is none. */
export function readDuration(written: number | string): number | undefined {
  if (typeof written === 'number') return written * MILLISECONDS.s;
  const [, amount, unit = 's'] = DURATION.exec(written) ?? [];
  if (amount === undefined) return undefined;
  return Number(amount) * MILLISECONDS[unit.toLowerCase() as keyof typeof MILLISECONDS];
}

/** Bytes of a size as written in configuration (1 kb is 1024 bytes). Undefined: it is none. */
export function readSize(written: number | string): number | undefined {
  if (typeof written === 'number') return written;
  const [, amount, unit = 'b'] = SIZE.exec(written) ?? [];
  if (amount === undefined) return undefined;
  return Number(amount) * BYTES[unit.toLowerCase() as keyof typeof BYTES];
}

/** A duration; milliseconds when read. */
export function duration({ longestMs = LONGEST_MS }: { longestMs?: number } = {}) {
  return z
    .union([z.number().nonnegative(), z.string().regex(DURATION, DURATION_WORDS)], DURATION_WORDS)
    .transform((written, context) => {
      const milliseconds = Math.round(readDuration(written) ?? Number.NaN);
      if (milliseconds <= longestMs) return milliseconds;
      context.addIssue({ code: 'custom', message: `a duration of at most ${Math.floor(longestMs / MILLISECONDS.d)}d` });
      return z.NEVER;
    })
    .meta({ title: 'duration' });
}

/** A duration that a timer will wait for; milliseconds when read. */
export function timeout() {
  return duration({ longestMs: LONGEST_TIMER_MS });
}

/** A size; bytes when read. */
export function size() {
  return z
    .union([z.int().nonnegative(), z.string().regex(SIZE, SIZE_WORDS)], SIZE_WORDS)
    .transform((written) => Math.round(readSize(written) ?? 0))
    .meta({ title: 'size' });
}

/** A text that must never be shown. */
export function secret() {
  return z.string().min(1).meta({ title: 'secret', writeOnly: true });
}

export function name() {
  return z.string().min(1);
}

/** An http or https address. */
export function httpUrl() {
  return z
    .string()
    .refine((text) => hasProtocol(text, ['http:', 'https:']), 'an address that begins with http:// or https://')
    .meta({ title: 'address' });
}

export function hasProtocol(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol);
}

/** A free map of texts; numbers and true/false are taken as they are written. */
export function textMap() {
  return z.record(z.string().min(1), text());
}

/** A text; a number or true/false is taken as it is written. */
export function text() {
  return z.union([z.string(), z.number(), z.boolean()], 'text').transform(String).meta({ title: 'text' });
}

/** Headers as a free map. A name or value that would break out of its line is refused. */
export function headerMap() {
  const value = text().refine((written) => /^[\t\x20-\x7e\x80-\xff]*$/.test(written), 'one line of text');
  return z.record(z.string().regex(/^[!#$%&'*+\-.^_`|~0-9a-z]+$/i, 'a header name'), value);
}

/** One name or a list of them; a list when read. */
export function nameOrNames() {
  return z.union([name(), z.array(name())], 'a name or a list of names').transform((given) => [given].flat());
}

/** A share relative to its neighbours; 0 takes no share. */
export function weight() {
  return z.number().nonnegative();
}
