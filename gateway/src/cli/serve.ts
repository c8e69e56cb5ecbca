import path from 'node:path';
import { systemClock } from '../core/clock.ts';
import { Gateway } from '../gateway.ts';
import { VERSION } from '../version.ts';
import { LOCAL_ADDRESS_FILE } from './admin-client.ts';
import { explainStart } from './explain-start.ts';
import { type FoundConfig, requireConfig } from './load-config.ts';
import { watchFaults } from './process-faults.ts';
import { followConfig } from './reload.ts';
import { untilStopped } from './stop-signals.ts';
import { dataFolderOf, type Terminal } from './terminal.ts';
import { type NewSecret, newKeys, pickModel, type Welcome, writeKey, writeWelcome } from './welcome.ts';

export interface ServeOptions {
  config?: string;
  port?: number;
  host?: string;
  data?: string;
  json?: boolean;
}

/** Runs the gateway until it is told to stop. */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<void> {
  const found = await requireConfig(options.config, terminal);
  const { host = found.config.server.host, port = found.config.server.port } = options;
  const dataFolder = path.resolve(terminal.folder, dataFolderOf(options.data, terminal));
  const gateway = await Gateway.open(found.config, { dataFolder, env: terminal.env }).catch((error) => {
    throw explainStart(error, { host, port });
  });
  const stopWatchingFaults = watchFaults(gateway);
  const made = await keepNewKeys(gateway, terminal);
  try {
    const address = await gateway.run({ host, port });
    const url = `http://${reachable(address.host)}:${address.port}`;
    await gateway.dataFolder.write(LOCAL_ADDRESS_FILE, `${url}\n`);
    tell(options, { ...made, ...describe(gateway, found, url) }, terminal);
  } catch (error) {
    // Only their hashes are kept: what is not told now could never be.
    for (const [title, key] of newKeys(made)) terminal.err(writeKey(title, key));
    await gateway.stop();
    throw explainStart(error, { host, port });
  }
  const following = followConfig(gateway, { file: found.file, text: found.text, terminal });
  await untilStopped(gateway);
  following.close();
  await gateway.stop();
  stopWatchingFaults();
}

/** On a terminal the new keys are shown; elsewhere output ends in logs, so they go to files that their owner alone can read. */
async function keepNewKeys(gateway: Gateway, { isTerminal }: Terminal): Promise<Pick<Welcome, 'adminKey' | 'appKey'>> {
  const { adminKey, appKey } = gateway.firstKeys;
  const keep = async (name: string, secret: string): Promise<NewSecret> =>
    isTerminal ? { secret } : { file: await gateway.dataFolder.write(name, `${secret}\n`) };
  return {
    ...(adminKey !== undefined && { adminKey: await keep('admin.key', adminKey) }),
    ...(appKey !== undefined && { appKey: await keep('app.key', appKey) }),
  };
}

function describe(gateway: Gateway, { file }: FoundConfig, url: string): Omit<Welcome, 'adminKey' | 'appKey'> {
  return {
    version: VERSION,
    url,
    configFile: file,
    dataFolder: gateway.dataFolder.path,
    providers: gateway.providers().filter((name) => name !== 'mock'),
    model: pickModel(gateway.models(), systemClock.wallMs()),
  };
}

function tell({ json }: ServeOptions, welcome: Welcome, terminal: Terminal): void {
  if (!json) return terminal.out(writeWelcome(welcome));
  const { version, url, configFile, dataFolder, providers, adminKey, appKey } = welcome;
  const document = {
    version,
    url,
    config_file: configFile ?? null,
    data_folder: dataFolder,
    providers,
    ...tellKey('admin_key', adminKey),
    ...tellKey('app_key', appKey),
  };
  terminal.out(JSON.stringify(document));
}

function tellKey(name: string, made: NewSecret | undefined): Record<string, string> {
  if (made === undefined) return {};
  return 'secret' in made ? { [name]: made.secret } : { [`${name}_file`]: made.file };
}

/** An address that a client on this machine can use. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
