import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
let folder: string;
const running: Command[] = [];

interface Command {
  child: ChildProcessByStdio<null, Readable, Readable>;
  out(): string;
  err(): string;
  /** Resolves when this stands in its output. */
  saysAll(...words: string[]): Promise<void>;
  exitCode: Promise<number | null>;
}

function xidao(...args: string[]): Command {
  const child = spawn(process.execPath, ['--conditions=xidao-source', MAIN, ...args], {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', (bytes) => {
    out += bytes;
    notify();
  });
  child.stderr.on('data', (bytes) => {
    err += bytes;
    notify();
  });
  const command: Command = {
    child,
    out: () => out,
    err: () => err,
    exitCode: new Promise((resolve) => child.on('close', resolve)),
    saysAll: (...words) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (words.every((word) => out.includes(word))) resolve();
        };
        listeners.add(look);
        child.on('close', () => reject(new Error(`ended without saying ${words.join(', ')}:\n${out}${err}`)));
        look();
      }),
  };
  running.push(command);
  return command;
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'xidao-serve-'));
});

afterEach(async () => {
  for (const { child, exitCode } of running.splice(0)) {
    child.kill('SIGKILL');
    await exitCode;
  }
  rmSync(folder, { recursive: true, force: true });
});

test('keeps new keys in files, serves, refuses a wrong change, takes a right one, and stops on SIGTERM', async () => {
  const file = path.join(folder, 'xidao.yaml');
  writeFileSync(file, 'server: { port: 0 }\n');
  const gateway = xidao();
  await gateway.saysAll('Try it:', '-d ');
  const url = /listening on (\S+)/.exec(gateway.out())![1]!;
  const [adminKey, appKey] = ['admin.key', 'app.key'].map((name) => {
    const place = path.join(folder, 'data', name);
    expect(gateway.out()).toContain(place);
    expect(statSync(place).mode & 0o777).toBe(0o600);
    return readFileSync(place, 'utf8').trim();
  });

  const ask = (key: string) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: '{"model":"mock/echo","messages":[{"role":"user","content":"Hello!"}]}',
    });
  const answer = (await (await ask(appKey!)).json()) as { choices: [{ message: { content: string } }] };
  expect(answer.choices[0].message.content).toBe('Hello!');

  writeFileSync(file, 'server: { prot: 0 }\n');
  await gateway.saysAll('the changed configuration is refused', 'did you mean');
  writeFileSync(file, 'server: { port: 0 }\nkeys: [{ name: more, key: xd-from-the-file }]\n');
  await gateway.saysAll('the configuration is in force');
  expect((await ask('xd-from-the-file')).status).toBe(200);
  gateway.child.kill('SIGHUP');
  await gateway.saysAll('told to read the configuration again');

  const second = xidao('serve', '--port', '0');
  expect(await second.exitCode).toBe(1);
  expect(second.err().trim().split('\n')).toEqual([
    expect.stringContaining(`in use by another gateway (process ${gateway.child.pid})`),
  ]);
  expect((await ask(appKey!)).status).toBe(200);

  gateway.child.kill('SIGTERM');
  expect(await gateway.exitCode).toBe(0);
  for (const secret of [adminKey!, appKey!, 'xd-from-the-file'])
    expect(gateway.out() + gateway.err()).not.toContain(secret);
}, 30_000);

test('says in one line that the port is taken, and where the keys of this start are', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const gateway = xidao('serve', '--port', String(port), '--data', 'here');
  expect(await gateway.exitCode).toBe(1);
  await new Promise((resolve) => other.close(resolve));
  const lines = gateway.err().trim().split('\n');
  expect(lines.at(-1)).toBe(
    `Port ${port} on 127.0.0.1 is in use. Stop the program that has it, or take another one with --port.`,
  );
  expect(gateway.err()).toContain(path.join('here', 'app.key'));
  expect(existsSync(path.join(folder, 'here', 'app.key'))).toBe(true);
}, 30_000);

test('says in one line that the data folder cannot be had', async () => {
  writeFileSync(path.join(folder, 'plain'), '');
  const gateway = xidao('--data', 'plain/data', '--port', '0');
  expect(await gateway.exitCode).toBe(1);
  expect(gateway.err().trim()).toMatch(
    /^The data folder .*plain\/data cannot be made \((ENOTDIR|EEXIST)\)\. .*--data.*$/,
  );
}, 30_000);
