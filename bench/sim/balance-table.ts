import { percent, type Scenario, TARGETS, ttftSeconds, wasLost, wasRetried, wentFirstTo } from './balance-scenarios.ts';
import type { Conduct } from './balance-world.ts';

/** What each target of the pool can do at once: seven tenths of it are in use. */
const SLOTS = 70;
/** The target to which things happen. */
const ODD = TARGETS - 1;
const ODD_NAME = `t${ODD}`;

const between = (second: number, from: number, to: number) => second >= from && second < to;

/** Something befalls the last target for a while. */
function befalls(conduct: Conduct, from: number, to: number) {
  return (index: number, second: number): Conduct => (index === ODD && between(second, from, to) ? conduct : {});
}

export const scenarios: Scenario[] = [
  {
    name: 'A pool in good health',
    about: 'Five members that can write 70 answers at once each; seven tenths of that are asked for.',
    conduct: () => ({ slots: SLOTS }),
    seconds: 240,
    counted: [60, 240],
    measures: 'first token p50 / p95',
    measure: (told) => [ttftSeconds(told, 0.5), ttftSeconds(told, 0.95)],
    units: ['s', 's'],
  },
  {
    name: 'A member loses three quarters of its room',
    about: 'The same pool; from the 60th second on one member can write a quarter as many answers.',
    conduct: (index, second) => ({ slots: index === ODD && second >= 60 ? SLOTS / 4 : SLOTS }),
    seconds: 240,
    counted: [60, 240],
    measures: 'first token p95 / p99',
    measure: (told) => [ttftSeconds(told, 0.95), ttftSeconds(told, 0.99)],
    units: ['s', 's'],
  },
  {
    name: 'A provider becomes slow',
    about: 'Five providers with room for all; one takes 6 times as long to begin and 3 times for each token.',
    conduct: befalls({ ttft: 6, pace: 3 }, 60, 240),
    seconds: 240,
    counted: [60, 240],
    measures: 'first token p99',
    measure: (told) => [ttftSeconds(told, 0.99)],
    units: ['s'],
    promise: { atMost: 2 },
  },
  {
    name: 'It recovers from being slow',
    about: 'The same, over after two minutes; counted are the 20 seconds from 20 seconds after. A fair share is 20 %.',
    conduct: befalls({ ttft: 6, pace: 3 }, 60, 180),
    seconds: 220,
    counted: [200, 220],
    measures: 'its share',
    measure: (told) => [percent(told, wentFirstTo(ODD_NAME))],
    units: ['%'],
    promise: { atLeast: 15 },
  },
  {
    name: 'It recovers from failing',
    about: 'One fails nine of ten calls within 30 ms for two minutes, without a breaker; counted as above.',
    conduct: befalls({ fails: 0.9 }, 60, 180),
    seconds: 220,
    counted: [200, 220],
    measures: 'its share',
    measure: (told) => [percent(told, wentFirstTo(ODD_NAME))],
    units: ['%'],
    promise: { atLeast: 15 },
  },
  {
    name: 'A provider fails fast',
    about: 'One fails nine of ten calls within 30 ms, without a breaker.',
    conduct: befalls({ fails: 0.9 }, 60, 240),
    seconds: 240,
    counted: [60, 240],
    measures: 'asked twice',
    measure: (told) => [percent(told, wasRetried)],
    units: ['%'],
    promise: { atMost: 2 },
  },
  {
    name: 'A provider fails in part',
    about: 'One fails three of ten calls within 30 ms, behind a breaker of five in a row.',
    conduct: befalls({ fails: 0.3 }, 60, 240),
    hasBreaker: true,
    seconds: 240,
    counted: [60, 240],
    measures: 'asked twice',
    measure: (told) => [percent(told, wasRetried)],
    units: ['%'],
    promise: { atMost: 4 },
  },
  {
    name: 'A provider hangs',
    about: 'One takes calls and says nothing, behind the same breaker; the gateway waits 30 s for a first byte.',
    conduct: befalls({ hangs: true }, 60, 180),
    hasBreaker: true,
    firstByteMs: 30_000,
    seconds: 280,
    counted: [60, 240],
    measures: 'first token p99 / asked twice',
    measure: (told) => [ttftSeconds(told, 0.99), percent(told, wasRetried)],
    units: ['s', '%'],
    promise: { atMost: 1.5 },
  },
  {
    name: 'Two providers have a limit',
    about: 'Two of five refuse more than 6 calls in a second, behind the same breaker.',
    conduct: (index) => (index >= TARGETS - 2 ? { callsPerSecond: 6 } : {}),
    hasBreaker: true,
    seconds: 240,
    counted: [60, 240],
    measures: 'lost',
    measure: (told) => [percent(told, wasLost)],
    units: ['%'],
  },
  {
    name: 'The same, by four gateways',
    about: 'Four gateways that know nothing of each other share the calls.',
    conduct: (index) => (index >= TARGETS - 2 ? { callsPerSecond: 6 } : {}),
    hasBreaker: true,
    gateways: 4,
    seconds: 240,
    counted: [60, 240],
    measures: 'lost',
    measure: (told) => [percent(told, wasLost)],
    units: ['%'],
  },
];
