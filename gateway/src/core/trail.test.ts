import { expect, test } from 'vitest';
import { aPrompt } from '../../test/a-prompt.ts';
import type { Call } from './call.ts';
import { systemClock } from './clock.ts';
import type { Target } from './target.ts';
import { type Pricing, Trail } from './trail.ts';

const call = { ...aPrompt().call, startedAt: 0, startedAtMs: 0 } as Call;
const used = (inputTokens: number, outputTokens = 0) => ({ inputTokens, outputTokens });

/** One pico-dollar a token, or no price at all. */
function aTarget(provider: string, isPriced = true): Target {
  const cost = (usage: { inputTokens: number; outputTokens: number }) =>
    isPriced ? usage.inputTokens + usage.outputTokens : undefined;
  return { provider, model: 'm', cost } as Target;
}

function aTrail(pricing?: Pricing): Trail {
  return new Trail(call, systemClock, undefined, pricing);
}

test('a call costs what all of its attempts cost, and its usage is that of the answer', () => {
  const trail = aTrail();
  trail.attempt(aTarget('silent'), false, aPrompt({ inputTokens: 70 })).costItsPrompt();
  trail.attempt(aTarget('refusing')).costNothing();
  trail.attempt(aTarget('answering')).answered(200);
  trail.measured(used(100, 5), 105);
  const record = trail.settle();
  expect(record).toMatchObject({ costPicoUsd: 175, usage: used(100, 5), usageSource: 'measured' });
  expect(record.attempts.map(({ usageSource, costPicoUsd }) => [usageSource, costPicoUsd])).toEqual([
    ['estimated', 70],
    ['measured', 0],
    ['measured', 105],
  ]);
});

test('of two that run side by side, usage falls to the one that is the answer', () => {
  const trail = aTrail();
  const first = trail.attempt(aTarget('first'), false, aPrompt({ inputTokens: 7 }));
  const second = trail.attempt(aTarget('second'), true, aPrompt({ inputTokens: 7 }));
  second.costItsPrompt();
  first.answered(200);
  first.isTheAnswer();
  trail.measured(used(10), 10);
  expect(trail.settle().attempts.map(({ costPicoUsd }) => costPicoUsd)).toEqual([10, 7]);
});

test('what has no price is said, is not zero, and does not hide what others cost', () => {
  const alone = aTrail();
  alone.attempt(aTarget('free?', false)).answered(200);
  alone.measured(used(10), undefined);
  expect(alone.settle()).toMatchObject({ isUnpriced: true });
  expect(alone.record).not.toHaveProperty('costPicoUsd');

  const after = aTrail();
  after.attempt(aTarget('silent'), false, aPrompt({ inputTokens: 70 })).costItsPrompt();
  after.attempt(aTarget('free?', false)).answered(200);
  after.measured(used(10), undefined);
  expect(after.settle()).toMatchObject({ isUnpriced: true, costPicoUsd: 70 });
});

test('an answer of which nobody knows the usage has no cost, rather than none', () => {
  const trail = aTrail();
  trail.attempt(aTarget('refusing')).costNothing();
  trail.attempt(aTarget('painting')).answered(200);
  expect(trail.settle()).not.toHaveProperty('costPicoUsd');
});

test('what a client was told that several attempts used stays, and each keeps its own', () => {
  const trail = aTrail();
  trail.attempt(aTarget('first')).answered(200);
  trail.estimated(used(10, 3), 13);
  trail.attempt(aTarget('second')).answered(200);
  trail.told(used(22, 8));
  trail.measured(used(12, 5), 17);
  expect(trail.settle()).toMatchObject({ usage: used(22, 8), usageSource: 'estimated', costPicoUsd: 30 });
});

test('a team is charged by its rule, attempt by attempt', () => {
  const charge: Pricing['charge'] = (cost, team, { provider }) =>
    team === 'research' && provider === 'answering' ? cost * 2 : undefined;
  const settle = (team?: string) => {
    const trail = aTrail({ version: () => '2026-11-20.abcdef01', charge });
    trail.identified({ keyId: 'k', keyName: 'k', ...(team !== undefined && { team }) });
    trail.attempt(aTarget('silent'), false, aPrompt({ inputTokens: 70 })).costItsPrompt();
    trail.attempt(aTarget('answering')).answered(200);
    trail.measured(used(100), 100);
    return trail.settle();
  };
  expect(settle('research')).toMatchObject({
    costPicoUsd: 170,
    chargedPicoUsd: 270,
    priceVersion: '2026-11-20.abcdef01',
  });
  expect(settle('other')).not.toHaveProperty('chargedPicoUsd');
  expect(settle()).not.toHaveProperty('chargedPicoUsd');
});
