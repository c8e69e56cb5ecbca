import type { Scored } from './score-candidates.ts';
import type { AutoSettings, TaskRoute } from './settings.ts';
import type { TaskBook } from './task-book.ts';
import type { TaskSignals } from './task-signals.ts';
import { type Tier, UNKNOWN } from './tasks.ts';

export interface Order {
  /** The best first; those that a list leaves out are not in it. */
  ranked: Scored[];
  /** For people: `by score`, `as the task lists them` … */
  because: string;
  /** True: the operator's list decides, and scores only break what it leaves open. */
  isListed: boolean;
  isAbstaining: boolean;
  /** The task's own settings. */
  route?: TaskRoute;
}

export interface Ordering {
  scored: readonly Scored[];
  signals: TaskSignals;
  tier: Tier;
  isTierAsked: boolean;
  /** Tiers above what was asked, as answers were not good enough. */
  raised: number;
  /** How many judged prompts are like this one. */
  evidence: number;
  book: TaskBook;
  settings: AutoSettings;
}

/** So many judged prompts nearby make a request of no known kind known all the same. */
const ENOUGH_EVIDENCE = 1;

/** The operator's word first (a tier that was asked for, the task's models, the order of providers), then the score; a request like nothing known goes to the default. */
export function orderCandidates(ordering: Ordering): Order {
  const { signals, tier, isTierAsked, book, settings } = ordering;
  const isUnknown = signals.task === UNKNOWN;
  const task = isUnknown && settings.default_task !== undefined ? settings.default_task : signals.task;
  const route = isUnknown && settings.default_task === undefined ? undefined : book.routeOf(task, signals.difficulty);
  const withRoute = route === undefined ? {} : { route };
  const isAbstaining = isUnknown && ordering.evidence < ENOUGH_EVIDENCE;

  if (isTierAsked || ordering.raised > 0) {
    const ofTier = listed(ordering, book.modelsOfTier(tier));
    if (ofTier !== undefined) return { ...ofTier, ...withRoute, because: `as tier ${tier} lists them`, isAbstaining };
  }
  if (isAbstaining && settings.defaultModel !== undefined && settings.default_task === undefined) {
    const first = ordering.scored.filter(({ candidate }) => isNamed(candidate.name, settings.defaultModel!));
    if (first.length > 0) {
      const others = byScore(ordering.scored).filter((one) => !first.includes(one));
      return {
        ranked: [...first, ...others],
        because: 'the default, as it is like nothing known',
        isListed: true,
        isAbstaining,
      };
    }
  }
  if (route !== undefined) {
    const ofTask = listed(ordering, book.modelsOfRoute(route));
    if (ofTask !== undefined) return { ...ofTask, route, because: `as task ${task} lists them`, isAbstaining };
  }
  const providers = isUnknown ? undefined : book.providersOf(task);
  if (providers !== undefined) {
    return {
      ranked: byProvider(ordering.scored, providers),
      ...withRoute,
      because: 'by provider priority',
      isListed: true,
      isAbstaining,
    };
  }
  return { ranked: byScore(ordering.scored), ...withRoute, because: 'by score', isListed: false, isAbstaining };
}

/** Undefined: there is no list, or nobody on it can answer. A question that is asked again goes to the best of the list. */
function listed(
  { scored, raised }: Ordering,
  names: readonly string[] | undefined,
): { ranked: Scored[]; isListed: true } | undefined {
  if (names === undefined) return undefined;
  const ranked = names.flatMap((name) => scored.filter(({ candidate }) => isNamed(candidate.name, name)));
  if (ranked.length === 0) return undefined;
  const each = [...new Set(ranked)];
  return { ranked: raised === 0 ? each : each.toSorted((a, b) => b.quality - a.quality), isListed: true };
}

function byScore(scored: readonly Scored[]): Scored[] {
  return scored.toSorted((a, b) => b.score - a.score || (a.candidate.name < b.candidate.name ? -1 : 1));
}

function byProvider(scored: readonly Scored[], providers: readonly string[]): Scored[] {
  const rank = ({ candidate }: Scored) => {
    const place = providers.indexOf(candidate.provider);
    return place === -1 ? providers.length : place;
  };
  return byScore(scored).toSorted((a, b) => rank(a) - rank(b));
}

/** A list may name a model without its provider. */
function isNamed(candidate: string, name: string): boolean {
  return candidate === name || (!name.includes('/') && candidate.endsWith(`/${name}`));
}
