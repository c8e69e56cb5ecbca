import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aRecord } from '../../test/stores/a-record.ts';
import type { CallRecord } from '../core/record.ts';
import { createJournalLine, type JournalExtras, readJournalLine } from './journal-line.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\n', '\u2028', '\ud800', 'ä漢😀', '\u007f'),
);
// V8 in Node 24 reads some object keys that hold nothing but an escape as another such key, if it has seen that one before.
const name = text.filter((key) => JSON.stringify(key) === `"${key}"`);
const time = fc.double({ min: 0, max: 1e7, noNaN: true });
const count = fc.nat();
const usage = fc.record(
  { inputTokens: count, outputTokens: count, cachedInputTokens: count, reasoningTokens: count, serviceTier: text },
  { requiredKeys: ['inputTokens', 'outputTokens'] },
);
const attempt = fc.record(
  {
    provider: text,
    model: text,
    startedMs: time,
    firstByteMs: time,
    status: fc.integer({ min: 100, max: 599 }),
    verdict: fc.constantFrom('answered', 'retry', 'abandoned'),
    why: text,
    isHedge: fc.boolean(),
    usage,
    usageSource: fc.constantFrom('measured', 'estimated'),
    costPicoUsd: count,
  },
  { requiredKeys: ['provider', 'model', 'startedMs', 'verdict'] },
);
const more = fc.record(
  {
    modelAsked: text,
    keyId: text,
    keyName: text,
    organisation: text,
    team: text,
    project: text,
    user: text,
    session: text,
    tags: fc.dictionary(name, text),
    variant: text,
    route: text,
    shadowOf: text,
    errorCode: text,
    errorMessage: text,
    streamed: fc.boolean(),
    attempts: fc.array(attempt, { maxLength: 3 }),
    usage,
    costPicoUsd: fc.maxSafeNat(),
    priceVersion: text,
    cache: text,
    guard: text,
    savedByCachePicoUsd: count,
    savedByPromptCachePicoUsd: fc.integer(),
    baselineCostPicoUsd: count,
    durationMs: time,
    overheadMs: time,
  },
  { requiredKeys: [] },
);

test('a line reads back as what was recorded, whatever it holds, and is one line', () => {
  const line = createJournalLine();
  fc.assert(
    fc.property(more, (given) => {
      const record = aRecord('call_1', given as Partial<CallRecord & JournalExtras>);
      const written = line(record);
      expect(written.indexOf('\n')).toBe(written.length - 1);
      const read = readJournalLine(Buffer.from(written).toString());
      expect(read).toMatchObject({
        v: 1,
        id: 'call_1',
        at: record.startedAtMs,
        status: 200,
        outcome: 'complete',
        asked: clean(record.modelAsked),
        key: clean(record.keyId!),
        attempts: record.attempts.map(({ provider, model, verdict }) => ({
          provider: clean(provider),
          model: clean(model),
          verdict,
        })),
        cost_pico_usd: record.costPicoUsd,
      });
      expect(read?.ms).toBeCloseTo(record.durationMs, 1);
      expect(read?.team).toBe(record.team && clean(record.team));
      expect(read?.error_message).toBe(record.errorMessage && clean(record.errorMessage));
      expect(read?.saved_by_prompt_cache_pico_usd).toBe(record.savedByPromptCachePicoUsd);
      const tags = record.tags && Object.entries(record.tags).map(([name, value]) => [clean(name), clean(value)]);
      expect(read?.tags).toEqual(tags && Object.fromEntries(tags));
      expect(read?.usage?.inputTokens).toBe(record.usage?.inputTokens);
      expect(read?.attempts.map((one) => one.cost_pico_usd)).toEqual(record.attempts.map((one) => one.costPicoUsd));
    }),
    { seed: 20261120, numRuns: 300 },
  );
});

/** NUL is the one character that is not kept. */
function clean(value: string): string {
  return value.replaceAll('\0', '\ufffd');
}

test('tells zero from not known', () => {
  const line = createJournalLine();
  const { costPicoUsd: _, ...unpriced } = aRecord('call_1');
  expect(readJournalLine(line(unpriced))?.cost_pico_usd).toBeNull();
  expect(readJournalLine(line(aRecord('call_1', { costPicoUsd: 0 })))?.cost_pico_usd).toBe(0);
  const nothing = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 };
  expect(readJournalLine(line(aRecord('call_1', { usage: nothing })))?.usage).toEqual(nothing);
});

test('writes times to a hundredth of a millisecond', () => {
  const line = createJournalLine();
  for (const [given, written] of [
    [0, 0],
    [0.004, 0],
    [0.05, 0.05],
    [1.999, 2],
    [12.3456, 12.35],
    [-0.5, -0.5],
    [3e9, 3e9],
  ] as const)
    expect(readJournalLine(line(aRecord('call_1', { durationMs: given })))?.ms).toBe(written);
});

test.each([
  '',
  '{',
  '{"v":1}',
  'null',
  '[]',
  '"text"',
  '{"v":2,"id":"a","at":1,"attempts":[]}',
  '{"v":1,"id":1,"at":1,"attempts":[]}',
])('reads nothing out of %s', (torn) => expect(readJournalLine(torn)).toBeUndefined());
