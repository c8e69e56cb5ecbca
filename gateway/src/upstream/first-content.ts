import { type DialectName, dialects, type ModelError, type ModelEvent } from '@xidao/dialects';
import type { Clock } from '../core/clock.ts';
import type { HeldBody } from './held-body.ts';

/** What the first bytes of a stream turned out to be. */
export type Beginning = { name: 'begun' } | { name: 'empty' } | { name: 'error'; error: ModelError };

/** Held back at most, in bytes: no preamble is this long. */
const MOST_HELD = 64 * 1024;
/** A first chunk that shows content at a glance need not be parsed. Escaped quotes inside strings cannot match. */
const CONTENT_AT_A_GLANCE =
  /"(?:content|reasoning_content|reasoning|text|thinking|delta|partial_json|arguments)":\s*"[^"]/;
const ERROR_AT_A_GLANCE = /"error"|event: ?error|response\.failed/;

/**
 * Reads a stream until it has begun in earnest. A provider can answer 200 and then send an error as its first event (Anthropic's
 * `overloaded_error`, rate limits of compatible hosts), so preambles (`message_start`, a role without text, comments) are held back until there is
 * content, `limits.longestMs` is over, or the error shows (docs/decisions/0004-first-event.md).
 */
export async function awaitContent(
  body: HeldBody,
  dialect: DialectName,
  limits: { clock: Clock; longestMs: number },
): Promise<Beginning> {
  const first = await body.readAhead();
  if (first === undefined) return { name: 'empty' };
  if (showsContent(first)) return { name: 'begun' };
  const reader = dialects[dialect].createReader();
  let verdict = judge(reader.push(first));
  let heldBytes = first.length;
  const patience = waitAtMost(limits.clock, limits.longestMs);
  try {
    while (verdict === undefined && heldBytes < MOST_HELD) {
      const next = await Promise.race([body.readAhead(), patience.over]);
      if (next === 'over') return { name: 'begun' };
      if (next === undefined) return judge(reader.finish()) ?? { name: 'begun' };
      heldBytes += next.length;
      verdict = judge(reader.push(next));
    }
    return verdict ?? { name: 'begun' };
  } finally {
    patience.stop();
  }
}

function showsContent(chunk: Uint8Array): boolean {
  const text = Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, 4096)).toString('latin1');
  return CONTENT_AT_A_GLANCE.test(text) && !ERROR_AT_A_GLANCE.test(text);
}

function judge(events: ModelEvent[]): Beginning | undefined {
  for (const event of events) {
    switch (event.type) {
      case 'error':
        return { name: 'error', error: event.error };
      case 'start':
      case 'usage':
        continue;
      default:
        return { name: 'begun' };
    }
  }
  return undefined;
}

function waitAtMost(clock: Clock, milliseconds: number): { over: Promise<'over'>; stop: () => void } {
  let stop = () => {};
  const over = new Promise<'over'>((resolve) => {
    const timer = clock.setTimeout(() => resolve('over'), milliseconds);
    stop = () => timer.cancel();
  });
  return { over, stop };
}
