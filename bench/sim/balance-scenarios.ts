import type { Clock } from '../../gateway/src/core/clock.ts';
import { createBalancer } from '../../gateway/src/upstream/balance/balancer.ts';
import {
  type Breaker,
  type Chooser,
  createFixedBreaker,
  createGroup,
  createOwnBreaker,
  type GatewayDeps,
  sendCall,
  type Told,
} from './balance-gateway.ts';
import {
  createNaiveChooser,
  exploringEwma,
  leastMeanOf100,
  lessOutstandingOfTwo,
  type Naive,
  peakEwma,
  roundRobin,
} from './balance-naive.ts';
import { type Conduct, createBackend } from './balance-world.ts';
import { createEngine, createRandom, drawExponential, drawLogNormal, quantile } from './engine.ts';

/** A world in which a strategy is tried: targets that share 40 calls in a second, of which some change at a moment. */
export interface Scenario {
  name: string;
  /** What the number in the table is. */
  measures: string;
  about: string;
  /** How the backend with this index behaves at a time in seconds. */
  conduct(index: number, second: number): Conduct;
  hasBreaker?: boolean;
  gateways?: number;
  firstByteMs?: number;
  seconds: number;
  /** The seconds in which calls are counted. */
  counted: [number, number];
  /** The numbers in the table's cell, in the order of `units`. */
  measure(counted: Told[]): number[];
  units: string[];
  /** What is promised of the first of the numbers, for the gateway's own strategy. */
  promise?: { atMost: number } | { atLeast: number };
}

/** Who decides: which target is asked, and, in scenarios with a breaker, which are not to be asked. */
export interface Contestant {
  chooser(now: () => number, random: () => number): Chooser;
  breaker(clock: Clock, random: () => number): Breaker;
}

export const OURS = '`latency`';

const naive = (create: () => Naive): Contestant => ({
  chooser: (now, random) => createNaiveChooser(create(), now, random),
  breaker: createFixedBreaker,
});
const chooser = (now: () => number, random: () => number) => createBalancer({ clock: { now }, random });

/** Every column of the table; the last two are the gateway's. */
export const contestants: Record<string, Contestant> = {
  'round robin': naive(roundRobin),
  'least mean of 100': naive(leastMeanOf100),
  'EWMA + 5 %': naive(exploringEwma),
  'P2C outstanding': naive(lessOutstandingOfTwo),
  'peak EWMA, total': naive(peakEwma(false)),
  'peak EWMA, first token': naive(peakEwma(true)),
  [OURS]: { chooser, breaker: createFixedBreaker },
  [`${OURS}, adaptive breaker`]: { chooser, breaker: createOwnBreaker },
};

export const TARGETS = 5;
const CALLS_PER_SECOND = 40;
const TRIES = 2;

/** Lives through a scenario and gives what is told of the calls that count. */
export function live(scenario: Scenario, contestant: Contestant, seed: number): Told[] {
  const engine = createEngine();
  const { now } = engine.clock;
  const group = createGroup(TARGETS);
  const backends = new Map(
    group.members.map(({ target }, index) => [
      target.name,
      createBackend(engine, createRandom(seed * 100 + index), (ms) => scenario.conduct(index, ms / 1000)),
    ]),
  );
  const gateways = Array.from({ length: scenario.gateways ?? 1 }, (_, index): GatewayDeps => {
    const breaker = scenario.hasBreaker
      ? contestant.breaker(engine.clock, createRandom(seed * 100 + 70 + index))
      : undefined;
    const chooser = contestant.chooser(now, createRandom(seed * 100 + 50 + index));
    const firstByteMs = scenario.firstByteMs ?? Number.POSITIVE_INFINITY;
    return { engine, group, backends, chooser, breaker, firstByteMs, tries: TRIES };
  });

  const random = createRandom(seed);
  const all: Told[] = [];
  const arrive = () => {
    const inputTokens = Math.round(Math.min(drawLogNormal(random, 1200, 0.9), 60_000));
    const outputTokens = Math.round(Math.min(Math.max(drawLogNormal(random, 200, 1), 10), 4_000));
    const gateway = gateways[Math.floor(random() * gateways.length)]!;
    all.push(sendCall(gateway, { inputTokens, outputTokens }));
    engine.after(drawExponential(random, 1000 / CALLS_PER_SECOND), arrive);
  };
  engine.at(0, arrive);
  engine.runUntil(scenario.seconds * 1000);
  // A call that still waits has waited until now.
  for (const told of all) if (!told.isLost) told.ttftMs ??= now() - told.askedAt;
  const [from, to] = scenario.counted;
  return all.filter(({ askedAt }) => askedAt >= from * 1000 && askedAt < to * 1000);
}

/** Seconds until the first token that this share (0 to 1) of the answered calls did not exceed. */
export function ttftSeconds(told: Told[], share: number): number {
  const waits = told.filter(({ ttftMs }) => ttftMs !== undefined).map(({ ttftMs }) => ttftMs! / 1000);
  return quantile(waits, share);
}

/** Per cent of the calls. */
export function percent(told: Told[], is: (told: Told) => boolean): number {
  return (100 * told.filter(is).length) / told.length;
}

export const wasRetried = ({ tries }: Told) => tries > 1;
export const wasLost = ({ isLost }: Told) => isLost;
export const wentFirstTo =
  (name: string) =>
  ({ names }: Told) =>
    names[0] === name;
