import { expect, test } from 'vitest';
import { aPrompt } from '../../test/a-prompt.ts';
import { createAbTests } from './ab-tests.ts';
import { followSigns } from './follow-signs.ts';
import { createRules } from './rules.ts';

const circumstances = { taskOf: () => undefined, nowMs: () => 0 };
const auto = () => ({ names: ['best', 'second'], reason: 'auto', decision: { task: 'chat', candidates: [] } });

test('the first rule that matches decides, and what it names next comes next', () => {
  const rules = createRules(
    [
      { match: { team: ['other'] }, route_to: ['wrong'] },
      { name: 'ours', match: { team: ['ours'] }, route_to: ['one', 'two'] },
      { match: {}, route_to: ['too late'] },
    ],
    circumstances,
  );
  const guidance = followSigns({ rules })!(aPrompt({ caller: { team: 'ours' } }));
  expect(guidance).toMatchObject({ names: ['one', 'two'], reason: 'rule ours', decision: { rule: 'ours' } });
});

test('a rule may send calls into a test, and a test to auto', () => {
  const rules = createRules([{ name: 'try', match: {}, route_to: ['q2', 'safe'] }], circumstances);
  const variants = [{ model: 'auto', weight: 1 }];
  const abTests = createAbTests([{ name: 'q2', enabled: true, sticky: 'none', variants }], circumstances);
  expect(followSigns({ rules, abTests, auto })!(aPrompt())).toMatchObject({
    names: ['best', 'second', 'safe'],
    reason: 'rule try, test q2/auto, auto',
    decision: { rule: 'try', variant: 'q2/auto', task: 'chat' },
  });
});

test('auto is asked for its own name and its tiers alone', async () => {
  const guide = followSigns({ auto })!;
  expect((await guide(aPrompt({ model: 'auto:low' })))?.names).toEqual(['best', 'second']);
  expect(guide(aPrompt({ model: 'automatic' }))).toBeUndefined();
});

test('auto that has to ask somebody first is waited for', async () => {
  const guide = followSigns({
    rules: createRules([{ match: {}, route_to: ['auto', 'safe'] }], circumstances),
    auto: async () => auto(),
  })!;
  expect((await guide(aPrompt()))?.names).toEqual(['best', 'second', 'safe']);
});

test('where nothing is configured there is no guide to ask', () => {
  expect(followSigns({ rules: createRules([], circumstances) })).toBeUndefined();
});
