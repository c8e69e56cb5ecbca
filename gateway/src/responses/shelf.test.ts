import { describe, expect, test } from 'vitest';
import type { Clock } from '../core/clock.ts';
import type { KeptResponse } from '../core/kept-response.ts';
import type { ResponseStore } from '../store/store.ts';
import { createShelf } from './shelf.ts';

const DAY_MS = 86_400_000;

function aResponse(id: string, input = '"Hi"'): KeptResponse {
  return {
    id,
    keyId: 'key_1',
    model: 'm',
    provider: 'p',
    createdAtMs: 0,
    expiresAtMs: 9,
    response: { id },
    input,
  };
}

/** A clock whose timers go off when the test says so. */
function aClock(): Clock & { timers: { run: () => void; milliseconds: number }[]; go(milliseconds: number): void } {
  const timers: { run: () => void; milliseconds: number }[] = [];
  return {
    timers,
    now: () => 0,
    wallMs: () => 5,
    setTimeout(run, milliseconds) {
      const timer = { run, milliseconds };
      timers.push(timer);
      return { cancel: () => void timers.splice(timers.indexOf(timer), 1) };
    },
    go(milliseconds) {
      for (const timer of timers.filter((one) => one.milliseconds === milliseconds)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.run();
      }
    },
  };
}

function aStore(
  more: Partial<ResponseStore> = {},
): ResponseStore & { rows: Map<string, KeptResponse>; purges: number[] } {
  const rows = new Map<string, KeptResponse>();
  const purges: number[] = [];
  return {
    rows,
    purges,
    insert: async (kept) => void rows.set(kept.id, kept),
    find: async (id) => rows.get(id),
    conversation: async (id) => [...rows.values()].filter((row) => row.id === id),
    remove: async (id) => rows.delete(id),
    purge: async (nowMs) => purges.push(nowMs),
    ...more,
  };
}

function aShelf(store: ResponseStore) {
  const clock = aClock();
  const lines: string[] = [];
  const shelf = createShelf({ store, clock, log: { error: (_, message) => lines.push(message) } });
  return { shelf, clock, lines };
}

describe('putting', () => {
  test('writes nothing in the turn of the call, and all of it after', async () => {
    const store = aStore();
    const { shelf, clock } = aShelf(store);
    shelf.put(aResponse('resp_1'));
    shelf.put(aResponse('resp_2'));
    expect(store.rows.size).toBe(0);
    clock.go(0);
    await shelf.flush();
    expect([...store.rows.keys()]).toEqual(['resp_1', 'resp_2']);
  });

  test('is seen by whoever reads at once', async () => {
    const { shelf } = aShelf(aStore());
    shelf.put(aResponse('resp_1'));
    expect(await shelf.find('resp_1', 'key_1')).toEqual(aResponse('resp_1'));
    shelf.put(aResponse('resp_2'));
    expect(await shelf.conversation('resp_2', 'key_1')).toHaveLength(1);
    shelf.put(aResponse('resp_3'));
    expect(await shelf.remove('resp_3', 'key_1')).toBe(true);
  });

  test('is done when the shelf is closed', async () => {
    const store = aStore();
    const { shelf, clock } = aShelf(store);
    shelf.startPurging();
    shelf.put(aResponse('resp_1'));
    await shelf.close();
    expect(store.rows.size).toBe(1);
    expect(clock.timers).toEqual([]);
  });

  test('throws nothing when the store fails; the log tells it, and the next one is written', async () => {
    const rows: string[] = [];
    const store = aStore({
      insert: async ({ id }) => {
        if (id === 'resp_1') throw new Error('disk full');
        rows.push(id);
      },
    });
    const { shelf, lines } = aShelf(store);
    shelf.put(aResponse('resp_1'));
    shelf.put(aResponse('resp_2'));
    await shelf.flush();
    expect(rows).toEqual(['resp_2']);
    expect(lines).toEqual(['a response could not be kept; its call is not affected']);
  });

  test('holds no more than 64 MB for a store that does not answer, and goes on when it does', async () => {
    const answers: (() => void)[] = [];
    const { shelf, clock, lines } = aShelf(aStore({ insert: () => new Promise((resolve) => answers.push(resolve)) }));
    const input = 'x'.repeat(16 * 1024 * 1024);
    for (let index = 0; index < 7; index++) shelf.put(aResponse(`resp_${index}`, input));
    clock.go(0);
    expect(answers).toHaveLength(5);
    expect(lines).toHaveLength(2);
    for (const answer of answers.splice(0)) answer();
    await shelf.flush();
    shelf.put(aResponse('resp_8', input));
    clock.go(0);
    expect(answers).toHaveLength(1);
    answers[0]!();
    await shelf.close();
  });
});

test('what has expired is taken away at the start and every day, also after a day on which that failed', async () => {
  let fails = false;
  const purges: number[] = [];
  const store = aStore({
    purge: async (nowMs) => {
      if (fails) throw new Error('locked');
      return purges.push(nowMs);
    },
  });
  const { shelf, clock, lines } = aShelf(store);
  shelf.startPurging();
  await shelf.flush();
  expect(purges).toEqual([5]);
  fails = true;
  clock.go(DAY_MS);
  await shelf.flush();
  expect(lines).toHaveLength(1);
  fails = false;
  clock.go(DAY_MS);
  await shelf.flush();
  expect(purges).toEqual([5, 5]);
});
