import { expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { guardRooms, type Watch } from './guard-rooms.ts';

function watching(some: Partial<Watch> = {}): Watch {
  const explain = (error: unknown) => (/gone/.test(String(error)) ? 'The database does not answer.' : undefined);
  return { whyAway: () => undefined, explain, clock: systemClock, patienceMs: () => undefined, ...some };
}

const failing = (error: Error) => guardRooms({ keys: { list: () => Promise.reject(error) } }, watching()).keys.list();

test('a fault of the database is told as one, with what to do', async () => {
  await expect(failing(new Error('gone'))).rejects.toMatchObject({
    code: 'store_unavailable',
    status: 503,
    retryAfterSeconds: 2,
    message: expect.stringContaining('The database does not answer.'),
  });
});

test('every other fault, and a refusal, stays what it is', async () => {
  const conflict = new GatewayError('conflict', 'gone to somebody else');
  await expect(failing(conflict)).rejects.toBe(conflict);
  const odd = new TypeError('odd');
  await expect(failing(odd)).rejects.toBe(odd);
});

test('a database that is known to be away is not even asked', async () => {
  let asked = 0;
  const ask = async () => {
    asked += 1;
  };
  const rooms = guardRooms({ facts: { get: ask }, change: ask }, watching({ whyAway: () => 'It is away.' }));
  await expect(rooms.facts.get()).rejects.toThrow('It is away.');
  await expect(rooms.change()).rejects.toThrow('It is away.');
  expect(asked).toBe(0);
});

test('methods keep their own room, and their answers', async () => {
  const keys = {
    async find(id: string) {
      return `found ${id}`;
    },
    async update(id: string) {
      return this.find(id);
    },
  };
  expect(await guardRooms({ keys }, watching()).keys.update('key_1')).toBe('found key_1');
});

test('what is not answered in time is given up', async () => {
  let ring = () => {};
  const clock = {
    setTimeout(run: () => void) {
      ring = run;
      return { cancel() {} };
    },
  };
  const explain = (error: unknown) => String(error);
  const rooms = guardRooms(
    { keys: { list: () => new Promise(() => {}) } },
    watching({ clock, explain, patienceMs: () => 5_000 }),
  );
  const listed = rooms.keys.list();
  ring();
  await expect(listed).rejects.toThrow('no answer within 5 s');
});
