import type { Clock } from '../../core/clock.ts';
import { createSuspicion } from './suspicion.ts';

export interface BreakerSettings {
  /** `adaptive` learns what is normal for each target; `fixed` counts failures in a row. */
  mode: 'adaptive' | 'fixed';
  /** Fixed: failures in a row that open it. */
  failureThreshold: number;
  /** Fixed: how long it stays open before a probe. */
  recoveryTimeoutMs: number;
  /** Fixed: probes let through at once while half open. */
  halfOpenMax: number;
}

/**
 * `ok` and `failed` speak of the target. `fatal`: it will not get better by itself (credentials, no such model, quota used up).
 * `void` tells nothing of it: the caller's own mistake, a client who left, a rate limit.
 */
export type Outcome = 'ok' | 'failed' | 'fatal' | 'void';

export type BreakerState = 'closed' | 'half-open' | 'open';

/** A breaker has opened or closed. */
export interface BreakerNews {
  name: string;
  state: 'open' | 'closed';
  /** Of `fatal`, a person should hear. */
  cause: 'failing' | 'fatal' | 'recovered' | 'reset';
  reason: string;
  /** Wall clock of the first probe; undefined when closed. */
  untilMs: number | undefined;
  /** How often it has opened since it last was healthy: 1 at the first time. */
  openings: number;
}

export interface BreakerView {
  state: BreakerState;
  /** Why it is not closed. */
  reason: string | undefined;
  isFatal: boolean;
  /** Wall clock of the first probe. */
  opensUntilMs: number | undefined;
  openings: number;
  /** The share of calls that is taken to fail when all is as usual. */
  baseline: number;
  /** 0 to 1: how near it is to opening. */
  suspicion: number;
  ratePerSecond: number;
  ramp: number;
}

/** May be sent with a call that is made although the breaker is open, as no better target is left. */
export const NO_PASS = 0;

const FIRST_OPEN_MS = 2_000;
/** Twice this lets one failure in 6,000 less through, and takes 12 s longer to notice a recovery (bench/sim/breakers.ts). */
const LONGEST_OPEN_MS = 30_000;
const FATAL_OPEN_MS = 300_000;
/** How long it must have been closed for the next opening to count as the first. */
const HEALTHY_MS = 30_000;
const RAMP_MS = 10_000;
/** Successes that close it. In fixed mode the first does, as in the pattern's textbook form. */
const ADAPTIVE_SUCCESSES = 3;
/** A probe that was never heard of again gives its place free. */
const PROBE_LEASE_MS = 60_000;
/** After a recovery a part of the proof is taken as given, so that a recovery that was none is found out sooner. */
const SUSPICION_AFTER_RECOVERY = 0.25;
/** What another node's word is worth. */
const WEIGHT_OF_HEARSAY = 0.5;

type Phase =
  | { name: 'closed'; since: number; wasOpen: boolean }
  | { name: 'open'; until: number; isFatal: boolean; reason: string; successes: number }
  | { name: 'half-open'; isFatal: boolean; reason: string; successes: number; probes: number; lastProbeAt: number };

export interface BreakerDeps {
  clock: Clock;
  random: () => number;
  settings(): BreakerSettings;
  /** A number that was never given before, and is not 0. */
  nextGeneration(): number;
  onNews(news: BreakerNews): void;
}

export type Breaker = ReturnType<typeof createBreaker>;

/** The breaker of one target. */
export function createBreaker(name: string, { clock, random, settings, nextGeneration, onNews }: BreakerDeps) {
  const suspicion = createSuspicion();
  let phase: Phase = { name: 'closed', since: clock.now(), wasOpen: false };
  /** Another one for each phase, so that the outcome of a call that began in an earlier one is known as such. */
  let generation = nextGeneration();
  let openings = 0;
  let failuresInARow = 0;

  const isFixed = () => settings().mode === 'fixed';

  const openTimeMs = (isFatal: boolean): number => {
    if (isFixed() && !isFatal) return settings().recoveryTimeoutMs;
    const base = isFatal ? FATAL_OPEN_MS : Math.min(LONGEST_OPEN_MS, FIRST_OPEN_MS * 2 ** (openings - 1));
    return base * (0.8 + 0.4 * random());
  };

  const open = (reason: string, isFatal: boolean) => {
    const now = clock.now();
    if (phase.name === 'closed' && now - phase.since >= HEALTHY_MS) openings = 0;
    openings += 1;
    generation = nextGeneration();
    const forMs = openTimeMs(isFatal);
    phase = { name: 'open', until: now + forMs, isFatal, reason, successes: 0 };
    const untilMs = clock.wallMs() + forMs;
    onNews({ name, state: 'open', cause: isFatal ? 'fatal' : 'failing', reason, untilMs, openings });
  };

  const close = () => {
    phase = { name: 'closed', since: clock.now(), wasOpen: true };
    generation = nextGeneration();
    failuresInARow = 0;
    suspicion.restart(SUSPICION_AFTER_RECOVERY);
    onNews({ name, state: 'closed', cause: 'recovered', reason: 'it answers again', untilMs: undefined, openings });
  };

  const succeed = (at: Extract<Phase, { successes: number }>) => {
    at.successes += 1;
    if (at.successes >= (isFixed() ? 1 : ADAPTIVE_SUCCESSES)) close();
  };

  const noteWhileClosed = (outcome: 'ok' | 'failed', why: string) => {
    const isOk = outcome === 'ok';
    const isProven = suspicion.note(isOk, clock.now());
    failuresInARow = isOk ? 0 : failuresInARow + 1;
    if (isFixed() ? failuresInARow >= settings().failureThreshold : isProven) open(why, false);
  };

  const mostProbes = () => (isFixed() ? settings().halfOpenMax : 1);

  const mayTry = (): boolean => {
    switch (phase.name) {
      case 'closed':
        return true;
      case 'open':
        return clock.now() >= phase.until;
      case 'half-open':
        return phase.probes < mostProbes() || clock.now() - phase.lastProbeAt >= PROBE_LEASE_MS;
    }
  };

  const stateNow = (): BreakerState => (phase.name === 'open' && clock.now() >= phase.until ? 'half-open' : phase.name);

  const rampNow = (): number => {
    if (phase.name !== 'closed') return 0;
    if (!phase.wasOpen || isFixed()) return 1;
    return Math.min(1, (clock.now() - phase.since) / RAMP_MS);
  };

  const noteFatal = (why: string, isOfNow: boolean) => {
    switch (phase.name) {
      case 'closed':
        if (isOfNow) open(why, true);
        return;
      case 'open':
        if (phase.isFatal) phase.successes = 0;
        else open(why, true);
        return;
      case 'half-open':
        if (isOfNow || !phase.isFatal) open(why, true);
    }
  };

  return {
    get state(): BreakerState {
      return stateNow();
    },

    mayTry,

    /** The number of the pass; NO_PASS where none is given. */
    takePass(): number {
      if (phase.name === 'closed') return generation;
      if (!mayTry()) return NO_PASS;
      const now = clock.now();
      if (phase.name === 'open') {
        const { isFatal, reason, successes } = phase;
        generation = nextGeneration();
        phase = { name: 'half-open', isFatal, reason, successes, probes: 0, lastProbeAt: now };
      } else if (phase.probes >= mostProbes()) {
        phase.probes = 0;
      }
      phase.probes += 1;
      phase.lastProbeAt = now;
      return generation;
    },

    note(outcome: Outcome, pass: number, why: string): void {
      const isOfNow = pass === generation || pass === NO_PASS;
      if (phase.name === 'half-open' && pass === generation) phase.probes = Math.max(0, phase.probes - 1);
      if (outcome === 'void') return;
      if (outcome === 'fatal') {
        noteFatal(why, isOfNow);
        return;
      }
      if (!isOfNow) return;
      switch (phase.name) {
        case 'closed':
          noteWhileClosed(outcome, why);
          return;
        case 'open':
          // A call that was sent all the same. Where time heals it is not waited for long; a person who mended a credential should not have to wait at all.
          if (!phase.isFatal) return;
          if (outcome === 'ok') succeed(phase);
          else phase.successes = 0;
          return;
        case 'half-open':
          if (outcome === 'ok') succeed(phase);
          else open(why, false);
      }
    },

    get ramp(): number {
      return rampNow();
    },

    hear({ state, cause }: Pick<BreakerNews, 'state' | 'cause'>): void {
      if (state === 'open' && phase.name === 'closed') {
        suspicion.raise(WEIGHT_OF_HEARSAY);
        failuresInARow = Math.max(failuresInARow, Math.floor(WEIGHT_OF_HEARSAY * settings().failureThreshold));
      }
      if (state === 'closed' && cause !== 'reset' && phase.name === 'open' && !phase.isFatal)
        phase.until -= WEIGHT_OF_HEARSAY * Math.max(0, phase.until - clock.now());
    },

    get view(): BreakerView {
      const shut = phase.name === 'closed' ? undefined : phase;
      return {
        state: stateNow(),
        reason: shut?.reason,
        isFatal: shut?.isFatal ?? false,
        opensUntilMs: phase.name === 'open' ? clock.wallMs() + phase.until - clock.now() : undefined,
        openings: shut === undefined ? 0 : openings,
        baseline: suspicion.baseline,
        suspicion: shut === undefined ? Math.min(1, suspicion.share) : 1,
        ratePerSecond: suspicion.ratePerSecond,
        ramp: rampNow(),
      };
    },

    /** The time of the next probe: now where one may be made. Infinite for what only a person can mend, so that it comes last. */
    get nextTryAt(): number {
      if (phase.name === 'closed') return Number.NEGATIVE_INFINITY;
      if (phase.isFatal) return Number.POSITIVE_INFINITY;
      return phase.name === 'open' ? phase.until : clock.now();
    },

    get isShut(): boolean {
      return phase.name !== 'closed';
    },
  };
}
