import { expect, test } from 'vitest';
import { InvalidRequest } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import { anthropicMessages as dialect } from './index.ts';

const base = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] };

function refusal(body: JsonObject): InvalidRequest {
  try {
    dialect.readRequest(body);
  } catch (error) {
    if (error instanceof InvalidRequest) return error;
    throw error;
  }
  throw new Error('The request was taken.');
}

const block = (value: JsonObject) => ({ messages: [{ role: 'user', content: [value] }] });

test.each([
  [{ messages: undefined }, 'messages: Field required', 'messages'],
  [{ max_tokens: undefined }, 'max_tokens: Field required', 'max_tokens'],
  [{ model: undefined }, 'model: Field required', 'model'],
  [{ max_tokens: '10' }, 'max_tokens: Input should be a valid integer', 'max_tokens'],
  [{ max_tokens: -1 }, 'max_tokens: Input should be greater than or equal to 0', 'max_tokens'],
  [{ messages: [] }, 'messages: at least one message is required', 'messages'],
  [{ messages: 'Hi' }, 'messages: Input should be a valid array', 'messages'],
  [{ temperature: 1.5 }, 'temperature: Input should be less than or equal to 1', 'temperature'],
  [
    { thinking: { type: 'enabled' } },
    'thinking.enabled.budget_tokens: Field required',
    'thinking.enabled.budget_tokens',
  ],
  [{ messages: [{ role: 'user' }] }, 'messages.0.content: Field required', 'messages.0.content'],
  [
    { messages: [{ role: 'tool', content: '' }] },
    "messages.0.role: Input should be 'user', 'assistant' or 'system'",
    'messages.0.role',
  ],
  [block({ text: 'x' }), 'messages.0.content.0.type: Field required', 'messages.0.content.0.type'],
  [block({ type: 'text' }), 'messages.0.content.0.text.text: Field required', 'messages.0.content.0.text.text'],
  [block({ type: 'image' }), 'messages.0.content.0.source: Field required', 'messages.0.content.0.source'],
  [{ tools: [{ name: 'x' }] }, 'tools.0.custom.input_schema: Field required', 'tools.0.custom.input_schema'],
  [{ tool_choice: { type: 'tool' } }, 'tool_choice.tool.name: Field required', 'tool_choice.tool.name'],
])('%j is refused in the words of the API', (change, message, param) => {
  expect(refusal({ ...base, ...change } as JsonObject)).toMatchObject({ message, param });
});

test('an unknown tool choice names the known ones', () => {
  expect(refusal({ ...base, tool_choice: { type: 'required' } }).message).toContain("'auto', 'any', 'tool', 'none'");
});

test('null is what is absent', () => {
  const nulls = {
    system: null,
    tools: null,
    thinking: null,
    temperature: null,
    metadata: { user_id: null },
    extra: null,
  };
  const { fieldOrder: _nulls, ...request } = dialect.readRequest({ ...base, ...nulls });
  const { fieldOrder: _base, ...expected } = dialect.readRequest(base);
  expect(request).toEqual(expected);
});

test('thinking asks for its text unless it is to be omitted', () => {
  const summaryOf = (thinking: JsonObject) => dialect.readRequest({ ...base, thinking }).reasoning?.summary;
  expect(summaryOf({ type: 'adaptive' })).toBe('auto');
  expect(summaryOf({ type: 'adaptive', display: 'summarized' })).toBe('detailed');
  expect(summaryOf({ type: 'adaptive', display: 'omitted' })).toBeUndefined();
  expect(summaryOf({ type: 'disabled' })).toBeUndefined();
});

test('documents made of text, and search results, are texts to others', () => {
  const content = [
    {
      type: 'document',
      source: {
        type: 'content',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    },
    { type: 'search_result', source: 's', title: 't', content: [{ type: 'text', text: 'found' }] },
  ];
  const { messages } = dialect.readRequest({ ...base, messages: [{ role: 'user', content }] });
  expect(messages[0]?.parts).toMatchObject([
    { type: 'file', source: { kind: 'text', text: 'a\nb' } },
    { type: 'file', source: { kind: 'text', text: 'found' }, filename: 't' },
  ]);
});
