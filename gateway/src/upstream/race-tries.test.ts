import { expect, test } from 'vitest';
import type { Reply } from '../core/reply.ts';
import { type Runner, raceTries } from './race-tries.ts';

function aRunner() {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const seen: string[] = [];
  const runner: Runner = {
    reply: promise,
    answer: undefined,
    abandon: () => void seen.push('abandoned'),
    noted: { isTheAnswer: () => void seen.push('is the answer') },
  };
  return {
    runner,
    seen,
    fails: reject,
    begins() {
      runner.answer = { status: 200 } as Reply;
      resolve(runner.answer);
      return runner.answer;
    },
  };
}

/** A timer that is over when it is told to be. */
function aTimer() {
  let run = () => {};
  let isCancelled = false;
  return {
    clock: {
      now: () => 0,
      wallMs: () => 0,
      setTimeout(then: () => void) {
        run = then;
        return {
          cancel: () => {
            isCancelled = true;
          },
        };
      },
    },
    over: () => run(),
    get isCancelled() {
      return isCancelled;
    },
  };
}

test('a first that is quick decides alone, and its timer does not go on', async () => {
  for (const ends of ['begins', 'fails'] as const) {
    const first = aRunner();
    const timer = aTimer();
    const race = raceTries(first.runner, { delayMs: 10, clock: timer.clock, startSecond: () => undefined });
    if (ends === 'begins') {
      const reply = first.begins();
      expect(await race).toBe(reply);
    } else {
      first.fails(new Error('broken'));
      await expect(race).rejects.toThrow('broken');
    }
    expect(timer.isCancelled).toBe(true);
  }
});

test('the first that begins wins, and the other is let go', async () => {
  const first = aRunner();
  const second = aRunner();
  const timer = aTimer();
  const race = raceTries(first.runner, { delayMs: 10, clock: timer.clock, startSecond: () => second.runner });
  timer.over();
  const reply = second.begins();
  expect(await race).toBe(reply);
  expect([first.seen, second.seen]).toEqual([['abandoned'], ['is the answer']]);
});

test('when one fails the other is waited for; when both do, the first one’s failure is told', async () => {
  for (const secondAnswers of [true, false]) {
    const first = aRunner();
    const second = aRunner();
    const timer = aTimer();
    const race = raceTries(first.runner, { delayMs: 10, clock: timer.clock, startSecond: () => second.runner });
    timer.over();
    first.fails(new Error('the first'));
    await Promise.resolve();
    if (secondAnswers) {
      const reply = second.begins();
      expect(await race).toBe(reply);
    } else {
      second.fails(new Error('the second'));
      await expect(race).rejects.toThrow('the first');
    }
  }
});

test('a second that cannot be started does not end the first', async () => {
  for (const startSecond of [
    () => undefined,
    () => {
      throw new Error('no time left');
    },
  ]) {
    const first = aRunner();
    const timer = aTimer();
    const race = raceTries(first.runner, { delayMs: 10, clock: timer.clock, startSecond });
    timer.over();
    const reply = first.begins();
    expect(await race).toBe(reply);
  }
});
