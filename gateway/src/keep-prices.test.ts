import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPriceList } from './catalogue/price-list.ts';
import { createPriceKeeper, type PriceKeeper, readPriceFile } from './keep-prices.ts';

let folder: string;
let file: string;
let keeper: PriceKeeper;
let states: boolean[];
let errors: string[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'prices-'));
  file = path.join(folder, 'prices.yaml');
  states = [];
  errors = [];
  keeper = createPriceKeeper({
    log: { info: () => {}, error: (_: unknown, words: string) => void errors.push(words) } as never,
    tell: (isOk) => states.push(isOk),
  });
});

afterEach(() => {
  keeper.close();
  rmSync(folder, { recursive: true });
});

const at = (input: number) => `prices: [{provider: lab, model: "llama-*", input: ${input}, output: 4}]`;

/** Two looks that agree make a change. */
async function change(text: string): Promise<void> {
  writeFileSync(file, text);
  await keeper.check();
  await keeper.check();
}

test('a changed file holds from the next call on, and a broken one leaves the last good one in force and raises the alarm', async () => {
  writeFileSync(file, at(1));
  keeper.watch(file);
  const list = createPriceList({ file: keeper.current, nowMs: () => 0 });
  const cost = list.pricing('lab', () => []);
  const usage = { inputTokens: 10, outputTokens: 0 };
  const versions = [list.version()];
  expect(cost('llama-4', usage)).toBe(10_000_000);

  await change(at(2));
  expect(cost('llama-4', usage)).toBe(20_000_000);
  versions.push(list.version());

  for (const broken of ['prices: [{provider: lab', 'prices: [{model: x, input: -1}]', '[]', 'prices: [{model: x}]']) {
    await change(broken);
    expect(cost('llama-4', usage)).toBe(20_000_000);
    expect(list.version()).toBe(versions[1]);
  }
  expect(states).toEqual([true, true, false, false, false, false]);
  expect(errors).toHaveLength(4);
  expect(errors[0]).toContain('the last good one stays in force');

  await change(at(3));
  expect(cost('llama-4', usage)).toBe(30_000_000);
  versions.push(list.version());
  expect(states.at(-1)).toBe(true);
  expect(new Set(versions).size).toBe(3);
});

test('a file that was never there leaves the prices of the catalogue, and says so', async () => {
  keeper.watch(file);
  expect(keeper.current()).toBeUndefined();
  expect(states).toEqual([false]);
  expect(errors[0]).toContain('the prices of the catalogue hold');
  await change(at(1));
  expect(keeper.current()?.rows).toHaveLength(1);
});

test('a reload of the configuration keeps what was read, and another file takes its place', () => {
  writeFileSync(file, at(1));
  keeper.watch(file);
  const before = keeper.current();
  keeper.watch(file);
  expect(keeper.current()).toBe(before);
  keeper.watch(undefined);
  expect(keeper.current()).toBeUndefined();
});

test('all that is wrong with a file is told at once', () => {
  const text = 'prices: [{model: a, input: dear}, {model: b, input: 1, from: tomorrow}]\nnonsense: 1';
  expect(() => readPriceFile(text, 'prices.yaml')).toThrow(/prices\.0\.input.*prices\.1\.from.*nonsense/s);
});
