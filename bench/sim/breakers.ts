// What a breaker lets through while a target fails, and what it refuses while it does not. The adaptive and the fixed one are the gateway's own.
import type { Clock } from '../../gateway/src/core/clock.ts';
import { type BreakerSettings, createBreakers } from '../../gateway/src/upstream/breaker/breakers.ts';
import { createAsPrinted, createConsecutive, createRatio, type Guard } from './breakers-naive.ts';
import { atMost, type Chapter, type Check, type Table } from './chapter.ts';
import { createEngine, createRandom, drawExponential, quantile } from './engine.ts';

interface Scenario {
  name: string;
  callsPerSecond: number;
  /** Share of calls that fails, by seconds since the start. */
  failing(second: number): number;
  /** Seconds of the trouble; calls are counted within them. */
  from: number;
  to: number;
  /** Seconds that are simulated. */
  lasts: number;
}

interface Outcome {
  /** Failures of the target that a caller met. */
  letThrough: number;
  /** Failures there would have been without a breaker. */
  ofFailures: number;
  /** Share of calls that were not sent although the target was as it always is. */
  refused: number;
  /** Seconds from the end of the trouble until nine in ten of a second's calls are sent again. */
  recovery: number;
}

const ADAPTIVE: BreakerSettings = { mode: 'adaptive', failureThreshold: 5, recoveryTimeoutMs: 30_000, halfOpenMax: 3 };

type MakeGuard = (clock: Clock, random: () => number) => Guard;

const BREAKERS: readonly [name: string, make: MakeGuard][] = [
  ['5 in a row, 30 s', createConsecutive],
  ["the article's listing", createAsPrinted],
  ['ratio > 20 %, 10 s, n >= 20', createRatio],
  ['fixed (ours)', (clock, random) => guardOf({ ...ADAPTIVE, mode: 'fixed' }, clock, random)],
  ['adaptive (ours)', (clock, random) => guardOf(ADAPTIVE, clock, random)],
];

const steadily = (usual: number, inTrouble: number) => (second: number) =>
  second >= 300 && second < 420 ? inTrouble : usual;

const trouble = (name: string, callsPerSecond: number, usual: number, inTrouble: number): Scenario => ({
  name,
  callsPerSecond,
  failing: steadily(usual, inTrouble),
  from: 300,
  to: 420,
  lasts: 520,
});

const OUTAGE = trouble('outage 100 %, 50 rps', 50, 0.005, 1);
const PARTIAL = trouble('partial 25 %, 50 rps', 50, 0.005, 0.25);
const STABLE: Scenario = { ...trouble('stable 15 %, 50 rps', 50, 0.15, 0.15), from: 0, to: 520 };
const STABLE_SLOW: Scenario = { ...STABLE, name: 'stable 15 %, 2 rps', callsPerSecond: 2 };
const HEALTHY: Scenario = { ...trouble('stable 1 %, 50 rps', 50, 0.01, 0.01), from: 0, to: 520 };

const TROUBLES = [
  OUTAGE,
  PARTIAL,
  trouble('partial 25 %, 2 rps', 2, 0.005, 0.25),
  trouble('noisy 8 % to 60 %, 50 rps', 50, 0.08, 0.6),
  trouble('outage 100 %, 0.2 rps', 0.2, 0.005, 1),
];
const QUIET = [HEALTHY, STABLE, STABLE_SLOW];

/** The outcomes of a scenario, one per seed. */
export function runScenario(scenario: Scenario, make: MakeGuard, runs: number): Outcome[] {
  return Array.from({ length: runs }, (_, seed) => runOnce(scenario, make, seed + 1));
}

function runOnce(scenario: Scenario, make: MakeGuard, seed: number): Outcome {
  const engine = createEngine();
  const random = createRandom(seed);
  const guard = make(engine.clock, random);
  const seen = { letThrough: 0, ofFailures: 0, calls: 0, refused: 0 };
  let recoveredAt: number | undefined;
  let inSecond = { second: -1, calls: 0, sent: 0 };
  for (let at = 0; at < scenario.lasts * 1_000; at += drawExponential(random, 1_000 / scenario.callsPerSecond)) {
    engine.runUntil(at);
    const second = at / 1_000;
    const fails = random() < scenario.failing(second);
    const isSent = guard.lets();
    if (isSent) guard.note(!fails);
    if (Math.floor(second) !== inSecond.second) {
      if (inSecond.second >= scenario.to && inSecond.sent >= 0.9 * inSecond.calls) recoveredAt ??= inSecond.second;
      inSecond = { second: Math.floor(second), calls: 0, sent: 0 };
    }
    inSecond.calls += 1;
    if (isSent) inSecond.sent += 1;
    if (second < scenario.from || second >= scenario.to) continue;
    seen.calls += 1;
    if (fails) seen.ofFailures += 1;
    if (fails && isSent) seen.letThrough += 1;
    if (!isSent) seen.refused += 1;
  }
  return {
    letThrough: seen.letThrough,
    ofFailures: seen.ofFailures,
    refused: seen.refused / seen.calls,
    recovery: (recoveredAt ?? Number.POSITIVE_INFINITY) - scenario.to,
  };
}

function guardOf(settings: BreakerSettings, clock: Clock, random: () => number): Guard {
  const breakers = createBreakers({ clock, random, settings });
  let pass = 0;
  return {
    lets() {
      // The balancer gives a target that has just recovered its share back bit by bit.
      if (breakers.state('t') === 'closed' && random() >= breakers.ramp('t')) return false;
      pass = breakers.takePass('t');
      return pass !== 0;
    },
    note: (isOk) => breakers.note('t', pass, isOk ? 'ok' : 'failed'),
  };
}

/** The breakers' part of the simulation. */
export const chapter: Chapter = {
  title: 'Circuit breakers',
  run({ quick }) {
    return { tables: quick ? [] : [tellTroubles(40), tellQuiet(40)], checks: checkPromises(quick ? 6 : 40) };
  },
};

function checkPromises(runs: number): Check[] {
  const [, adaptive] = BREAKERS.at(-1)!;
  const outage = runScenario(OUTAGE, adaptive, runs);
  const partial = runScenario(PARTIAL, adaptive, runs);
  const stable = runScenario(STABLE, adaptive, runs);
  return [
    atMost('failures let through in a full outage at 50 rps, mean', meanOf(outage, 'letThrough'), 12, 'failures'),
    atMost('failures let through at 25 % failing, 50 rps, mean', meanOf(partial, 'letThrough'), 60, 'failures'),
    atMost('calls refused at a stable 15 % of failures, 50 rps', 100 * meanOf(stable, 'refused'), 0, '%'),
    atMost('seconds until recovered from a full outage at 50 rps, median', medianOf(outage, 'recovery'), 45, 's'),
  ];
}

function tellTroubles(runs: number): Table {
  return {
    caption: 'Failures let through in two minutes of trouble, of all that there would be; seconds until recovered',
    columns: ['breaker', ...TROUBLES.map(({ name }) => name)],
    rows: BREAKERS.map(([name, make]) => [
      name,
      ...TROUBLES.map((scenario) => {
        const outcomes = runScenario(scenario, make, runs);
        const recovery = scenario.callsPerSecond < 1 ? '' : `; ${tellSeconds(medianOf(outcomes, 'recovery'))}`;
        return `${meanOf(outcomes, 'letThrough').toFixed(0)} of ${meanOf(outcomes, 'ofFailures').toFixed(0)}${recovery}`;
      }),
    ]),
    note: `Five minutes as usual (0.5 % failing, or 8 %), two of trouble, then as usual again. Means of ${runs} seeded runs; of the seconds, medians.`,
  };
}

function tellQuiet(runs: number): Table {
  return {
    caption: 'Calls refused although the target is as it always is',
    columns: ['breaker', ...QUIET.map(({ name }) => name)],
    rows: BREAKERS.map(([name, make]) => [
      name,
      ...QUIET.map((scenario) => `${(100 * meanOf(runScenario(scenario, make, runs), 'refused')).toFixed(2)} %`),
    ]),
    note: `From a cold start, 520 s. Means of ${runs} seeded runs.`,
  };
}

function meanOf(outcomes: Outcome[], what: keyof Outcome): number {
  return outcomes.reduce((sum, outcome) => sum + outcome[what], 0) / outcomes.length;
}

function medianOf(outcomes: Outcome[], what: keyof Outcome): number {
  return quantile(
    outcomes.map((outcome) => outcome[what]),
    0.5,
  );
}

function tellSeconds(seconds: number): string {
  return Number.isFinite(seconds) ? `${seconds.toFixed(0)} s` : 'never';
}
