// Conversations and the prompts that providers keep: what share of the input was read before, and how evenly the calls are spread.
import type { Member, TargetGroup } from '../../gateway/src/core/plan.ts';
import { type Ask, createBalancer } from '../../gateway/src/upstream/balance/balancer.ts';
import type { Flight } from '../../gateway/src/upstream/balance/flight.ts';
import { type Chooser, createGroup } from './balance-gateway.ts';
import { createEngine, createRandom, drawExponential, drawLogNormal, quantile } from './engine.ts';

export interface AffinityFindings {
  /** Per cent of all input tokens. */
  cached: number;
  /** Per cent of what the input would cost if nothing were kept; what is read again costs a tenth. */
  inputCost: number;
  /** Calls of the busiest target, times the mean. */
  busiest: number;
  /** 95th percentile of one target's calls under way, times the mean. */
  crowding: number;
  /** 95th percentile, seconds. */
  ttft: number;
}

const TARGETS = 6;
const APPS = 12;
const SESSIONS_PER_SECOND = 3;
const COUNTED_FROM = 300;
const KEPT_MS = 5 * 60_000;
const GOES_ON = 0.88;
const THINKS_MS = 25_000;
const MS_PER_FRESH_TOKEN = 0.12;
const MS_PER_OUTPUT_TOKEN = 15;
const READ_AGAIN_PRICE = 0.1;

/** What one target has read lately: by app and by session, so many tokens at such a time. */
type Kept = Map<string, { tokens: number; at: number }>;

interface Turn {
  session: number;
  app: number;
  /** Tokens that all sessions of the app begin with. */
  common: number;
  prompt: number;
}

/** How a strategy takes part: what key it is told, and who it is. */
export interface AffinityChooser {
  keyOf(turn: { session: number; app: number }): string | undefined;
  create(now: () => number, random: () => number): Chooser;
}

export const affinityChoosers: Record<string, AffinityChooser> = {
  'by chance': {
    keyOf: () => undefined,
    create: (_now, random) => createHashChooser(() => random() * 2 ** 32),
  },
  'hash of the app': {
    keyOf: ({ app }) => `app ${app}`,
    create: () => createHashChooser(({ affinity }) => hash(affinity!.key)),
  },
  'hash of the session': {
    keyOf: ({ session }) => `session ${session}`,
    create: () => createHashChooser(({ affinity }) => hash(affinity!.key)),
  },
  '`latency`, not sticky': {
    keyOf: () => undefined,
    create: (now, random) => createBalancer({ clock: { now }, random }),
  },
  '`latency`, sticky': {
    keyOf: ({ session }) => `session ${session}`,
    create: (now, random) => createBalancer({ clock: { now }, random }),
  },
};

/** Lives through so many simulated seconds of conversations; the first five minutes do not count. */
export function liveWithSessions({ keyOf, create }: AffinityChooser, seed: number, seconds = 900): AffinityFindings {
  const engine = createEngine();
  const { now } = engine.clock;
  const random = createRandom(seed);
  const noise = createRandom(seed + 1000);
  const group = createGroup(TARGETS);
  const chooser = create(now, createRandom(seed + 2000));
  const kept = new Map<string, Kept>(group.members.map(({ target }) => [target.name, new Map()]));
  const underWay = new Map<string, number>(group.members.map(({ target }) => [target.name, 0]));
  const count = createCount(group);
  let sessions = 0;

  function beginSession(): void {
    const app = drawApp(random);
    const common = 1_500 + 250 * (app % 5);
    take({ session: sessions++, app, common, prompt: common + drawMessage(random) });
    engine.after(drawExponential(random, 1000 / SESSIONS_PER_SECOND), beginSession);
  }

  function take(turn: Turn): void {
    const key = keyOf(turn);
    const ask: Ask = {
      inputTokens: turn.prompt,
      wantsStream: true,
      affinity: key === undefined ? undefined : { key, isHard: false },
    };
    const { target } = chooser.rank(group, ask)[0]!;
    const cached = readAgain(kept.get(target.name)!, turn, now());
    const flight = chooser.open(target, ask);
    const wait = drawLogNormal(noise, 350, 0.4) + (turn.prompt - cached) * MS_PER_FRESH_TOKEN;
    const written = Math.round(Math.min(Math.max(drawLogNormal(random, 200, 0.8), 10), 4_000));
    underWay.set(target.name, underWay.get(target.name)! + 1);
    if (now() >= COUNTED_FROM * 1000) count.take(target.name, turn.prompt, cached, wait, underWay);
    engine.after(wait, () => flight.firstToken());
    engine.after(wait + written * MS_PER_OUTPUT_TOKEN, () => {
      flight.ended('ok', written);
      underWay.set(target.name, underWay.get(target.name)! - 1);
      if (random() < GOES_ON) goOn({ ...turn, prompt: turn.prompt + written + drawMessage(random) });
    });
  }

  function goOn(turn: Turn): void {
    engine.after(drawExponential(random, THINKS_MS), () => take(turn));
  }

  engine.at(0, beginSession);
  engine.runUntil(seconds * 1000);
  return count.findings();
}

/** Tokens at the beginning of this prompt that the target has read within five minutes; from now on it has read all of it. */
function readAgain(kept: Kept, { session, app, common, prompt }: Turn, now: number): number {
  const ofSession = fresh(kept.get(`s${session}`), now);
  const ofApp = fresh(kept.get(`a${app}`), now);
  kept.set(`s${session}`, { tokens: prompt, at: now });
  kept.set(`a${app}`, { tokens: common, at: now });
  return Math.max(ofSession, ofApp);
}

function fresh(entry: { tokens: number; at: number } | undefined, now: number): number {
  return entry !== undefined && now - entry.at < KEPT_MS ? entry.tokens : 0;
}

function createCount({ members }: TargetGroup) {
  const calls = new Map<string, number>(members.map(({ target }) => [target.name, 0]));
  const waits: number[] = [];
  const crowds: number[] = [];
  let tokens = 0;
  let again = 0;
  return {
    take(name: string, prompt: number, cached: number, wait: number, underWay: ReadonlyMap<string, number>) {
      calls.set(name, calls.get(name)! + 1);
      waits.push(wait);
      const all = [...underWay.values()];
      crowds.push(Math.max(...all) / (all.reduce((sum, one) => sum + one, 0) / all.length));
      tokens += prompt;
      again += cached;
    },
    findings: (): AffinityFindings => ({
      cached: (100 * again) / tokens,
      inputCost: (100 * (tokens - again * (1 - READ_AGAIN_PRICE))) / tokens,
      busiest: Math.max(...calls.values()) / (waits.length / calls.size),
      crowding: quantile(crowds, 0.95),
      ttft: quantile(waits, 0.95) / 1000,
    }),
  };
}

/** A few apps have most of the calls (Zipf). */
function drawApp(random: () => number): number {
  let left = random() * Array.from({ length: APPS }, (_, app) => 1 / (app + 1)).reduce((sum, share) => sum + share, 0);
  for (let app = 0; app < APPS - 1; app++) {
    left -= 1 / (app + 1);
    if (left < 0) return app;
  }
  return APPS - 1;
}

function drawMessage(random: () => number): number {
  return Math.round(Math.min(drawLogNormal(random, 120, 0.9), 8_000));
}

function createHashChooser(numberOf: (ask: Ask) => number): Chooser {
  const flight: Flight = { firstToken() {}, ended() {} };
  return {
    rank({ members }: TargetGroup, ask): readonly Member[] {
      return [members[Math.floor(numberOf(ask)) % members.length]!];
    },
    open: () => flight,
  };
}

/** FNV-1a, mixed once more so that its low bits are even. */
function hash(text: string): number {
  let mixed = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
