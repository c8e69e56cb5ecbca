import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ListedModel } from '../catalogue/models-document.ts';
import { pickModel, type Welcome, writeWelcome } from './welcome.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'xidao-welcome-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const plain: Welcome = {
  version: '1.2.3',
  url: 'http://127.0.0.1:8080',
  configFile: undefined,
  dataFolder: '/data',
  providers: [],
  model: 'mock/echo',
};

/** What `curl` is given when the printed command is pasted into a shell. */
function argumentsOfCurl(welcome: Welcome, env: Record<string, string> = {}): string[] {
  const text = writeWelcome(welcome);
  const command = text.slice(text.indexOf('  curl '));
  const script = `curl() { for word in "$@"; do printf '%s\\n' "$word"; done; }\n${command}`;
  return execFileSync('/bin/sh', ['-c', script], { env: { PATH: '/usr/bin:/bin', ...env }, encoding: 'utf8' })
    .trim()
    .split('\n');
}

const body = '{"model":"mock/echo","messages":[{"role":"user","content":"Hello!"}]}';

test('prints a curl that carries a new key as it is', () => {
  const words = argumentsOfCurl({ ...plain, appKey: { secret: 'xd-new' } });
  expect(words).toEqual([
    'http://127.0.0.1:8080/v1/chat/completions',
    '-H',
    'Authorization: Bearer xd-new',
    '-H',
    'Content-Type: application/json',
    '-d',
    body,
  ]);
});

test('prints a curl that reads the key from its file, whatever the folder is called', () => {
  const odd = path.join(folder, "it's a folder");
  mkdirSync(odd);
  const file = path.join(odd, 'app.key');
  writeFileSync(file, 'xd-in-a-file\n');
  expect(argumentsOfCurl({ ...plain, appKey: { file } })).toContain('Authorization: Bearer xd-in-a-file');
});

test('prints a curl that takes the key from the environment on later starts', () => {
  expect(argumentsOfCurl(plain, { XIDAO_API_KEY: 'xd-mine' })).toContain('Authorization: Bearer xd-mine');
});

test('keeps the shell out of odd names of models', () => {
  expect(argumentsOfCurl({ ...plain, model: "it's $(exit 1)" }).at(-1)).toBe(
    body.replace('mock/echo', "it's $(exit 1)"),
  );
});

test('shows keys only if this start has made them', () => {
  expect(writeWelcome(plain)).not.toMatch(/Admin key|App key/);
  const text = writeWelcome({ ...plain, adminKey: { file: '/data/admin.key' }, appKey: { secret: 'xd-new' } });
  expect(text).toContain('Admin key  in /data/admin.key');
  expect(text).toContain('App key    xd-new   (shown this once');
});

test('picks a recent and cheap chat model for the first call, else the echo', () => {
  const listed = (id: string, more: Partial<ListedModel['model']>, output = 0): ListedModel => ({
    id,
    model: {
      id,
      provider: 'p',
      title: id,
      aliases: [],
      prices: [],
      ...more,
      ...(output > 0 && { prices: pricesOf(output) }),
    },
  });
  const pricesOf = (output: number): ListedModel['model']['prices'] => [
    { price: { input: 1, output, source: 'test', date: '2026-01-01' } } as ListedModel['model']['prices'][number],
  ];
  const echo = listed('mock/echo', {});
  expect(pickModel([echo], 0)).toBe('mock/echo');
  expect(pickModel([], 0)).toBeUndefined();
  const old = Array.from({ length: 20 }, (_, index) =>
    listed(`new-${index}`, { tools: true, released: '2026-05' }, 50),
  );
  const models = [
    echo,
    listed('cheap-but-old', { tools: true, released: '2023-01' }, 1),
    listed('embed', { released: '2026-10' }, 1),
    listed('ending', { tools: true, released: '2026-10', deprecated: true }, 1),
    listed('best', { tools: true, released: '2026-09' }, 10),
    ...old,
  ];
  expect(pickModel(models, 0)).toBe('best');
});
