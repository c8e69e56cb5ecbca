import type { ConfigInput } from '../../../src/config/schema.ts';
import { MODEL, providerAt } from '../../journey/dialect-calls.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { type Clients, createClients, SOAK_MODEL } from './clients.ts';
import { type CountingUpstream, startCountingUpstream } from './counting-upstream.ts';
import { countedSince, type LimiterCount, readLimiter, WIDE_LIMITS } from './limiter-count.ts';
import { fromSeed, lotOf, PRICES, TIGHT_KEY, WIDE_KEYS } from './lot.ts';
import { type BookedCall, countBooked, readBooks, readSums } from './read-books.ts';
import { type Kill, reckon } from './reckon.ts';

export interface SoakSettings {
  calls: number;
  nodes: number;
  /** Nodes killed with `kill -9` and started again, evenly over the second part. */
  kills: number;
  /** Clients, each with one call at a time. */
  atOnce: number;
  /** Told what goes on. */
  tell?: (line: string) => void;
}

export interface SoakReport {
  /** What was counted, in the order in which it is to be read. */
  figures: [what: string, figure: number][];
  /** What does not agree. Empty: everything does. */
  problems: string[];
}

/** Gathering takes 5 ms, a write a few more; the rest is for a busy machine. */
const BOUND_MS = 250;
/** So many that no bucket is empty before the count begins. */
const WARM_CALLS = 400;
/** The part of the calls during which nobody is killed, and limiter and ledger agree to the token. */
const CALM_SHARE = 0.25;
const DOWN_MS = 300;
const TIGHT = { rpm: 600, burst: 0.1 };
/** No reservation of the soak is greater, in tokens. */
const LARGEST_RESERVATION = 64;
/** On a machine that is too busy Redis may not answer in time: what was taken all the same is then counted twice, to be on the safe side. */
const LATE_REDIS = /"Redis is away\."/g;

/** Lets clients, nodes and servers work through the calls, with disconnects, retries and kills, and compares everybody's books. */
export async function runSoak(settings: SoakSettings): Promise<SoakReport> {
  const { calls, tell = () => {} } = settings;
  await using upstream = await startCountingUpstream(calls);
  await using cluster = await startCluster({ size: settings.nodes, config: configFor(upstream.url) });
  const clients = createClients({ nodes: cluster.nodes, atOnce: settings.atOnce, secretOf });
  const soak = { settings, upstream, cluster, clients, problems: [] as string[], figures: [] as [string, number][] };
  const startedAt = performance.now();
  const calmEnd = Math.max(WARM_CALLS + 1, Math.floor(calls * CALM_SHARE));

  await clients.send(0, WARM_CALLS);
  await untilBooked(cluster);
  const base = await readLimiter(cluster.redis.url);
  await clients.send(WARM_CALLS, calmEnd);
  await untilBooked(cluster);
  tell(`${calmEnd} calls without a kill`);
  const calm = countedSince(base, await readLimiter(cluster.redis.url));
  compareCalm(soak, calm, await readBooks(cluster.databaseUrl));

  const kills = await storm(soak, calmEnd, tell);
  const seconds = (performance.now() - startedAt) / 1000;
  const limiter = countedSince(base, await readLimiter(cluster.redis.url));
  await Promise.all(cluster.nodes.map((node) => node.stop()));
  await clients.close();
  upstream.tally();
  const booked = await readBooks(cluster.databaseUrl);
  const { counts, problems, unbooked } = reckon({ views: clients.views, upstream, booked, kills, boundMs: BOUND_MS });
  soak.problems.push(...problems);
  soak.figures.push(['calls', calls], ['seconds', Math.round(seconds)], ['kills', kills.length]);
  soak.figures.push(...Object.entries(counts).sort());
  compareSums(soak, booked, await readSums(cluster.databaseUrl));
  compareLimiter(soak, { limiter, booked, unbooked, kills });
  compareTight(soak, seconds);
  return { figures: soak.figures, problems: soak.problems };
}

interface Soak {
  settings: SoakSettings;
  upstream: CountingUpstream;
  cluster: Cluster;
  clients: Clients;
  problems: string[];
  figures: [string, number][];
}

/** The second part: nodes are killed and come back, and the database crashes once. */
async function storm({ settings, cluster, clients }: Soak, from: number, tell: (line: string) => void) {
  const { calls, kills: wanted } = settings;
  const random = fromSeed(11);
  const kills: Kill[] = [];
  let planned = 0;
  let killing = Promise.resolve();
  let crashing = Promise.resolve();
  const every = Math.floor((calls - from) / (wanted + 1));
  const crashAt = from + Math.floor((calls - from) / 2);

  async function killOne(): Promise<void> {
    const node = Math.floor(random() * cluster.nodes.length);
    kills.push({ node, atMs: performance.now() });
    await cluster.nodes[node]!.kill();
    await pause(DOWN_MS);
    await cluster.nodes[node]!.start();
  }

  async function crashDatabase(): Promise<void> {
    await cluster.postgres.stop('crash');
    await pause(DOWN_MS);
    await cluster.postgres.start();
  }

  await clients.send(from, calls, (number) => {
    if (number % 10_000 === 0) tell(`${number} calls, ${kills.length} kills`);
    if (number === crashAt) crashing = crashDatabase();
    // One after the other: who is killed while it starts has no calls to lose.
    if (number > from && (number - from) % every === 0 && planned++ < wanted) killing = killing.then(killOne);
    // What fails is told at the end, when the servers can still be stopped.
    for (const one of [killing, crashing]) one.catch(() => {});
  });
  await Promise.all([killing, crashing]);
  await untilBooked(cluster);
  return kills;
}

/** Without kills nothing is left open: what the limiter counted is what the ledger says. */
function compareCalm(
  { figures, problems, cluster, settings }: Soak,
  limiter: LimiterCount,
  booked: readonly BookedCall[],
): void {
  const wide = booked.filter(isWide);
  const tokens = sum(wide, ({ input, output }) => input + output);
  figures.push(
    ['calm: requests by the limiter', limiter.requests],
    ['calm: requests by the ledger', wide.length],
    ['calm: tokens by the limiter', limiter.tokens],
    ['calm: tokens by the ledger', tokens],
  );
  const mayDiffer = countLate(cluster) * settings.atOnce;
  const more = { requests: limiter.requests - wide.length, tokens: limiter.tokens - tokens };
  const isRight = more.requests >= 0 && more.requests <= mayDiffer;
  if (!isRight || more.tokens < 0 || more.tokens > mayDiffer * LARGEST_RESERVATION)
    problems.push(
      `Before any kill the limiter has ${limiter.requests} requests, ${limiter.tokens} tokens; the ledger ${wide.length}, ${tokens}.`,
    );
}

function compareSums({ problems }: Soak, booked: readonly BookedCall[], sums: Awaited<ReturnType<typeof readSums>>) {
  const rows = {
    calls: booked.length,
    input: sum(booked, ({ input }) => input),
    output: sum(booked, ({ output }) => output),
    costPico: sum(booked, ({ costPico }) => costPico),
  };
  for (const name of ['calls', 'input', 'output', 'costPico'] as const)
    if (rows[name] !== sums[name]) problems.push(`The sums say ${sums[name]} ${name}, the rows ${rows[name]}.`);
}

/** A call that was cut holds what it had reserved, as nobody settled it; what is not in the ledger was perhaps counted. */
function compareLimiter(
  { figures, problems, settings, cluster }: Soak,
  {
    limiter,
    booked,
    unbooked,
    kills,
  }: { limiter: LimiterCount; booked: readonly BookedCall[]; unbooked: readonly number[]; kills: readonly Kill[] },
): void {
  const wide = booked.filter(isWide);
  const tokens = sum(wide, ({ input, output }) => input + output);
  const uncertain = unbooked.filter((number) => lotOf(number).key !== TIGHT_KEY).length;
  const doubled = countLate(cluster) * settings.atOnce;
  const mayDiffer = (uncertain + doubled + kills.length * settings.atOnce) * LARGEST_RESERVATION;
  figures.push(
    ['Redis answered too late', countLate(cluster)],
    ['requests by the limiter', limiter.requests],
    ['requests by the ledger', wide.length],
    ['tokens by the limiter', limiter.tokens],
    ['tokens by the ledger', tokens],
  );
  const more = limiter.requests - wide.length;
  if (more < 0 || more > uncertain + doubled)
    problems.push(
      `The limiter has ${more} more requests than the ledger; ${uncertain} are uncertain, ${doubled} may be counted twice.`,
    );
  if (Math.abs(limiter.tokens - tokens) > mayDiffer)
    problems.push(`The limiter has ${limiter.tokens} tokens, the ledger ${tokens}: more apart than ${mayDiffer}.`);
}

/** How often a node took Redis for gone, which it never was. */
function countLate({ nodes }: Cluster): number {
  return sum(nodes, (node) => [...node.output().matchAll(LATE_REDIS)].length);
}

function compareTight({ figures, problems, upstream }: Soak, seconds: number): void {
  const numbers = [...upstream.asked.keys()].filter((number) => lotOf(number).key === TIGHT_KEY);
  const passed = numbers.filter((number) => upstream.asked[number]! > 0).length;
  const most = Math.floor(TIGHT.rpm * TIGHT.burst + (TIGHT.rpm / 60) * seconds);
  figures.push(
    ['tight key: calls sent', numbers.length],
    ['tight key: calls at the upstream', passed],
    ['tight key: most that may pass', most],
  );
  if (passed > most) problems.push(`${passed} calls of the tight key reached the upstream, of at most ${most}.`);
}

/** Resolves when nothing is added to the ledger any more. */
async function untilBooked({ databaseUrl }: Cluster): Promise<void> {
  let before = -1;
  for (;;) {
    const now = await countBooked(databaseUrl);
    if (now === before) return;
    before = now;
    await pause(1_500);
  }
}

const isWide = ({ number, key }: BookedCall) => number >= WARM_CALLS && key !== TIGHT_KEY;
const secretOf = (key: string) => `xd-soak-${key.padEnd(43, '0')}`;

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function configFor(url: string): ConfigInput {
  const more = { models: [{ id: MODEL, prices: PRICES }], health_check: 0 };
  return {
    providers: {
      one: providerAt(url, 'openai-chat', more),
      two: providerAt(url, 'anthropic-messages', more),
    },
    models: {
      [SOAK_MODEL]: {
        strategy: 'round_robin',
        targets: ['one', 'two'].map((provider) => ({ provider, model: MODEL })),
      },
    },
    keys: [
      ...WIDE_KEYS.map((name) => ({ name, key: secretOf(name), limits: WIDE_LIMITS })),
      { name: TIGHT_KEY, key: secretOf(TIGHT_KEY), tier: TIGHT_KEY },
    ],
    rate_limit: { [TIGHT_KEY]: TIGHT },
    // One that never opens, so that faults are met again and again.
    circuit_breaker: { mode: 'fixed', failure_threshold: 1_000_000 },
    observability: { logging: false },
  };
}
