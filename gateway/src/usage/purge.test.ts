import { expect, test } from 'vitest';
import { type Clock, systemClock } from '../core/clock.ts';
import { createPurge } from './purge.ts';
import type { Retention } from './usage-store.ts';

test('takes away what is too old at its start and every hour, also after a failure, until it is closed', async () => {
  const timers: { run: () => void; milliseconds: number }[] = [];
  let now = 1_000_000;
  const clock: Clock = {
    ...systemClock,
    wallMs: () => now,
    setTimeout(run, milliseconds) {
      timers.push({ run, milliseconds });
      return { cancel: () => {} };
    },
  };
  const asked: Retention[] = [];
  const told: unknown[] = [];
  const results = [
    { calls: 3, bodies: 0, ledger: 0, hours: 0, days: 0 },
    undefined,
    { calls: 0, bodies: 0, ledger: 0, hours: 0, days: 0 },
  ];
  const purge = createPurge({
    store: {
      async purge(olderThan) {
        asked.push(olderThan);
        const result = results.shift();
        if (result === undefined) throw new Error('gone');
        return result;
      },
    },
    clock,
    keepFor: () => ({ calls: 1_000, bodies: 10 }),
    onPurged: ({ calls }) => told.push(calls),
    onFailure: ({ message }) => told.push(message),
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  purge.start();
  await turn();
  for (let hour = 0; hour < 2; hour++) {
    expect(timers[hour]?.milliseconds).toBe(3_600_000);
    now += 3_600_000;
    timers[hour]!.run();
    await turn();
  }
  expect(asked).toEqual(
    [0, 1, 2].map((hour) => ({ calls: 999_000 + hour * 3_600_000, bodies: 999_990 + hour * 3_600_000 })),
  );
  expect(told).toEqual([3, 'gone']);
  await purge.close();
  expect(timers).toHaveLength(3);
});
