import { expect, test } from 'vitest';
import { parseConfig } from '../load.ts';
import { readBudgets } from './budgets.ts';

const parse = (text: string) => parseConfig({ text, env: {}, knownProviders: [] });
const problemsOf = (text: string) => parse(text).problems.map(({ message }) => message);

test('budgets are a list, or a section with one; shares and amounts become shares, the lowest first', () => {
  const list = `[{ name: house, amount_usd: 1000, thresholds: [{ at: 1, action: refuse }, { at_usd: 10 }, { at_usd: 500 }] }]`;
  for (const text of [`budgets: ${list}`, `budgets: { list: ${list} }`]) {
    const { config, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(config!.budgets.unpriced).toBe('allow');
    expect(readBudgets(config!.budgets)).toEqual([
      {
        ...{ id: 'config:house', source: 'config', name: 'house', scope: { kind: 'gateway', id: '' } },
        ...{ amountPico: 1e15, period: 'monthly', timezone: 'UTC' },
        thresholds: [
          { at: 0.01, action: 'alert' },
          { at: 0.5, action: 'alert' },
          { at: 1, action: 'refuse' },
        ],
      },
    ]);
  }
});

test.each([
  ['a time zone that is none', '{ name: a, amount_usd: 1, timezone: Mars/Olympus }', 'IANA time zone'],
  ['a scope without an id', '{ name: a, amount_usd: 1, scope: { kind: team } }', 'an `id`'],
  ['a tag without a value', '{ name: a, amount_usd: 1, scope: { kind: tag, id: env } }', 'name=value'],
  ['a threshold of two kinds', '{ name: a, amount_usd: 1, thresholds: [{ at: 1, at_usd: 5 }] }', 'either'],
])('%s is refused', (_what, budget, message) => {
  expect(problemsOf(`budgets: { list: [${budget}] }`).join()).toContain(message);
});

test('two budgets of one name, a channel that is not there, and e-mail without a server are refused', () => {
  const twice = '{ list: [{ name: a, amount_usd: 1 }, { name: a, amount_usd: 2 }] }';
  expect(problemsOf(`budgets: ${twice}`).join()).toContain('a name of its own');
  expect(problemsOf('alerts: { default: [ops] }').join()).toContain('alerts.channels');
  expect(problemsOf('alerts: { channels: { a: { type: email, to: [a@example.com] } } }').join()).toContain(
    'alerts.smtp',
  );
});
