import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemoryGates } from '../../src/admission/gates/memory-gates.ts';
import { checkConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { CallRecord } from '../../src/core/record.ts';
import { furnish } from '../../src/furniture.ts';
import { buildHouse } from '../../src/house.ts';
import { createGatewayServer } from '../../src/http/server.ts';
import { keepBudgets } from '../../src/keep-budgets.ts';
import { providerNames } from '../../src/providers/index.ts';
import type { ResponseStore } from '../../src/store/store.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { KEY } from '../a-gateway.ts';

const NOTHING_KEPT: ResponseStore = {
  insert: async () => {},
  find: async () => undefined,
  conversation: async () => [],
  remove: async () => false,
  purge: async () => 0,
};

/** The gateway's server in its house, with patience of the test's choice: no data folder, no store, no ledger. */
export interface RunningServer extends AsyncDisposable {
  url: string;
  port: number;
  server: Server;
  records: CallRecord[];
}

export interface ShortPatience {
  keepAliveMs?: number;
  headersMs?: number;
  requestMs?: number;
  /** How often slow requests are looked for. */
  checkMs?: number;
}

/** Starts the server with these limits; those not named are the real ones. */
export async function aServer(patience: ShortPatience = {}, input: ConfigInput = {}): Promise<RunningServer> {
  const { config, problems } = checkConfig(
    { keys: [{ name: 'app', key: KEY }], ...input },
    { knownProviders: [...providerNames(), 'mock'] },
  );
  if (config === undefined) throw new Error(JSON.stringify(problems));
  const records: CallRecord[] = [];
  const log = createLog({ level: 'silent', destination: { write: () => {} } });
  const gates = createMemoryGates({ clock: systemClock });
  const furniture = furnish({
    clock: systemClock,
    log,
    pepper: randomBytes(32),
    responses: NOTHING_KEPT,
    gates,
    // Without budgets nothing is asked of a store.
    budgets: keepBudgets({ clock: systemClock, log, gates, store: {} as never, catchUp: async () => {} }),
    bodies: { keep: () => {}, find: async () => undefined, lost: () => 0, close: async () => {} },
    tellBreakers: () => {},
    tellTies: () => {},
    sinks: [{ name: 'test', take: (record) => records.push(record) }],
  });
  const house = buildHouse({ config, env: {}, furniture, isAdmin: () => false });
  const server = createGatewayServer({
    serving: () => house.serving,
    admin: (_, response) => void response.writeHead(404).end(),
    exposeMetrics: () => furniture.metrics.expose(),
    notePath: () => {},
    whyNotReady: () => undefined,
    clock: systemClock,
    version: 'test',
    onFault: (error) => {
      throw error;
    },
    keepAliveMs: patience.keepAliveMs ?? 15_000,
    ...(patience.checkMs !== undefined && { slowCheckMs: patience.checkMs }),
  });
  if (patience.headersMs !== undefined) server.headersTimeout = patience.headersMs;
  if (patience.requestMs !== undefined) server.requestTimeout = patience.requestMs;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    server,
    records,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await furniture.close();
    },
  };
}
