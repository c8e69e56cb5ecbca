import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { startUpstream, type Upstream } from '@xidao/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { preparePython } from '../../../scripts/python-clients.mjs';
import { aGateway, type RunningGateway } from '../a-gateway.ts';
import { type ProviderDialect, providerDialects } from './crossing.ts';
import { pythonLacks } from './lacking.ts';
import { type MediaHost, startMediaHost } from './media-host.ts';
import { cueByModel } from './python-cues.ts';

const modules = ['openai_cases', 'anthropic_cases'];
const folder = new URL('./python/', import.meta.url).pathname;
const { python, reason } = preparePython();
if (python === undefined) console.warn(`The Python clients are not tested: ${reason}.`);

interface Result {
  provider: string;
  case: string;
  error?: string;
}

describe.skipIf(python === undefined)('the official SDKs for Python', () => {
  let upstream: Upstream;
  let gateway: RunningGateway;
  let media: MediaHost;
  const runs = new Map<string, Run>();

  beforeAll(async () => {
    upstream = await startUpstream({ answer: cueByModel() });
    const provider = (dialect: ProviderDialect) => ({
      dialect,
      base_url: upstream.url + (dialect.startsWith('openai') ? '/v1' : ''),
      api_key: 'sk-upstream',
    });
    gateway = await aGateway({
      providers: Object.fromEntries(providerDialects.map((dialect) => [dialect, provider(dialect)])),
      media: { allow_private: true },
    });
    media = await startMediaHost();
    for (const module of modules) runs.set(module, startRun(module, gateway, media));
  });
  afterAll(async () => {
    for (const run of runs.values()) run.child.kill();
    await gateway?.[Symbol.asyncDispose]();
    await upstream?.close();
    await media?.[Symbol.asyncDispose]();
  });

  for (const module of modules) {
    for (const provider of providerDialects) {
      for (const name of casesIn(module, provider)) {
        const missing = pythonLacks[module]?.[provider]?.[name];
        const title = `${module} → ${provider}: ${name.replaceAll('_', ' ')}`;
        const run = async () => {
          const { error } = await resultOf(runs.get(module)!, provider, name);
          expect(error, error).toBeUndefined();
        };
        if (missing === undefined) test(title, run);
        else test.fails(`${title} [not yet: ${missing}]`, run);
      }
    }
  }

  test('a provider sees that its client left', async () => {
    await Promise.all([...runs.values()].map(({ ended }) => ended));
    const stalled = upstream.calls.filter(({ path, json }) => `${path}${JSON.stringify(json)}`.includes('stalls-'));
    expect(stalled).toHaveLength(2 * providerDialects.length);
    await Promise.all(stalled.map((call) => upstream.waitForAbort(call)));
  });
});

/** The cases of a module that are there for this provider, in their order. */
function casesIn(module: string, provider: ProviderDialect): string[] {
  const source = readFileSync(`${folder}${module}.py`, 'utf8');
  const marked = [...source.matchAll(/^@case(?:\(only="(.+)"\))?\ndef (\w+)/gm)];
  return marked.flatMap(([, only, name]) => (only === undefined || only === provider ? [name!] : []));
}

interface Run {
  child: ChildProcess;
  results: Map<string, Result>;
  errors: string[];
  ended: Promise<void>;
  /** Resolves at the next result, or at the end. */
  news: Promise<void>;
}

function startRun(module: string, gateway: RunningGateway, media: MediaHost): Run {
  const args = ['run_cases.py', module, gateway.url, gateway.key, `${media.url}/pixel.png`, ...providerDialects];
  const child = spawn(python!, args, { cwd: folder, env: { PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1' } });
  let tell = () => {};
  const run: Run = { child, results: new Map(), errors: [], ended: Promise.resolve(), news: Promise.resolve() };
  const renew = () => {
    tell();
    run.news = new Promise((resolve) => {
      tell = resolve;
    });
  };
  renew();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => run.errors.push(text));
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const result = JSON.parse(line) as Result;
    run.results.set(`${result.provider} ${result.case}`, result);
    renew();
  });
  run.ended = once(child, 'close').then(() => tell());
  return run;
}

async function resultOf(run: Run, provider: string, name: string): Promise<Result> {
  for (;;) {
    const result = run.results.get(`${provider} ${name}`);
    if (result !== undefined) return result;
    if (run.child.exitCode !== null || run.child.signalCode !== null) {
      await run.ended;
      const late = run.results.get(`${provider} ${name}`);
      if (late === undefined) throw new Error(`Python ended before this case:\n${run.errors.join('')}`);
      return late;
    }
    await Promise.race([run.news, run.ended]);
  }
}
