import type { Decision, RequestDefaults } from '../../core/plan.ts';
import type { Candidate } from './candidate.ts';
import { type ExemplarModel, FEWEST_EXEMPLARS } from './exemplars/exemplar-model.ts';
import { createExpectedOutput } from './expected-output.ts';
import { whyUnable } from './hard-filters.ts';
import { orderCandidates } from './order-candidates.ts';
import { protectSession } from './protect-session.ts';
import { createQualityTable } from './quality-table.ts';
import { type Scored, scoreCandidates } from './score-candidates.ts';
import { createSessions, type SessionState, similarity, wordHashes } from './sessions.ts';
import { AUTO_DEFAULTS, type AutoSettings, type TaskRoute } from './settings.ts';
import type { SignalSource } from './signals.ts';
import { createTaskBook } from './task-book.ts';
import { type Hints, readTaskSignals, type TaskSignals } from './task-signals.ts';
import { type Tier, tierAbove, UNKNOWN } from './tasks.ts';
import type { TaskWeights } from './text/task-weights.ts';
import { createTierShare } from './tier-share.ts';

export interface AutoRouterDeps {
  settings?: Partial<AutoSettings>;
  /** Milliseconds since 1970. */
  now(): number;
  /** The classifier's weights; asked for on the first decision. */
  weights(): TaskWeights;
}

export interface Ask {
  /** As the client says it (`auto:high`, `x-xidao-tier`); goes before the operator's default. */
  tier?: Tier | undefined;
  /** The conversation, scoped to its key by the caller. Absent: nothing is remembered. */
  session?: string | undefined;
  /** The key, for its share of the dearest tier. */
  key?: string | undefined;
}

export interface AutoDecision {
  /** Models to ask, in order; empty when none can answer. */
  names: readonly string[];
  /** For people and `x-xidao-route`. */
  reason: string;
  decision: Decision;
  /** What the task asks for where the client does not say. */
  defaults?: RequestDefaults;
  /** True: the request is like nothing known, so that the default answers. */
  isAbstaining: boolean;
  /** True: the conversation stays with its model though another scores higher. */
  isKept: boolean;
}

/** How an answer turned out, told when it is over. */
export interface Outcome {
  session?: string | undefined;
  task: string;
  model: string;
  /** `bad_tool_call`: not what the tool's schema allows; `refused` and `empty` are answers that are none. */
  what: 'answered' | 'bad_tool_call' | 'refused' | 'empty' | 'truncated';
  /** 0 to 1, where somebody or something judged it. */
  score?: number;
  outputTokens?: number;
  /** Input that is now in the provider's prompt cache. */
  cachedTokens?: number;
}

export interface AutoRouter {
  /** What kind of request this is. Never throws; looks at 8 K characters at most. */
  classify(source: SignalSource, hints?: Hints): TaskSignals;
  /** Which candidates to ask, in order, and for each of the others why not. Remembers the choice for the session. */
  decide(signals: TaskSignals, candidates: readonly Candidate[], ask?: Ask): AutoDecision;
  /** The same without remembering anything: for dry runs. */
  explain(signals: TaskSignals, candidates: readonly Candidate[], ask?: Ask): AutoDecision;
  note(outcome: Outcome): void;
  /** Puts judged prompts to use, as `fitExemplars` learned them; fewer than 200 are not believed. */
  useExemplars(model: ExemplarModel | undefined): void;
}

/** Of the calls whose text alone leads to the dearest tier. */
const SHARE_BY_TEXT = 0.2;
/** A turn as like the one before as this is the same question again. */
const ASKED_AGAIN = 0.8;
const MOST_RAISED = 3;
const WEIGHT_JUDGED = 1;
const WEIGHT_GUESSED = 0.25;

/** `model: "auto"`: chooses by what the request is, what models are good at, and what they cost. Synchronous, without network, well under half a millisecond. */
export function createAutoRouter(deps: AutoRouterDeps): AutoRouter {
  const settings: AutoSettings = { ...AUTO_DEFAULTS, ...deps.settings };
  const book = createTaskBook(settings);
  const table = createQualityTable({ now: deps.now, given: settings.quality });
  const output = createExpectedOutput();
  const sessions = createSessions(deps.now);
  const share = createTierShare();
  let exemplars: ExemplarModel | undefined;
  const scoring = { table, output, settings, exemplars: () => exemplars };

  function chooseTier(signals: TaskSignals, ask: Ask, raised: number): Tier {
    const asked = ask.tier ?? signals.tier ?? settings.defaultTier;
    let tier = asked;
    for (let step = 0; step < raised; step++) tier = tierAbove(tier);
    if (tier !== 'max' || ask.key === undefined) return tier;
    const most = settings.maxTierShare ?? (asked === 'max' ? 1 : SHARE_BY_TEXT);
    return share.allows(ask.key, most) ? tier : 'high';
  }

  function weigh(signals: TaskSignals, candidates: readonly Candidate[], ask: Ask, mayRemember: boolean): AutoDecision {
    const session = ask.session === undefined ? undefined : sessions.find(ask.session);
    const words = wordHashes(signals.source.text);
    const raised = raisedBy(session, words, signals.source);
    const tier = chooseTier(signals, ask, raised);
    const { able, excluded } = filterCandidates(candidates, signals.source);
    const { scored, evidence } = scoreCandidates(scoring, able, signals, tier);
    const affordable = withinCeilings(scored, settings, excluded);
    const order = orderCandidates({
      scored: affordable,
      signals,
      tier,
      isTierAsked: ask.tier !== undefined,
      raised,
      evidence,
      book,
      settings,
    });
    const { chosen, isKept } = protectSession({ order, scored: affordable, session, signals, tier, raised, settings });
    if (mayRemember) remember(ask, chosen[0], tier, words, raised, session);
    return {
      names: chosen.map(({ candidate }) => candidate.name),
      reason: reasonOf(signals, tier, order.because, isKept, chosen.length),
      decision: decisionOf(signals, tier, chosen, affordable, excluded, order.because),
      ...(order.route !== undefined && defaultsOf(order.route)),
      isAbstaining: order.isAbstaining,
      isKept,
    };
  }

  function remember(
    ask: Ask,
    first: Scored | undefined,
    tier: Tier,
    lastWords: Uint32Array,
    raised: number,
    before: SessionState | undefined,
  ): void {
    if (ask.key !== undefined) share.note(ask.key, tier === 'max');
    if (ask.session === undefined || first === undefined) return;
    const model = first.candidate.name;
    const cachedTokens = before?.model === model ? before.cachedTokens : 0;
    sessions.keep(ask.session, { model, raised, cachedTokens, lastWords, at: deps.now() });
  }

  return {
    classify: (source, hints = {}) => readTaskSignals(source, hints, { book, weights: deps.weights }),
    decide: (signals, candidates, ask = {}) => weigh(signals, candidates, ask, true),
    explain: (signals, candidates, ask = {}) => weigh(signals, candidates, ask, false),
    note(outcome) {
      const { session, task, model, what, score, outputTokens, cachedTokens } = outcome;
      if (outputTokens !== undefined && what === 'answered') output.note(task, model, outputTokens);
      if (score !== undefined) table.observe({ task, model, score, weight: WEIGHT_JUDGED });
      else if (hasFailed(what)) table.observe({ task, model, score: 0, weight: WEIGHT_GUESSED });
      const state = session === undefined ? undefined : sessions.find(session);
      if (session === undefined || state === undefined) return;
      sessions.keep(session, {
        ...state,
        raised: hasFailed(what) ? Math.min(MOST_RAISED, state.raised + 1) : state.raised,
        cachedTokens: state.model === model ? (cachedTokens ?? state.cachedTokens) : state.cachedTokens,
        at: deps.now(),
      });
    },
    useExemplars(model) {
      exemplars = model !== undefined && model.count >= FEWEST_EXEMPLARS ? model : undefined;
    },
  };
}

function hasFailed(what: Outcome['what']): boolean {
  return what === 'bad_tool_call' || what === 'refused' || what === 'empty';
}

/** Asked again in the same words: what was answered was not good enough. Inside a tool loop the user's turn is the same one still. */
function raisedBy(session: SessionState | undefined, words: Uint32Array, source: SignalSource): number {
  const raised = session?.raised ?? 0;
  if (source.isInToolLoop) return raised;
  const before = source.previousText === undefined ? session?.lastWords : wordHashes(source.previousText);
  const isAskedAgain = before !== undefined && words.length > 0 && similarity(before, words) >= ASKED_AGAIN;
  return isAskedAgain ? Math.min(MOST_RAISED, raised + 1) : raised;
}

function filterCandidates(
  candidates: readonly Candidate[],
  source: SignalSource,
): { able: Candidate[]; excluded: Map<string, string> } {
  const excluded = new Map<string, string>();
  const able = candidates.filter((candidate) => {
    const why = whyUnable(candidate, source);
    if (why !== undefined) excluded.set(candidate.name, why);
    return why === undefined;
  });
  const healthy = able.filter(({ isHealthy }) => isHealthy);
  if (healthy.length === 0 || healthy.length === able.length) return { able, excluded };
  for (const { name, isHealthy } of able) if (!isHealthy) excluded.set(name, 'is failing');
  return { able: healthy, excluded };
}

function withinCeilings(
  scored: readonly Scored[],
  { ceilings }: AutoSettings,
  excluded: Map<string, string>,
): Scored[] {
  const { firstTokenMs, costPico } = ceilings;
  if (firstTokenMs === undefined && costPico === undefined) return [...scored];
  return scored.filter(({ candidate, costPico: cost }) => {
    const why = whyAbove(candidate.expectedFirstTokenMs, cost, firstTokenMs, costPico);
    if (why !== undefined) excluded.set(candidate.name, why);
    return why === undefined;
  });
}

function whyAbove(
  waitMs: number | undefined,
  cost: number | undefined,
  mostWaitMs: number | undefined,
  mostCost: number | undefined,
): string | undefined {
  if (mostWaitMs !== undefined && waitMs !== undefined && waitMs > mostWaitMs) return 'is slower than the ceiling';
  if (mostCost !== undefined && cost !== undefined && cost > mostCost) return 'is dearer than the ceiling';
  return undefined;
}

function reasonOf(signals: TaskSignals, tier: Tier, because: string, isKept: boolean, count: number): string {
  if (count === 0) return `auto, no candidate can answer (${signals.task})`;
  const sure = signals.by === 'client' ? '' : ` ${signals.confidence.toFixed(2)}`;
  return `auto, ${signals.task === UNKNOWN ? 'unknown task' : signals.task}${sure}, ${tier}, ${isKept ? 'stays with its conversation' : because}`;
}

function decisionOf(
  signals: TaskSignals,
  tier: Tier,
  chosen: readonly Scored[],
  scored: readonly Scored[],
  excluded: ReadonlyMap<string, string>,
  because: string,
): Decision {
  const told = ({ candidate, score, costPico }: Scored) => ({
    name: candidate.name,
    score: Math.round(score * 1e4) / 1e4,
    ...(costPico !== undefined && { expectedCostPico: costPico }),
  });
  const others = scored.filter((one) => !chosen.includes(one));
  return {
    task: signals.task,
    confidence: signals.confidence,
    difficulty: signals.difficulty,
    tier,
    candidates: [
      ...chosen.map(told),
      ...others.map((one) => ({ ...told(one), excluded: `not in the list (${because})` })),
      ...Array.from(excluded, ([name, why]) => ({ name, excluded: why })),
    ],
  };
}

function defaultsOf({ max_tokens, temperature, system_prompt }: TaskRoute): { defaults: RequestDefaults } | undefined {
  const defaults: RequestDefaults = {
    ...(max_tokens !== undefined && { maxTokens: max_tokens }),
    ...(temperature !== undefined && { temperature }),
    ...(system_prompt !== undefined && { systemPrompt: system_prompt }),
  };
  return Object.keys(defaults).length === 0 ? undefined : { defaults };
}
