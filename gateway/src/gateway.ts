import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@xidao/dialects';
import { createAdmin } from './admin/admin.ts';
import { createManagement, type Management } from './admin/management.ts';
import { type ManagedRooms, roomRoutes } from './admin/room-routes.ts';
import type { RoutingView } from './admin/routing-routes.ts';
import { createUsageView } from './admin/usage/usage-view.ts';
import type { GatewayView } from './admin/views.ts';
import type { ListedModel } from './catalogue/models-document.ts';
import type { Environment } from './config/environment.ts';
import { checkConfig, formatProblems } from './config/load.ts';
import { listPending } from './config/pending.ts';
import type { Config, ConfigInput } from './config/schema.ts';
import { systemClock } from './core/clock.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { describeFleet } from './describe-fleet.ts';
import { explainRoute } from './explain-route.ts';
import { type Furniture, furnish } from './furniture.ts';
import { buildHouse, type House } from './house.ts';
import { createGatewayServer } from './http/server.ts';
import { joinNodes, type Nodes } from './join-nodes.ts';
import { keepBudgets } from './keep-budgets.ts';
import { providerNames } from './providers/index.ts';
import { type JournalImporter, startImport } from './store/journal/start-import.ts';
import { isPostgres, openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';
import { createCallLog } from './telemetry/call-log.ts';
import { type LogOutput, openLog } from './telemetry/open-log.ts';
import type { Tie } from './upstream/balance/affinity.ts';
import type { BreakerNews } from './upstream/breaker/breaker.ts';
import { createBodyLog } from './usage/body-log.ts';
import { createLedger, type Ledger } from './usage/ledger.ts';
import { createPurge, type Purge } from './usage/purge.ts';
import { readFresh } from './usage/read-fresh.ts';
import { redactText } from './usage/redact-text.ts';
import { createSeal } from './usage/seal.ts';
import { VERSION } from './version.ts';

export interface GatewayOptions {
  /** Where keys, ledger and store live. Default `./data`. */
  dataFolder?: string;
  env?: Environment;
  /** Where log lines go. Default: standard output. */
  log?: LogOutput;
}

/** What was made at the first start, to be shown once. */
export interface FirstKeys {
  adminKey?: string;
  appKey?: string;
}

const KEEP_ALIVE_MS = 15_000;
const IMPORT_EVERY_MS = 1_000;
const JOURNAL_KEPT_DAYS = 30;
/** A report waits no longer than this for what is not booked yet. */
const LONGEST_CATCH_UP_MS = 2_000;
/** How soon a node knows of a change by another one that it was not told of. */
const FOLLOW_MS = 2_000;

/** The gateway as an object: the same thing that `xidao serve` runs. */
export class Gateway {
  readonly #store: Store;
  readonly #furniture: Furniture;
  readonly #nodes: Nodes;
  readonly #management: Management;
  readonly #ledger: Ledger;
  readonly #importer: JournalImporter;
  readonly #log: ReturnType<typeof openLog>;
  readonly #env: Environment;
  readonly dataFolder: DataFolder;
  /** Keys made by this start; empty unless it was the first. */
  readonly firstKeys: FirstKeys;
  readonly #purge: Purge;
  #house: House;
  #server: Server | undefined;
  /** Looks for what other nodes have changed; there where there are others. */
  #following: { close(): void } | undefined;
  #isReady = false;
  #isStopping = false;

  private constructor(parts: {
    store: Store;
    furniture: Furniture;
    nodes: Nodes;
    management: Management;
    ledger: Ledger;
    importer: JournalImporter;
    log: ReturnType<typeof openLog>;
    env: Environment;
    folder: DataFolder;
    firstKeys: FirstKeys;
    config: Config;
  }) {
    this.#store = parts.store;
    this.#furniture = parts.furniture;
    this.#nodes = parts.nodes;
    this.#management = parts.management;
    this.#ledger = parts.ledger;
    this.#importer = parts.importer;
    this.#log = parts.log;
    this.#env = parts.env;
    this.dataFolder = parts.folder;
    this.firstKeys = parts.firstKeys;
    this.#house = this.#build(parts.config);
    this.#purge = createPurge({
      store: parts.store.usage,
      clock: parts.furniture.clock,
      keepFor: () => this.#house.config.storage.retention,
      onPurged: (rows) => this.#log.logger.info({ rows }, 'what was kept of calls for long enough is gone'),
      onFailure: (error) => this.#log.logger.error({ err: error }, 'what is too old could not be taken away'),
    });
  }

  /** Checks the configuration (the same object as the YAML), opens the data folder and makes ready to run. Throws what is wrong with the configuration, all of it at once. */
  static async create(input: ConfigInput = {}, options: GatewayOptions = {}): Promise<Gateway> {
    const { config, problems } = checkConfig(input, { knownProviders: [...providerNames(), 'mock'] });
    if (config === undefined) throw new Error(formatProblems(problems));
    return Gateway.open(config, options);
  }

  /** As `create`, with a configuration that has been read already. */
  static async open(
    config: Config,
    { dataFolder = './data', env = {}, log: output }: GatewayOptions = {},
  ): Promise<Gateway> {
    const clock = systemClock;
    const folder = await openDataFolder(dataFolder);
    const log = openLog({ config: config.observability.logging, output });
    const store = await openStore({ url: config.storage.url, dataFolder: folder.path, clock, log: log.logger });
    const ledger = createLedger({
      folder: folder.file('ledger'),
      onFailure: (error, waitingLines) =>
        log.logger.error(
          { err: error, waiting_lines: waitingLines },
          'the ledger could not be written; its lines are kept and tried again',
        ),
    });
    const importer = startImport(
      {
        url: config.storage.url,
        dataFolder: folder.path,
        folder: folder.file('ledger'),
        journal: (await folder.secret('node')).toString('base64url').slice(0, 11),
        everyMs: IMPORT_EVERY_MS,
        keepDays: JOURNAL_KEPT_DAYS,
      },
      log.logger,
    );
    const isShared = /^postgres(ql)?:/i.test(config.storage.url);
    const pepper = await readPepper({ folder, store, isShared });
    const nodes = await joinNodes({ url: config.redis.url, clock, log: log.logger });
    const budgets = keepBudgets({ clock, log: log.logger, gates: nodes.gates, store, catchUp: importer.catchUp });
    const furniture = furnish({
      budgets,
      bodies: createBodyLog({
        store: store.usage,
        seal: createSeal(pepper),
        redact: redactText,
        onFailure: (error) => log.logger.error({ err: error }, 'what a call said could not be kept'),
      }),
      gates: nodes.gates,
      tellBreakers: (news) => nodes.tell('breakers', news),
      tellTies: (tie) => nodes.tell('ties', tie),
      clock,
      log: log.logger,
      pepper,
      responses: store.responses,
      sinks: [
        ...(config.observability.logging.enabled ? [{ name: 'log', take: createCallLog(log.lines) }] : []),
        { name: 'ledger', take: ledger.enter },
      ],
    });
    furniture.shelf.startPurging();
    furniture.metrics.watchLedger(() => ({ ...ledger.backlog(), ...importer.state() }));
    const { redis } = nodes;
    if (redis !== undefined) furniture.metrics.watchRedis(() => redis.isUp);
    const management = createManagement({
      store,
      ring: furniture.ring,
      directory: furniture.directory,
      pepper,
      clock,
      announce: (news) => nodes.tell('changes', news),
      readMore: budgets.readStore,
    });
    const firstKeys = await management.prepare({
      adminKey: config.admin.key,
      hasConfiguredKeys: config.keys.length > 0,
    });
    await folder.write('cli.token', management.localToken);
    const gateway = new Gateway({
      store,
      furniture,
      nodes,
      management,
      ledger,
      importer,
      log,
      env,
      folder,
      firstKeys,
      config,
    });
    await budgets.open();
    gateway.#purge.start();
    if (isShared) gateway.#follow();
    gateway.#listen();
    return gateway;
  }

  /** Listens. Resolves with the address when calls can come. */
  async run({ host, port }: { host?: string; port?: number } = {}): Promise<{ host: string; port: number }> {
    const server = this.#createServer();
    const { server: settings } = this.#house.config;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port ?? settings.port, host ?? settings.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.#server = server;
    this.#isReady = true;
    for (const line of this.warnings()) this.#log.logger.warn(line);
    const address = server.address() as AddressInfo;
    return { host: address.address, port: address.port };
  }

  /** Serves by another configuration from the next request on. Calls under way end under the old one. Throws, and changes nothing, if it cannot be built. */
  reload(config: Config): void {
    this.#house = this.#build(config);
    this.#management.useAdminKey(config.admin.key);
    for (const line of this.warnings()) this.#log.logger.warn(line);
  }

  /** A configuration that was refused, for log and metrics; the old one goes on. */
  refuseReload(why: string): void {
    this.#furniture.metrics.configReloaded('refused');
    this.#log.logger.error({ why }, 'the changed configuration is refused; the old one keeps serving');
  }

  /** What is configured and has no effect, or cannot be used. */
  warnings(): string[] {
    const { config, warnings } = this.#house;
    const pending = listPending(config).map(
      ({ path, feature }) => `${path} is read but has no effect yet (${feature}).`,
    );
    return [...warnings, ...pending];
  }

  /** Names of the providers that can answer. */
  providers(): string[] {
    return this.#house.providers.map(({ name }) => name);
  }

  /** Every model that a key without limits sees, under the name that clients say. */
  models(): readonly ListedModel[] {
    return this.#house.serving.models.list({ keyId: '', keyName: '' });
  }

  get config(): Config {
    return this.#house.config;
  }

  get log() {
    return this.#log.logger;
  }

  /** Resolves when ledger and log have written down what they hold. */
  async flush(): Promise<void> {
    await this.#ledger.flush();
    await this.#log.close();
  }

  /** Lets nobody in, waits for the calls under way (at most `server.drain_timeout`), writes everything down and closes. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    const { drain_timeout: patience } = this.#house.config.server;
    const server = this.#server;
    const drained = this.#furniture.admission.drain();
    await Promise.race([drained, new Promise((resolve) => setTimeout(resolve, patience).unref())]);
    const closed = new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
    server?.closeAllConnections();
    await closed;
    this.#following?.close();
    await this.#furniture.budgets.close();
    await this.#nodes.close();
    await this.#furniture.shelf.close();
    await this.#furniture.close();
    await this.#purge.close();
    await this.#ledger.close();
    await this.#importer.close();
    await this.#store.close();
    await this.#log.close();
  }

  #follow(): void {
    this.#following = this.#management.follow({
      everyMs: FOLLOW_MS,
      onFailure: (error) => this.#log.logger.error({ err: error }, 'the changes of other nodes could not be read'),
    });
  }

  /** What other nodes tell by Redis comes at once; what they cannot tell is found by looking now and then. */
  #listen(): void {
    this.#nodes.hear('changes', () => {
      this.#management.catchUp().catch((error: unknown) => {
        this.#log.logger.error({ err: error }, 'the changes of another node could not be read');
      });
    });
    this.#nodes.hear('ties', (tie) => {
      if (isTie(tie)) this.#furniture.fleet.balancer.hearTie(tie);
    });
    this.#nodes.hear('breakers', (news) => {
      if (isBreakerNews(news)) this.#furniture.fleet.breakers.hear(news);
    });
  }

  #build(config: Config): House {
    const house = buildHouse({
      config,
      env: this.#env,
      furniture: this.#furniture,
      isAdmin: (request: IncomingMessage) =>
        this.#management.mayRead({ headers: request.headers, address: this.#house.serving.addressOf(request) }),
    });
    if (this.#isReady) this.#furniture.metrics.configReloaded('applied');
    return house;
  }

  /** A database that nodes share is away for all of them alike: if each of them said no, nobody would be left to take the calls, which go on without it. */
  #whyNotReady(): string | undefined {
    if (this.#isStopping) return 'stopping';
    return isPostgres(this.#house.config.storage.url) ? undefined : this.#store.whyUnwell();
  }

  /** What the management API shows of the gateway. */
  #view(): GatewayView {
    const { clock } = this.#furniture;
    const startedAtMs = clock.wallMs();
    return {
      config: () => this.#house.config,
      models: () => this.models(),
      status: () => ({
        version: VERSION,
        startedAtMs,
        providers: this.providers(),
        warnings: this.warnings(),
        whyNotReady: this.#whyNotReady() ?? this.#store.whyUnwell(),
      }),
      nowMs: clock.wallMs,
    };
  }

  /** What the management API shows of routing, and does to it. */
  #routingView(): RoutingView {
    const { fleet, experiments } = this.#furniture;
    return {
      explain: ({ body, ...rest }, caller) =>
        explainRoute(this.#house.serving.rooms, { ...rest, body: body as JsonObject }, caller),
      experiments: () => experiments.tests().map((test) => ({ test, variants: experiments.report(test) })),
      targets: () => describeFleet(fleet),
      reset(name) {
        fleet.breakers.reset(name);
        fleet.quotas.reset(name);
      },
    };
  }

  /** The rooms that the management API looks into. */
  #managedRooms(): ManagedRooms {
    const { bodies, budgets, clock } = this.#furniture;
    const [{ keys, change }, { logger: log }] = [this.#management, this.#log];
    return {
      routing: this.#routingView(),
      budgets: { view: budgets.view, change, clock },
      usage: createUsageView({ usage: this.#freshUsage(this.#store.usage), keys, bodies, log, clock }),
    };
  }

  /** Reports see what has ended before they were asked for: what the journal holds is booked first, as far as that is soon done. */
  #freshUsage(usage: Store['usage']): Store['usage'] {
    return readFresh(usage, async () => {
      await this.#ledger.flush();
      await Promise.race([this.#importer.catchUp(), pause(LONGEST_CATCH_UP_MS)]);
    });
  }

  #createServer(): Server {
    const admin = createAdmin({
      management: this.#management,
      view: this.#view(),
      addressOf: (request) => this.#house.serving.addressOf(request),
      moreRoutes: roomRoutes(this.#managedRooms()),
      clock: this.#furniture.clock,
      log: this.#log.logger,
    });
    return createGatewayServer({
      serving: () => this.#house.serving,
      admin,
      exposeMetrics: () => this.#furniture.metrics.expose(),
      notePath: (path) => this.#furniture.metrics.toleratedPath(path),
      whyNotReady: () => this.#whyNotReady(),
      clock: this.#furniture.clock,
      version: VERSION,
      onFault: (error, id) => this.#log.logger.error({ err: error, id }, 'a request failed in the gateway itself'),
      keepAliveMs: KEEP_ALIVE_MS,
    });
  }
}

/** What secrets are hashed with: of nodes that share a store, that of the first one. */
async function readPepper({
  folder,
  store,
  isShared,
}: {
  folder: DataFolder;
  store: Store;
  isShared: boolean;
}): Promise<Buffer> {
  const own = await folder.secret('pepper');
  return isShared ? Buffer.from(await store.facts.keep('pepper', own.toString('hex')), 'hex') : own;
}

function isTie(news: unknown): news is Tie {
  return typeof news === 'object' && news !== null && 'key' in news && 'isHard' in news && 'name' in news;
}

function isBreakerNews(news: unknown): news is BreakerNews {
  return typeof news === 'object' && news !== null && 'name' in news && 'state' in news && 'cause' in news;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
