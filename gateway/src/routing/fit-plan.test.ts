import type { Message } from '@xidao/dialects';
import { expect, test } from 'vitest';
import { aPrompt } from '../../test/a-prompt.ts';
import type { Member, Plan } from '../core/plan.ts';
import type { ModelFacts, Target } from '../core/target.ts';
import { differInFacts, fitPlan } from './fit-plan.ts';

function member(name: string, facts: ModelFacts): Member {
  return { target: { name, facts } as Target, weight: 1, priority: 0 };
}

const small = member('small', { contextWindow: 8_000, inputModalities: ['text'] });
const seeing = member('seeing', { contextWindow: 200_000, inputModalities: ['text', 'image'], tools: false });
const unknown = member('unknown', {});
const plan: Plan = {
  groups: [
    { name: 'first', strategy: 'latency', members: [small, seeing] },
    { name: 'then', strategy: 'latency', members: [unknown] },
  ],
  reason: 'alias first',
};
const names = ({ groups }: Plan) => groups.map(({ members }) => members.map(({ target }) => target.name));
const picture: Message = { role: 'user', parts: [{ type: 'image', source: { kind: 'url', url: 'https://a/b.png' } }] };

test('a model whose context is too small is not asked', () => {
  expect(names(fitPlan(plan, aPrompt({ inputTokens: 20_000 })))).toEqual([['seeing'], ['unknown']]);
});

test('the output that is asked for counts to the context', () => {
  const prompt = aPrompt({ inputTokens: 5_000, request: { maxOutputTokens: 4_000 } });
  expect(names(fitPlan(plan, prompt))).toEqual([['seeing'], ['unknown']]);
});

test('a picture goes to models that see, and to those of which nobody knows', () => {
  expect(names(fitPlan(plan, aPrompt({ request: { messages: [picture] } })))).toEqual([['seeing'], ['unknown']]);
});

test('tools go past a model that is known to call none, and a group that is empty then is left out', () => {
  const only: Plan = { ...plan, groups: [{ ...plan.groups[0]!, members: [seeing] }, plan.groups[1]!] };
  expect(names(fitPlan(only, aPrompt({ request: { tools: [{} as never] } })))).toEqual([['unknown']]);
});

test('where nothing fits the plan stays, so that a provider says what is wrong', () => {
  const only: Plan = { ...plan, groups: [{ ...plan.groups[0]!, members: [small] }] };
  expect(fitPlan(only, aPrompt({ inputTokens: 20_000 }))).toBe(only);
});

test('a call that cannot be read needs nothing', () => {
  const unreadable = {
    ...aPrompt(),
    request: () => {
      throw new SyntaxError('not JSON');
    },
  };
  expect(names(fitPlan(plan, unreadable))).toEqual(names(plan));
});

test('a conversation that holds sealed reasoning stays with those who can read it, where one of them is there', () => {
  const spoken = (name: string, dialect: string) => ({
    ...member(name, {}),
    target: { name, facts: {}, dialect } as unknown as Target,
  });
  const mixed: Plan = {
    groups: [
      {
        name: 'first',
        strategy: 'latency',
        members: [spoken('chat', 'openai-chat'), spoken('messages', 'anthropic-messages')],
      },
      { name: 'then', strategy: 'latency', members: [spoken('other', 'openai-chat')] },
    ],
    reason: 'alias first',
  };
  const sealed: Message = {
    role: 'assistant',
    parts: [{ type: 'reasoning', text: 'hm', signature: 'abc', boundTo: 'anthropic-messages' }],
  };
  expect(names(fitPlan(mixed, aPrompt({ request: { messages: [sealed] } })))).toEqual([['messages'], ['other']]);
  expect(names(fitPlan(mixed, aPrompt()))).toEqual(names(mixed));
});

test('only where models differ is the question asked at all', () => {
  expect(differInFacts(plan.groups)).toBe(true);
  expect(differInFacts([{ name: 'same', strategy: 'latency', members: [small, { ...small }] }])).toBe(false);
});
