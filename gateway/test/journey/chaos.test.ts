import {
  closeWithoutAnswer,
  cutAfter,
  delay,
  endAfter,
  errorAfter,
  overloadedFirst,
  resetBeforeHeaders,
  retryAfter,
  stallBefore,
  status,
} from '@xidao/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fault, heapUsed, openResources, type Ran, randomOf, runChaos } from './chaos.ts';

const STREAMS = 1_000;
const SEED = 20_260_101;

const FAULTS: Fault[] = [
  { name: 'hangs', bad: (healthy) => stallBefore('headers', healthy), firstByte: '250ms', mayFail: false },
  { name: 'fails fast', bad: () => status(500), mayFail: false },
  {
    name: 'fails in 30 %',
    bad: (healthy) => {
      const random = randomOf(SEED);
      const faults = [status(503), resetBeforeHeaders(), overloadedFirst(), cutAfter('text 3', healthy)];
      return (asked) => (random() < 0.3 ? faults[Math.floor(random() * faults.length)]! : healthy)(asked);
    },
    mayFail: true,
  },
  { name: 'is slow', bad: (healthy) => delay(10, healthy), mayFail: false },
  {
    name: 'storms of 429',
    bad: () => retryAfter(1),
    second: (healthy, number) => (asked) => (number(asked) % 10 === 0 ? status(429) : healthy)(asked),
    mayFail: true,
  },
  { name: 'is overloaded inside a 200', bad: () => overloadedFirst(), mayFail: false },
  { name: 'closes without a word', bad: () => closeWithoutAnswer(), mayFail: false },
  { name: 'is cut after the headers', bad: (healthy) => cutAfter('headers', healthy), mayFail: false },
  { name: 'is cut after the role', bad: (healthy) => cutAfter('chunk 1', healthy), mayFail: true },
  { name: 'is cut after text', bad: (healthy) => cutAfter('text 3', healthy), mayFail: true },
  { name: 'ends too early, cleanly', bad: (healthy) => endAfter('text 3', healthy), mayFail: true },
  {
    name: 'tells an error after text',
    bad: (healthy) => errorAfter('text 2', { status: 529 }, healthy),
    mayFail: true,
  },
  {
    name: 'is cut inside a tool call',
    bad: (healthy) => cutAfter('inside-tool-call', healthy),
    callsTool: true,
    mayFail: true,
  },
  { name: 'is cut inside a character', bad: (healthy) => cutAfter('inside-utf8', healthy), mayFail: true },
  { name: 'has no address', at: () => 'http://nobody.invalid', firstByte: '1s', mayFail: false },
  { name: 'speaks no TLS', at: ({ port }) => `https://127.0.0.1:${port}`, mayFail: false },
  {
    name: 'comes back',
    bad: (healthy, number) => (asked) => (number(asked) < STREAMS / 2 ? status(500) : healthy)(asked),
    breaker: { mode: 'fixed', failure_threshold: 5, recovery_timeout: '50ms' },
    mayFail: false,
  },
  { name: 'every fifth client leaves', leavesEvery: 5, bad: (healthy) => delay(2, healthy), mayFail: false },
];

const table: Record<string, Record<string, number>> = {};
let unhandled = 0;
const count = () => {
  unhandled += 1;
};
let before: { heap: number; resources: Record<string, number> };

beforeAll(async () => {
  process.on('unhandledRejection', count);
  // What is loaded and compiled once is no leak.
  await runChaos(FAULTS[1]!, 200, SEED);
  before = { heap: heapUsed(), resources: await openResources() };
});

afterAll(() => {
  process.off('unhandledRejection', count);
  console.table(table);
});

test.each(FAULTS)('a provider that $name corrupts no stream and loses none', async (fault) => {
  const startedAt = performance.now();
  const ran = await runChaos(fault, STREAMS, SEED);
  table[fault.name] = { ...tally(ran), seconds: Math.round((performance.now() - startedAt) / 100) / 10 };

  expect(ran.told.filter(({ outcome }) => outcome === 'corrupt').slice(0, 5)).toEqual([]);
  expect(ran.told).toHaveLength(STREAMS);
  expect(new Set(ran.records.map(({ id }) => id)).size).toBe(ran.records.length);
  expect(ran.records).toHaveLength(STREAMS);
  if (!fault.mayFail) expect(ran.told.filter(({ outcome }) => outcome === 'told an error')).toEqual([]);
  // The fault was met, and those who did not meet it were answered.
  if (fault.at === undefined) expect(ran.badCalls).toBeGreaterThan(150);
  expect(ran.told.filter(({ outcome }) => outcome === 'answered').length).toBeGreaterThan(STREAMS / 3);
  if (fault.name === 'comes back') expect(answeredByBad(ran)).toBeGreaterThan(100);
  expect(unhandled).toBe(0);
});

test('nothing stays open and nothing stays in memory', async () => {
  const { TTYWrap: _, ...after } = await openResources();
  for (const [kind, number] of Object.entries(after))
    expect(number, kind).toBeLessThanOrEqual((before.resources[kind] ?? 0) + 2);
  expect((heapUsed() - before.heap) / 1024 / 1024).toBeLessThan(20);
});

function tally({ told, records, badCalls }: Ran): Record<string, number> {
  const of = (outcome: string) => told.filter((one) => one.outcome === outcome).length;
  const movedOn = records.filter(({ attempts, outcome }) => outcome === 'complete' && (attempts as []).length > 1);
  return {
    answered: of('answered'),
    'of these moved on': movedOn.length,
    'told an error': of('told an error'),
    left: of('left'),
    corrupt: of('corrupt'),
    'calls to the faulty one': badCalls,
  };
}

function answeredByBad({ records }: Ran): number {
  return records.filter(({ provider, outcome }) => outcome === 'complete' && String(provider).startsWith('bad')).length;
}
