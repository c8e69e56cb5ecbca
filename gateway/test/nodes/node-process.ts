import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@xidao/testkit';
import type { ConfigInput } from '../../src/config/schema.ts';

/** `xidao serve` as a process of its own, always on the same port and data folder. */
export interface NodeProcess {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly dataFolder: string;
  /** Whether it takes calls, as far as is known. */
  readonly isUp: boolean;
  /** Resolves when it takes calls. */
  start(): Promise<void>;
  /** As `kill -9` does; resolves when the process is gone. */
  kill(): Promise<void>;
  /** As an operator does: it drains, writes everything down and ends. */
  stop(): Promise<void>;
  /** The value of the metric that has all of these labels; undefined: there is none. */
  metric(name: string, ...labels: string[]): Promise<number | undefined>;
  /** What it has written to its output. */
  output(): string;
}

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
// The first is what the command gives itself; given here, it need not start twice.
const FLAGS = ['--max-semi-space-size=16', '--conditions=xidao-source', '--disable-warning=ExperimentalWarning'];
const START_TRIES = 600;

/** Makes a node in this folder; it is not started yet. */
export async function createNode(name: string, folder: string, config: ConfigInput): Promise<NodeProcess> {
  const port = await freePort();
  const home = path.join(folder, name);
  const dataFolder = path.join(home, 'data');
  const [file, log] = [path.join(home, 'xidao.json'), path.join(home, 'output')];
  mkdirSync(home, { recursive: true });
  writeFileSync(file, JSON.stringify({ ...config, server: { port } }));
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let isUp = false;
  const killWithTests = () => void child?.kill('SIGKILL');

  function isRunning(): boolean {
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!isRunning()) return;
    const exited = once(child!, 'exit');
    isUp = false;
    child!.kill(signal);
    await exited;
  }

  return {
    name,
    url,
    port,
    dataFolder,
    get isUp() {
      return isUp && isRunning();
    },
    async start() {
      const output = openSync(log, 'a');
      child = spawn(process.execPath, [...FLAGS, MAIN, 'serve', '--config', file, '--data', dataFolder], {
        env: { PATH: process.env['PATH'] ?? '' },
        stdio: ['ignore', output, output],
      });
      closeSync(output);
      process.once('exit', killWithTests);
      child.once('exit', () => process.off('exit', killWithTests));
      for (let tries = 0; tries < START_TRIES && isRunning(); tries++) {
        isUp = await answers(url);
        if (isUp) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await end('SIGKILL');
      throw new Error(`The node ${name} did not start:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async metric(metric, ...labels) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const fits = (line: string) => line.startsWith(metric) && labels.every((label) => line.includes(label));
      const found = text.split('\n').find(fits);
      return found === undefined ? undefined : Number(found.split(' ').at(-1));
    },
    output: () => readFileSync(log, 'utf8'),
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
