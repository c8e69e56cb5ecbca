import type { Clock } from '../../core/clock.ts';
import { createKeptByName } from '../kept-by-name.ts';
import {
  type BreakerNews,
  type BreakerSettings,
  type BreakerState,
  type BreakerView,
  createBreaker,
  NO_PASS,
  type Outcome,
} from './breaker.ts';

/** The breakers of all targets, by the target's name. Furniture: they outlive a reload, with what they have learned. */
export interface Breakers {
  state(name: string): BreakerState;
  /** Whether a call may be sent now. Changes nothing. */
  mayTry(name: string): boolean;
  /**
   * Leave to send one call, to be given back with its outcome: a number that is not 0. Half open, it takes a probe's place. 0 (NO_PASS): not now; a call that is sent all
   * the same, because nothing else is left, notes its outcome with that.
   */
  takePass(name: string): number;
  /**
   * Every pass that was taken is noted, if only as `void`: best when the answer begins, so that a probe's place is not held as long as the answer is, and an answer that breaks
   * off later once more, as `failed`. Outcomes of calls that began before the breaker last changed are not held against the target.
   */
  note(name: string, pass: number, outcome: Outcome, why?: string): void;
  /** 0 to 1: the share of its traffic that a target should get back after it was closed (linear over 10 s); 1 if it was never open, 0 while it is. */
  ramp(name: string): number;
  view(name: string): BreakerView;
  /** Everything that is known, for metrics and console. */
  views(): Iterable<[name: string, view: BreakerView]>;
  /** Forgets all about a target: for a person who has mended it, or a reload that changed its credential. */
  reset(name: string): void;
  /**
   * Another node's news, which are worth half of one's own: an opening there leaves half of the proof to be seen here, and a closing there halves the time until a
   * probe. Neither opens nor closes anything by itself, and is not passed on.
   */
  hear(news: Pick<BreakerNews, 'name' | 'state' | 'cause'>): void;
  /** Of targets that may all not be tried, the one to try all the same: the last of a model is never shut. Undefined only for none. */
  leastBad(names: readonly string[]): string | undefined;
  /** New settings hold from the next outcome on; what is open stays so for its time. */
  configure(settings: BreakerSettings): void;
}

export interface BreakersDeps {
  clock: Clock;
  random: () => number;
  settings: BreakerSettings;
  /** Told of each opening and closing, and of nothing that was only heard. */
  onNews?: (news: BreakerNews) => void;
}

/** Targets are few; names of models that nobody serves may come from outside. */
const MOST_KEPT = 4_096;

export function createBreakers({ clock, random, settings, onNews = () => {} }: BreakersDeps): Breakers {
  let current = settings;
  let generation = 0;
  const deps = { clock, random, settings: () => current, nextGeneration: () => ++generation, onNews };
  const breakers = createKeptByName(MOST_KEPT, (name) => createBreaker(name, deps));

  return {
    state: (name) => breakers.find(name)?.state ?? 'closed',
    mayTry: (name) => breakers.find(name)?.mayTry() ?? true,
    takePass: (name) => breakers.of(name).takePass(),
    note(name, pass, outcome, why = 'it failed') {
      if (outcome === 'void' && pass === NO_PASS) return;
      breakers.of(name).note(outcome, pass, why);
    },
    ramp: (name) => breakers.find(name)?.ramp ?? 1,
    view: (name) => breakers.of(name).view,
    *views() {
      for (const [name, breaker] of breakers.entries()) yield [name, breaker.view];
    },
    reset(name) {
      const known = breakers.find(name);
      breakers.forget(name);
      if (known?.isShut)
        onNews({ name, state: 'closed', cause: 'reset', reason: 'reset', untilMs: undefined, openings: 0 });
    },
    hear(news) {
      const breaker = news.state === 'open' ? breakers.of(news.name) : breakers.find(news.name);
      breaker?.hear(news);
    },
    leastBad(names) {
      let best: string | undefined;
      let bestAt = Number.POSITIVE_INFINITY;
      for (const name of names) {
        const at = breakers.find(name)?.nextTryAt ?? Number.NEGATIVE_INFINITY;
        if (best === undefined || at < bestAt) {
          best = name;
          bestAt = at;
        }
      }
      return best;
    },
    configure(next) {
      current = next;
    },
  };
}

export { type BreakerNews, type BreakerSettings, type BreakerState, type BreakerView, NO_PASS, type Outcome };
