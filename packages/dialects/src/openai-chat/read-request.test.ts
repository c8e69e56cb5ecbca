import { expect, test } from 'vitest';
import { InvalidRequest } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import { openaiChat } from './index.ts';

const user: JsonObject = { role: 'user', content: 'Hi' };
const ask = (fields: JsonObject): JsonObject => ({ model: 'm', messages: [user], ...fields });
const read = (fields: JsonObject) => openaiChat.readRequest(ask(fields));

function refusalOf(body: JsonObject): [string, string | undefined] {
  try {
    openaiChat.readRequest(body);
  } catch (error) {
    if (error instanceof InvalidRequest) return [error.message, error.param];
    throw error;
  }
  throw new Error('The request was accepted.');
}

test.each<[JsonObject, string, string]>([
  [{ model: 'm' }, "Missing required parameter: 'messages'.", 'messages'],
  [{ model: 'm', messages: [] }, "Invalid 'messages': empty array.", 'messages'],
  [{ messages: [user] }, "Missing required parameter: 'model'.", 'model'],
  [
    { model: 'm', messages: 'Hi' },
    "Invalid type for 'messages': expected an array of objects, but got a string",
    'messages',
  ],
  [
    ask({ temperature: 'hot' }),
    "Invalid type for 'temperature': expected a decimal, but got a string instead.",
    'temperature',
  ],
  [ask({ n: 1.5 }), "Invalid type for 'n': expected an integer, but got a decimal instead.", 'n'],
  [ask({ stop: [1] }), "Invalid type for 'stop'", 'stop'],
  [
    ask({ messages: [{ role: 'robot', content: '' }] }),
    "Invalid value: 'robot'. Supported values are: 'system'",
    'messages[0].role',
  ],
  [ask({ messages: [user, { role: 'tool', content: '' }] }), 'Missing required parameter', 'messages[1].tool_call_id'],
  [ask({ messages: [{ role: 'user', content: 5 }] }), "Invalid type for 'messages[0].content'", 'messages[0].content'],
  [
    ask({ messages: [{ role: 'user', content: [{ type: 'text' }] }] }),
    'Missing required parameter',
    'messages[0].content[0].text',
  ],
  [
    ask({ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }),
    'Missing required parameter',
    'messages[0].content[0].image_url',
  ],
  [
    ask({ messages: [{ role: 'assistant', tool_calls: [{ id: 'a', function: {} }] }] }),
    'Missing required parameter',
    'messages[0].tool_calls[0].function.name',
  ],
  [ask({ tools: [{ type: 'function' }] }), 'Missing required parameter', 'tools[0].function'],
])('refuses %j in the words and with the path of OpenAI', (body, message, param) => {
  const [told, path] = refusalOf(body);
  expect(told).toContain(message);
  expect(path).toBe(param);
});

test('keeps system and developer messages where the client put them', () => {
  const roles = ['system', 'user', 'developer', 'assistant', 'system', 'user'];
  const messages = roles.map((role, n) => ({ role, content: `${n}` }));
  expect(openaiChat.readRequest({ model: 'm', messages }).messages.map(({ role }) => role)).toEqual(roles);
});

test('reads every part of a content list, and the words of Responses parts that some editors send', () => {
  const content = [
    { type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } },
    { type: 'input_text', text: 'b' },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
    { type: 'image_url', image_url: 'https://example.com/a.png' },
    { type: 'input_image', image_url: 'https://example.com/b.png' },
    { type: 'input_audio', input_audio: { data: 'BBBB', format: 'mp3' } },
    { type: 'file', file: { file_data: 'data:application/pdf;base64,CCCC', filename: 'a.pdf' } },
    { type: 'file', file: { file_id: 'file-1' } },
    { type: 'video_url', video_url: { url: 'https://example.com/c.mp4' } },
    { type: 'hologram', depth: 3 },
  ];
  const { messages } = read({ messages: [{ role: 'user', content }] });
  expect(messages[0]?.parts).toEqual([
    { type: 'text', text: 'a', cache: { ttl: '1h' } },
    { type: 'text', text: 'b' },
    { type: 'image', source: { kind: 'base64', data: 'AAAA', mediaType: 'image/png' }, detail: 'low' },
    { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } },
    { type: 'image', source: { kind: 'url', url: 'https://example.com/b.png' } },
    { type: 'audio', source: { kind: 'base64', data: 'BBBB', mediaType: 'audio/mpeg' } },
    { type: 'file', source: { kind: 'base64', data: 'CCCC', mediaType: 'application/pdf' }, filename: 'a.pdf' },
    { type: 'file', source: { kind: 'file-id', id: 'file-1' } },
    { type: 'video', source: { kind: 'url', url: 'https://example.com/c.mp4' } },
    { type: 'opaque', origin: 'openai-chat', label: 'hologram', value: { type: 'hologram', depth: 3 } },
  ]);
});

test.each<[JsonObject, unknown]>([
  [{ reasoning_effort: 'low' }, { effort: 'low' }],
  [{ enable_thinking: false }, { enabled: false }],
  [
    { enable_thinking: true, thinking_budget: 500 },
    { enabled: true, budgetTokens: 500 },
  ],
  [{ thinking: { type: 'enabled', budget_tokens: 2000 } }, { enabled: true, budgetTokens: 2000 }],
  [{ thinking: { type: 'disabled' } }, { enabled: false }],
  [{ thinking: { type: 'adaptive' } }, { adaptive: true }],
  [{ reasoning: { effort: 'high' } }, { effort: 'high' }],
  [{ reasoning: { max_tokens: 2000, enabled: true } }, { budgetTokens: 2000, enabled: true }],
  [{ reasoning_effort: 'default' }, undefined],
])('understands how hosts are told to reason: %j', (fields, expected) => {
  expect(read(fields).reasoning).toEqual(expected);
});

test('names what it read past, so that no other dialect loses it in silence', () => {
  const request = read({
    future_field: 1,
    thinking: { type: 'enabled', clear_thinking: true },
    reasoning_effort: 'default',
    tools: [{ type: 'function', function: { name: 'f', colour: 'red' }, defer: true }],
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'a', mood: 'glad' }], weight: 1 },
      { role: 'assistant', content: 'b', audio: { id: 'audio_1' }, prefix: true },
    ],
  });
  expect(Object.keys(request.extras)).toEqual(['future_field', 'reasoning_effort']);
  expect(request.unread).toEqual([
    'messages[0].content[0].mood',
    'messages[0].weight',
    'messages[1].audio',
    'messages[1].prefix',
    'tools[0].defer',
    'tools[0].function.colour',
    'thinking.clear_thinking',
  ]);
});

test('pairs the older function calls with their results by name', () => {
  const { messages, tools, toolChoice } = read({
    functions: [{ name: 'f', parameters: { type: 'object' } }],
    function_call: { name: 'f' },
    messages: [
      user,
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '' } },
      { role: 'function', name: 'f', content: '1' },
    ],
  });
  expect(tools).toMatchObject([{ type: 'function', name: 'f' }]);
  expect(toolChoice).toEqual({ type: 'tool', name: 'f' });
  expect(messages[1]?.parts).toMatchObject([{ type: 'tool-call', id: 'call_legacy_1', arguments: '{}' }]);
  expect(messages[2]?.parts).toMatchObject([{ type: 'tool-result', callId: 'call_legacy_1', name: 'f' }]);
});

test('knows whose a returned signature is', () => {
  const details = [
    { type: 'reasoning.text', text: 'a', signature: 's', format: 'anthropic-claude-v1', index: 0 },
    { type: 'reasoning.encrypted', data: 'd', format: 'anthropic-claude-v1', index: 1 },
    { type: 'reasoning.encrypted', data: 'gAAA', id: 'rs_1', format: 'openai-responses-v1', index: 2 },
    { type: 'reasoning.encrypted', data: 'gAAA.wrapped', id: 'rs_2', format: 'openai-responses-v1', index: 3 },
  ];
  const { messages } = read({
    messages: [{ role: 'assistant', content: 'x', reasoning: 'a', reasoning_details: details }],
  });
  expect(messages[0]?.parts).toMatchObject([
    { type: 'reasoning', text: 'a', signature: 's', boundTo: 'anthropic-messages' },
    { type: 'reasoning', redacted: 'd', boundTo: 'anthropic-messages' },
    { type: 'reasoning', encrypted: 'gAAA', id: 'rs_1', boundTo: 'openai-responses' },
    { type: 'reasoning', encrypted: 'gAAA.wrapped', boundTo: 'openai-chat' },
    { type: 'text', text: 'x' },
  ]);
});

test('gives a signature that a client kept apart from its text the text that came beside it', () => {
  const reasoning_details = [{ type: 'reasoning.text', signature: 's', format: 'anthropic-claude-v1', index: 0 }];
  const { messages } = read({
    messages: [{ role: 'assistant', content: '', reasoning_content: 'think', reasoning_details }],
  });
  expect(messages[0]?.parts).toMatchObject([{ type: 'reasoning', text: 'think', signature: 's' }]);
});

test('drops a signature whose text lost pieces on the way, and keeps it where the text is whole', () => {
  const item = { type: 'reasoning.text', signature: 's', format: 'anthropic-claude-v1', index: 0, text_length: 5 };
  const partsOf = (reasoning_content: string) =>
    read({ messages: [{ role: 'assistant', content: 'x', reasoning_content, reasoning_details: [item] }] });
  expect(partsOf('think').messages[0]?.parts[0]).toMatchObject({ text: 'think', signature: 's' });
  const broken = partsOf('nk');
  expect(broken.messages[0]?.parts[0]).not.toHaveProperty('signature');
  expect(broken.unread).toEqual(['messages[0].reasoning_details (signature without its whole text)']);
});

test("reads Gemini's thought signatures of calls", () => {
  const call = {
    id: 'c',
    type: 'function',
    function: { name: 'f', arguments: { a: 1 } },
    extra_content: { google: { thought_signature: 'sig' } },
  };
  const { messages, unread } = read({ messages: [{ role: 'assistant', content: null, tool_calls: [call] }] });
  expect(messages[0]?.parts).toEqual([
    { type: 'tool-call', id: 'c', name: 'f', arguments: '{"a":1}', signature: 'sig' },
  ]);
  expect(unread).toEqual([]);
});
