import { expect, test } from 'vitest';
import { aPrompt } from '../../test/a-prompt.ts';
import { type Match, matchesCall } from './match-call.ts';

const at = (time: string) => ({ taskOf: () => 'translation', nowMs: () => Date.parse(`2026-11-20T${time}:00Z`) });

test.each<[string, Match, boolean]>([
  ['nothing is asked', {}, true],
  ['the model fits a pattern', { model: ['gpt-*', 'fa*'] }, true],
  ['the model is another', { model: ['gpt-*'] }, false],
  ['the team agrees', { team: ['backend'] }, true],
  ['the call has no user', { user: ['anna'] }, false],
  ['all tags agree', { tags: { env: 'prod' } }, true],
  ['a tag is missing', { tags: { env: 'prod', region: 'eu' } }, false],
  ['the input is large enough', { min_input_tokens: 1000 }, true],
  ['the input is too large', { max_input_tokens: 1000 }, false],
  ['the task agrees', { task: ['translation'] }, true],
  ['the task is another', { task: ['chat'] }, false],
  ['it is within the hours', { hours: '09:00-17:00' }, true],
  ['it is outside the hours', { hours: '18:00-22:00' }, false],
  ['one of several things does not hold', { team: ['backend'], hours: '18:00-22:00' }, false],
  ['the budget is used so far', { budget_used: 0.8 }, true],
  ['the budget is not used so far', { budget_used: 0.95 }, false],
])('a call matches or not when %s', (_, match, expected) => {
  const caller = { team: 'backend', tags: { env: 'prod' }, budgetUsed: () => 0.9 };
  expect(matchesCall(match, aPrompt({ caller, inputTokens: 5000 }), at('12:00'))).toBe(expected);
});

test.each([
  ['23:30', true],
  ['05:59', true],
  ['06:00', false],
  ['12:00', false],
  ['22:00', true],
])('hours that end before they begin go over midnight: 22:00-06:00 at %s', (time, expected) => {
  expect(matchesCall({ hours: '22:00-06:00' }, aPrompt(), at(time))).toBe(expected);
});
