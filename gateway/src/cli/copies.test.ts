import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../core/clock.ts';
import { openStore } from '../store/open-store.ts';
import { runCli } from './run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'xidao-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const NO_LOG = { info() {}, error() {} };

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    isTerminal: false,
    env: {},
    folder,
  };
  return { code: await runCli(args, terminal), out: out.join('\n'), err: err.join('\n') };
}

const openHere = () =>
  openStore({ url: 'sqlite:./data/xidao.db', dataFolder: path.join(folder, 'data'), clock: systemClock, log: NO_LOG });

test('what was backed up is there again after it was restored', async () => {
  const store = await openHere();
  await store.facts.set('colour', 'green');
  expect(await run('backup', 'copy')).toMatchObject({ code: 0, out: expect.stringContaining('database.db') });
  await store.facts.set('colour', 'red');
  const held = await run('restore', 'copy');
  expect(held).toMatchObject({ code: 1, err: expect.stringMatching(/running|stop/i) });
  await store.close();
  expect((await run('restore', 'copy')).code).toBe(0);
  const again = await openHere();
  expect(await again.facts.get('colour')).toBe('green');
  await again.close();
});

test('a folder that is not empty, or is no backup, is refused in words', async () => {
  await (await openHere()).close();
  expect((await run('backup', 'data')).code).toBe(1);
  const { code, err } = await run('restore', 'nowhere');
  expect(code).toBe(1);
  expect(err).not.toBe('');
});
