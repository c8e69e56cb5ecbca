import { expect, test } from 'vitest';
import { watchBody } from './watch-body.ts';

/** A stream of so many chunks of ten bytes. */
function aBody(chunks: number, { breaks = false } = {}) {
  const told = { given: 0, isLetGo: false };
  const body: AsyncIterableIterator<Uint8Array, undefined> = {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (told.given >= chunks) {
        if (breaks) throw new Error('cut');
        return { done: true, value: undefined };
      }
      told.given += 1;
      return { done: false, value: new Uint8Array(10) };
    },
    async return() {
      told.isLetGo = true;
      return { done: true, value: undefined };
    },
  };
  return { body, told };
}

function watched(body: AsyncIterable<Uint8Array>, bytesToDrain = 0) {
  const seen: Uint8Array[] = [];
  const endings: boolean[] = [];
  const watch = watchBody(body, {
    seen: { see: (chunk) => seen.push(chunk) },
    ended: (isWhole) => endings.push(isWhole),
    bytesToDrain: () => bytesToDrain,
  });
  return { watch, seen, endings };
}

test('the very same chunks pass, and the end is told once', async () => {
  const { body } = aBody(3);
  const { watch, seen, endings } = watched(body);
  const passed: Uint8Array[] = [];
  for await (const chunk of watch) passed.push(chunk);
  await watch.return!();
  expect(passed).toHaveLength(3);
  expect(passed.every((chunk, at) => chunk === seen[at])).toBe(true);
  expect(endings).toEqual([true]);
});

test('a reader that leaves lets the source go', async () => {
  const { body, told } = aBody(100);
  const { watch, endings } = watched(body);
  await watch.next();
  await watch.return!();
  expect(told).toEqual({ given: 1, isLetGo: true });
  expect(endings).toEqual([false]);
});

test('where it is to be drained, the rest is read for nobody, to its end', async () => {
  const { body, told } = aBody(20);
  const { watch, seen, endings } = watched(body, 1_000);
  await watch.next();
  await watch.return!();
  expect(seen).toHaveLength(20);
  expect(told.isLetGo).toBe(true);
  expect(endings).toEqual([true]);
});

test('and no further than it may be', async () => {
  const { body, told } = aBody(1_000);
  const { watch, endings } = watched(body, 95);
  await watch.next();
  await watch.return!();
  expect(told).toEqual({ given: 11, isLetGo: true });
  expect(endings).toEqual([false]);
});

test('a source that breaks while it is drained ends the draining', async () => {
  const { body } = aBody(5, { breaks: true });
  const { watch, endings } = watched(body, 1_000);
  await watch.next();
  await watch.return!();
  expect(endings).toEqual([false]);
});
