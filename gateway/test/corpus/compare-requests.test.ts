import { dialects, type JsonObject } from '@xidao/dialects';
import { onePixelPng } from '@xidao/testkit';
import { expect, test } from 'vitest';
import { compareRequests } from './compare-requests.ts';
import { meaningOfRequest } from './request-meaning.ts';

const tool = (schema: JsonObject) => ({ type: 'function', function: { name: 'find', parameters: schema } });
const image = (data: string) => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } });
const call = (text: string) => ({ id: 'c1', type: 'function', function: { name: 'find', arguments: text } });

/** A chat request that holds one of each. */
function aRequest(changed: JsonObject = {}, said: Record<number, JsonObject> = {}): JsonObject {
  const messages: JsonObject[] = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'What is it?' }, image(onePixelPng)] },
    { role: 'assistant', content: null, tool_calls: [call('{"q":"dot"}')] },
    { role: 'tool', tool_call_id: 'c1', content: 'A dot.' },
    { role: 'user', content: 'Go on.' },
  ];
  return {
    model: 'm',
    temperature: 0.5,
    tools: [tool({ type: 'object', properties: { q: { type: 'string' } } })],
    tool_choice: 'required',
    messages: messages.map((message, at) => ({ ...message, ...said[at] })),
    ...changed,
  };
}

const meaningOf = (body: JsonObject) => meaningOfRequest(dialects['openai-chat'].readRequest(body), () => undefined);

function differences(other: JsonObject, receipt = { dropped: [] as string[], changed: [] as string[] }): string[] {
  const found = compareRequests(meaningOf(aRequest()), meaningOf(other), {
    from: 'openai-chat',
    to: 'anthropic-messages',
    receipt,
  });
  return found.filter(({ because }) => because === undefined).map(({ what }) => what);
}

test('a request means the same as itself, and as itself in other pieces', () => {
  expect(differences(aRequest())).toEqual([]);
  expect(
    differences(
      aRequest(
        {},
        {
          4: {
            content: [
              { type: 'text', text: 'Go ' },
              { type: 'text', text: 'on.' },
            ],
          },
        },
      ),
    ),
  ).toEqual([]);
  expect(differences(aRequest({}, { 2: { tool_calls: [call('{ "q": "dot" }')] } }))).toEqual([]);
});

test.each<[string, JsonObject, Record<number, JsonObject>, string]>([
  ['instructions', {}, { 0: { content: 'Be long.' } }, 'instructions'],
  ['the speaker of a text', {}, { 4: { role: 'assistant' } }, 'conversation'],
  ['a text', {}, { 4: { content: 'Stop.' } }, 'conversation'],
  [
    'an image',
    {},
    { 1: { content: [{ type: 'text', text: 'What is it?' }, image('AAAA')] } },
    'image of the user lost',
  ],
  [
    'the order of text and image',
    {},
    { 1: { content: [image(onePixelPng), { type: 'text', text: 'What is it?' }] } },
    'conversation',
  ],
  ['arguments', {}, { 2: { tool_calls: [call('{"q":"dash"}')] } }, 'tool-call of the assistant lost'],
  ['a result', {}, { 3: { content: 'A dash.' } }, 'tool-result of the tool lost'],
  ['a schema', { tools: [tool({ type: 'object' })] }, {}, 'tool schema'],
  ['tools', { tools: [], tool_choice: 'none' }, {}, 'tool lost'],
  ['a demand for tools', { tool_choice: 'auto' }, {}, 'toolChoice'],
  ['a setting', { temperature: 0.6 }, {}, 'temperature'],
  ['the form of the answer', { response_format: { type: 'json_object' } }, {}, 'output'],
])('another one differs: %s', (_, changed, said, what) => {
  expect(differences(aRequest(changed, said))).toContain(what);
});

test('what the receipt names is explained, and nothing else is', () => {
  const other = aRequest({ temperature: 0.9, seed: 4 });
  expect(differences(other, { dropped: [], changed: ['temperature 0.5→0.9'] })).toEqual(['seed']);
});
