import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ConfigWatch, type Timers, type WatchConfigOptions, watchConfig } from './watch.ts';

let folder: string;
let watching: ConfigWatch | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'xidao-watch-'));
});

afterEach(() => {
  watching?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Watches a file, and gives its new texts one by one as they are told. */
async function watchTexts(file: string, text: string, options: Partial<WatchConfigOptions> = {}) {
  const told: string[] = [];
  let waiting: (() => void) | undefined;
  watching = watchConfig({
    file,
    text,
    settleMs: 5,
    pollMs: 3_600_000,
    onChange(changed) {
      told.push(changed);
      waiting?.();
    },
    ...options,
  });
  await watching.check();
  return {
    told,
    async next(): Promise<string> {
      if (told.length === 0) await new Promise<void>((resolve) => (waiting = resolve));
      return told.shift()!;
    },
  };
}

test('sees a file written in place', async () => {
  const file = join(folder, 'xidao.yaml');
  writeFileSync(file, 'a');
  const texts = await watchTexts(file, 'a');
  writeFileSync(file, 'b');
  expect(await texts.next()).toBe('b');
  writeFileSync(file, 'c');
  expect(await texts.next()).toBe('c');
});

test('sees a new file renamed over the old one, again and again', async () => {
  const file = join(folder, 'xidao.yaml');
  writeFileSync(file, 'a');
  const texts = await watchTexts(file, 'a');
  for (const text of ['b', 'c', 'd']) {
    writeFileSync(join(folder, '.xidao.yaml.swp'), text);
    renameSync(join(folder, '.xidao.yaml.swp'), file);
    expect(await texts.next()).toBe(text);
  }
});

test('sees a mounted volume that swaps the link beside the file', async () => {
  const swapTo = (version: string, text: string) => {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, 'xidao.yaml'), text);
    symlinkSync(version, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  swapTo('..1', 'a');
  symlinkSync('..data/xidao.yaml', join(folder, 'xidao.yaml'));
  const texts = await watchTexts(join(folder, 'xidao.yaml'), 'a');
  swapTo('..2', 'b');
  rmSync(join(folder, '..1'), { recursive: true });
  expect(await texts.next()).toBe('b');
  swapTo('..3', 'c');
  rmSync(join(folder, '..2'), { recursive: true });
  expect(await texts.next()).toBe('c');
});

test('sees a change where a link in another folder leads', async () => {
  mkdirSync(join(folder, 'etc'));
  mkdirSync(join(folder, 'home'));
  writeFileSync(join(folder, 'etc', 'real.yaml'), 'a');
  symlinkSync('../etc/real.yaml', join(folder, 'home', 'xidao.yaml'));
  const texts = await watchTexts(join(folder, 'home', 'xidao.yaml'), 'a');
  writeFileSync(join(folder, 'etc', 'real.yaml'), 'b');
  expect(await texts.next()).toBe('b');
});

test('says nothing of a save that changes nothing, and of a file that is away for a moment', async () => {
  const file = join(folder, 'xidao.yaml');
  writeFileSync(file, 'a');
  const texts = await watchTexts(file, 'a');
  writeFileSync(file, 'a');
  await watching!.check();
  await watching!.check();
  rmSync(file);
  await watching!.check();
  writeFileSync(file, 'a');
  await watching!.check();
  await watching!.check();
  expect(texts.told).toEqual([]);
  writeFileSync(file, 'b');
  expect(await texts.next()).toBe('b');
  expect(texts.told).toEqual([]);
});

test('takes a text only once two looks agree on it', async () => {
  const file = join(folder, 'xidao.yaml');
  writeFileSync(file, 'a');
  const texts = await watchTexts(file, 'a', { timers: stoppedTimers().timers });
  writeFileSync(file, 'half');
  await watching!.check();
  writeFileSync(file, 'half and half');
  await watching!.check();
  expect(texts.told).toEqual([]);
  await watching!.check();
  expect(texts.told).toEqual(['half and half']);
});

test('looks now and then even without a sign, until it is closed', async () => {
  const file = join(folder, 'xidao.yaml');
  writeFileSync(file, 'a');
  const { timers, waits } = stoppedTimers();
  await watchTexts(file, 'a', { timers, pollMs: 10_000 });
  expect([...waits.values()].some(({ ms }) => ms === 10_000)).toBe(true);
  watching!.close();
  expect(waits.size).toBe(0);
});

test('hands on what the listener throws, and goes on', async () => {
  const file = join(folder, 'xidao.yaml');
  writeFileSync(file, 'a');
  const errors: unknown[] = [];
  let told = 0;
  const options = {
    onChange: () => Promise.reject(new Error(`refused ${++told}`)),
    onError: (error: unknown) => errors.push(error),
  };
  await watchTexts(file, 'a', { ...options, timers: stoppedTimers().timers });
  for (const text of ['b', 'c']) {
    writeFileSync(file, text);
    await watching!.check();
    await watching!.check();
  }
  expect(errors.map(String)).toEqual(['Error: refused 1', 'Error: refused 2']);
});

/** Timers that never fire by themselves. */
function stoppedTimers() {
  const waits = new Map<number, { callback: () => void; ms: number }>();
  let last = 0;
  const timers: Timers = {
    setTimeout(callback, ms) {
      last += 1;
      waits.set(last, { callback, ms });
      return last;
    },
    clearTimeout(timer) {
      waits.delete(timer as number);
    },
  };
  return { timers, waits };
}
