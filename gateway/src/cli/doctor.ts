import { access, constants, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { formatProblems } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { describeProviders } from '../serve-providers.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { findConfig } from './load-config.ts';
import { dataFolderOf, type Terminal } from './terminal.ts';

interface Finding {
  check: string;
  /** `warn`: it runs, but not as somebody may expect. */
  verdict: 'ok' | 'warn' | 'fail';
  detail: string;
}

/** Looks at what a gateway needs to run here, and changes nothing. */
export async function runDoctor(
  options: { config?: string; data?: string; json?: boolean },
  terminal: Terminal,
): Promise<void> {
  const { config, file, problems } = await findConfig(options.config, terminal);
  const findings: Finding[] = [
    { check: 'node', verdict: 'ok', detail: `${process.version} on ${process.platform} ${process.arch}` },
    config === undefined
      ? { check: 'configuration', verdict: 'fail', detail: formatProblems(problems, file) }
      : { check: 'configuration', verdict: 'ok', detail: file ?? 'no file; the defaults hold' },
    await checkDataFolder(path.resolve(terminal.folder, dataFolderOf(options.data, terminal))),
    ...(config === undefined ? [] : [await checkPort(config.server), ...checkProviders(config, terminal)]),
  ];
  const healthy = findings.every(({ verdict }) => verdict !== 'fail');
  if (options.json) terminal.out(JSON.stringify({ ok: healthy, checks: findings }, null, 2));
  else for (const { check, verdict, detail } of findings) terminal.out(`${verdict.padEnd(4)}  ${check}: ${detail}`);
  if (!healthy) throw new CommandFailure('Something stands in the way of the gateway; see above.', EXIT.failed);
}

async function checkDataFolder(folder: string): Promise<Finding> {
  const check = 'data folder';
  const existing = await nearestExisting(folder);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    return {
      check,
      verdict: 'fail',
      detail: `${existing} cannot be written (${(error as NodeJS.ErrnoException).code})`,
    };
  }
  if (existing !== folder) return { check, verdict: 'ok', detail: `${folder} will be made at the first start` };
  const { mode } = await stat(folder);
  if (process.platform === 'win32' || (mode & 0o077) === 0) return { check, verdict: 'ok', detail: folder };
  return { check, verdict: 'warn', detail: `${folder} is open to other users of the machine; chmod 700 closes it` };
}

async function nearestExisting(folder: string): Promise<string> {
  const parent = path.dirname(folder);
  if (parent === folder) return folder;
  return stat(folder).then(
    () => folder,
    () => nearestExisting(parent),
  );
}

async function checkPort({ host, port }: Config['server']): Promise<Finding> {
  const check = 'port';
  const address = `${host}:${port}`;
  const code = await whyTaken(host, port);
  if (code === undefined) return { check, verdict: 'ok', detail: `${address} is free` };
  if (code !== 'EADDRINUSE') return { check, verdict: 'fail', detail: `${address} cannot be listened on (${code})` };
  const version = await gatewayVersionAt(host, port);
  return version === undefined
    ? { check, verdict: 'fail', detail: `${address} is taken by another program` }
    : { check, verdict: 'ok', detail: `a gateway (${version}) is running on ${address}` };
}

function whyTaken(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

async function gatewayVersionAt(host: string, port: number): Promise<string | undefined> {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  try {
    const response = await fetch(`http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/`, {
      signal: AbortSignal.timeout(2_000),
    });
    const { name, version } = (await response.json()) as { name?: string; version?: string };
    return name === 'xidao' ? version : undefined;
  } catch {
    return undefined;
  }
}

function checkProviders(config: Config, { env }: Terminal): Finding[] {
  const described = describeProviders(config, env);
  if (described.length === 0) {
    const detail = 'none; mock/echo answers. Set OPENAI_API_KEY, ANTHROPIC_API_KEY or another provider key';
    return [{ check: 'providers', verdict: 'warn', detail }];
  }
  return described.map(({ name, preset, credentials, keyless, missing }): Finding => {
    const check = `provider ${name}`;
    if (missing.length > 0) return { check, verdict: 'warn', detail: `left out; not set: ${missing.join(', ')}` };
    if (keyless !== undefined) return { check, verdict: 'ok', detail: 'signs in without a key (not tried)' };
    if (credentials.length === 0 && preset.needsKey !== false) {
      const variable = preset.env[0] === undefined ? '' : ` or ${preset.env[0]}`;
      return { check, verdict: 'warn', detail: `no API key; set providers.${name}.api_key${variable}` };
    }
    const keys = credentials.length;
    const has = keys === 1 ? 'has a key' : `has ${keys} keys`;
    return { check, verdict: 'ok', detail: keys === 0 ? 'needs no key' : `${has} (not tried)` };
  });
}
