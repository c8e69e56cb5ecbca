import { expect, test } from 'vitest';
import type { AttemptRecord, CallRecord } from '../core/record.ts';
import { usedTokens } from './token-count.ts';

const usage = (inputTokens: number, outputTokens: number) => ({ usage: { inputTokens, outputTokens } });

function used(own: object, ...attempts: Partial<AttemptRecord>[]) {
  return usedTokens({ status: 200, attempts, ...own } as CallRecord, true);
}

test('what stands at the attempt that answered and at the call is counted once', () => {
  const answered = { verdict: 'answered', ...usage(100, 20) } as const;
  expect(used(usage(100, 20), answered)).toEqual({ input: 100, output: 20 });
  expect(used(usage(100, 20), { verdict: 'next-target', ...usage(0, 0) }, answered)).toEqual({
    input: 100,
    output: 20,
  });
});

test('every attempt that used something counts, the one that lost a race too', () => {
  const lost = { verdict: 'abandoned', isHedge: true, ...usage(100, 5) } as const;
  expect(used(usage(100, 20), { verdict: 'answered' }, lost)).toEqual({ input: 200, output: 25 });
  expect(used(usage(100, 20), { verdict: 'answered', ...usage(100, 20) }, lost)).toEqual({ input: 200, output: 25 });
});

test('an answer of which nobody told the usage is not known to have used nothing', () => {
  expect(used({}, { verdict: 'next-target', ...usage(0, 0) }, { verdict: 'answered' })).toBeUndefined();
  expect(used({ status: 502 }, { verdict: 'next-target', ...usage(0, 0) })).toEqual({ input: 0, output: 0 });
  expect(used({ status: 429 })).toEqual({ input: 0, output: 0 });
});
