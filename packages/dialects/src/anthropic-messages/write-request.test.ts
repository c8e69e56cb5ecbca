import { describe, expect, test } from 'vitest';
import type { TargetTraits } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import type { Message, ModelRequest, Part } from '../request.ts';
import { anthropicMessages as dialect } from './index.ts';

const text = (value: string): Part => ({ type: 'text', text: value });
const user = (...parts: (Part | string)[]): Message => ({ role: 'user', parts: parts.map(asPart) });
const assistant = (...parts: (Part | string)[]): Message => ({ role: 'assistant', parts: parts.map(asPart) });
const system = (value: string): Message => ({ role: 'system', parts: [text(value)] });
const call = (id: string, name = 'read', args = '{}'): Part => ({ type: 'tool-call', id, name, arguments: args });
const result = (callId: string, ...parts: (Part | string)[]): Message => ({
  role: 'tool',
  parts: [{ type: 'tool-result', callId, parts: parts.map(asPart) }],
});
const asPart = (part: Part | string): Part => (typeof part === 'string' ? text(part) : part);
const readTool = { type: 'function' as const, name: 'read', parameters: { type: 'object' } };

function ask(messages: Message[], more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'alias',
    stream: false,
    messages,
    tools: [],
    origin: 'openai-chat',
    extras: {},
    unread: [],
    maxOutputTokens: 2000,
    ...more,
  };
}

function write(request: ModelRequest, traits: Partial<TargetTraits> = {}) {
  const written = dialect.writeRequest(request, { model: 'claude', ...traits });
  return { ...written, ...written.receipt, messages: written.body['messages'] as JsonObject[] };
}

const own = (body: JsonObject, traits: Partial<TargetTraits> = {}) =>
  write(
    dialect.readRequest({ model: 'm', max_tokens: 2000, messages: [{ role: 'user', content: 'Hi' }], ...body }),
    traits,
  );

describe('messages', () => {
  test('system and developer messages at the start become system blocks, in order', () => {
    const developer: Message = { role: 'developer', parts: [text('two'), text('three')] };
    const { body, dropped, changed } = write(ask([system('one'), developer, user('Hi')]));
    expect(body['system']).toEqual(['one', 'two', 'three'].map((value) => ({ type: 'text', text: value })));
    expect(body['messages']).toEqual([{ role: 'user', content: 'Hi' }]);
    expect({ dropped, changed }).toEqual({ dropped: [], changed: [] });
  });

  test('a system message in mid-conversation stays in its place, so that the cached prefix stays the same', () => {
    const before = [system('one'), user('Hi'), assistant('Hello')];
    const { body, messages, changed } = write(ask([...before, system('Be brief.'), user('Go on')]));
    expect(body['system']).toBe('one');
    expect(messages[2]?.['content']).toEqual([
      { type: 'text', text: '<system>\nBe brief.\n</system>' },
      { type: 'text', text: 'Go on' },
    ]);
    expect(changed).toEqual(['messages[3] system message→text of the user, marked <system>']);
  });

  test('a client of this dialect keeps its system message in mid-conversation as one', () => {
    const conversation = [
      { role: 'user', content: 'Hi' },
      { role: 'system', content: 'Be brief.' },
    ];
    expect(own({ messages: conversation }).body['messages']).toEqual(conversation);
  });

  test('consecutive messages of one role are one turn, with every text kept', () => {
    const { messages } = write(ask([user('a', 'b'), user('c'), assistant('d'), assistant('e'), user('f')]));
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(messages[0]?.['content']).toEqual(['a', 'b', 'c'].map((value) => ({ type: 'text', text: value })));
  });

  test('all results of a turn stand first in one message of the user, in the order of the calls', () => {
    const { messages } = write(
      ask([user('Hi'), assistant('Well', call('a'), call('b')), result('b', '2'), user('and?'), result('a', '1')], {
        tools: [readTool],
      }),
    );
    expect(messages[2]?.['content']).toEqual([
      { type: 'tool_result', tool_use_id: 'a', content: '1' },
      { type: 'tool_result', tool_use_id: 'b', content: '2' },
      { type: 'text', text: 'and?' },
    ]);
  });

  test('a call without a result gets one that says so, also at the end', () => {
    const { messages, changed } = write(
      ask([user('Hi'), assistant(call('a'), call('b')), result('a', '1')], { tools: [readTool] }),
    );
    expect(messages[2]?.['content']).toMatchObject([{ tool_use_id: 'a' }, { tool_use_id: 'b', is_error: true }]);
    expect(changed).toEqual(['no result of the tool call b→an error result that says so']);
    const atEnd = write(ask([user('Hi'), assistant(call('a'))], { tools: [readTool] }));
    expect(atEnd.messages[2]?.['content']).toMatchObject([{ tool_use_id: 'a', is_error: true }]);
  });

  test('a result without a call becomes text, a second result of a call replaces the first', () => {
    const { messages, changed } = write(ask([user('Hi'), result('x', 'lost')]));
    expect(messages[0]?.['content']).toEqual([text('Hi'), text('[Result of the tool call x]\nlost')]);
    expect(changed).toHaveLength(1);
    const twice = write(
      ask([user('Hi'), assistant(call('a')), result('a', '1'), result('a', '2')], { tools: [readTool] }),
    );
    expect(twice.messages[2]?.['content']).toMatchObject([{ tool_use_id: 'a', content: '2' }]);
    expect(twice.dropped).toHaveLength(1);
  });

  test('a provider that counts its calls anew each turn gets ids that are told apart', () => {
    const { messages } = write(
      ask(
        [
          user('Hi'),
          assistant(call('call_0')),
          result('call_0', '1'),
          assistant(call('call_0')),
          result('call_0', '2'),
        ],
        {
          tools: [readTool],
        },
      ),
    );
    const ids = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []) as JsonObject[]);
    expect(ids.map((block) => block['id'] ?? block['tool_use_id'])).toEqual([
      'call_0',
      'call_0',
      'call_0_2',
      'call_0_2',
    ]);
  });

  test('names and ids outside the rules are rewritten, the same way each time, and told back', () => {
    const request = ask([user('Hi'), assistant(call('f.read:0', 'fs.read')), result('f.read:0', 'x')], {
      tools: [
        { ...readTool, name: 'fs.read' },
        { ...readTool, name: 'fs/read' },
        { ...readTool, name: 'x'.repeat(100) },
      ],
      toolChoice: { type: 'tool', name: 'fs.read' },
    });
    const { body, toolNames, toolCallIds } = write(request);
    const names = (body['tools'] as JsonObject[]).map(({ name }) => String(name));
    expect(names.every((name) => /^[a-zA-Z0-9_-]{1,64}$/.test(name))).toBe(true);
    expect(new Set(names).size).toBe(3);
    expect(names.map((name) => toolNames?.get(name))).toEqual(['fs.read', 'fs/read', 'x'.repeat(100)]);
    expect(body['tool_choice']).toEqual({ type: 'tool', name: names[0] });
    expect([...(toolCallIds?.values() ?? [])]).toEqual(['f.read:0']);
    expect(write(request).body).toEqual(body);
  });

  test.each([
    ['no JSON', '{"a":', { arguments: '{"a":' }],
    ['no object', '[1]', { arguments: '[1]' }],
    ['nothing', '', {}],
    ['an object', '{"b":1,"a":2}', { b: 1, a: 2 }],
  ])('arguments that are %s are sent as an object', (name, args, input) => {
    const { messages, changed } = write(
      ask([user('Hi'), assistant(call('a', 'read', args)), result('a', 'x')], { tools: [readTool] }),
    );
    expect(messages[1]?.['content']).toMatchObject([{ input }]);
    expect(changed).toHaveLength(name.startsWith('no ') ? 1 : 0);
  });

  test('empty content is left out or replaced, and a last text does not end in white space', () => {
    const { messages } = write(ask([user(''), assistant(''), user('Hi', ''), assistant('So: \n')]));
    expect(messages).toEqual([
      { role: 'user', content: [text('(empty message)'), text('Hi')] },
      { role: 'assistant', content: 'So:' },
    ]);
  });

  test('a conversation begins with the user, and a lone system message is asked as the user', () => {
    expect(write(ask([assistant('Hello')])).messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
    const lone = write(ask([system('Say hi.')]));
    expect(lone.body['system']).toBeUndefined();
    expect(lone.messages).toEqual([{ role: 'user', content: 'Say hi.' }]);
  });

  test('calls in the history without tools in the request are declared, and may not be called', () => {
    const { body, changed } = write(ask([user('Hi'), assistant(call('a', 'fs.read')), result('a', 'x')]));
    const [{ name }] = body['tools'] as [JsonObject];
    expect(body['messages']).toMatchObject([{}, { content: [{ name }] }, {}]);
    expect(body['tool_choice']).toEqual({ type: 'none' });
    expect(changed).toHaveLength(1);
  });

  test('results hold texts, images and errors', () => {
    const image: Part = { type: 'image', source: { kind: 'base64', data: 'AA', mediaType: 'image/png' } };
    const failed: Message = {
      role: 'tool',
      parts: [{ type: 'tool-result', callId: 'b', parts: [text('no')], isError: true }],
    };
    const { messages } = write(
      ask([user('Hi'), assistant(call('a'), call('b')), result('a', 'see', image), failed], { tools: [readTool] }),
    );
    expect(messages[2]?.['content']).toEqual([
      {
        type: 'tool_result',
        tool_use_id: 'a',
        content: [text('see'), { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } }],
      },
      { type: 'tool_result', tool_use_id: 'b', content: 'no', is_error: true },
    ]);
  });

  test('images and documents go by URL, data and text; what is not taken stands in the receipt', () => {
    const { messages, dropped } = write(
      ask([
        user(
          'See',
          { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' }, detail: 'low' },
          { type: 'image', source: { kind: 'url', url: 'data:image/png;base64,AAAA' } },
          { type: 'file', source: { kind: 'base64', data: 'AA', mediaType: 'application/pdf' }, filename: 'a.pdf' },
          { type: 'file', source: { kind: 'base64', data: 'aGk=', mediaType: 'text/csv' } },
          { type: 'audio', source: { kind: 'base64', data: 'AA', mediaType: 'audio/wav' } },
          { type: 'file', source: { kind: 'file-id', id: 'file-1' } },
          { type: 'image', source: { kind: 'base64', data: 'AA', mediaType: 'image/tiff' } },
        ),
      ]),
    );
    expect(messages[0]?.['content']).toEqual([
      text('See'),
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA' }, title: 'a.pdf' },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'hi' } },
    ]);
    expect(dropped).toEqual([
      'messages[0].content[1] detail low',
      'messages[0].content[5] (audio audio/wav)',
      'messages[0].content[6] (file by file id)',
      'messages[0].content[7] (image image/tiff)',
    ]);
  });
});

describe('reasoning', () => {
  test.each([
    ['budget', { effort: 'high' }, { type: 'enabled', budget_tokens: 24_576 }, undefined],
    ['budget', { budgetTokens: 5000 }, { type: 'enabled', budget_tokens: 5000 }, undefined],
    ['budget', { budgetTokens: -1 }, { type: 'enabled', budget_tokens: 8192 }, undefined],
    ['adaptive', { effort: 'minimal' }, { type: 'adaptive' }, { effort: 'low' }],
    ['adaptive', { budgetTokens: 20_000 }, { type: 'adaptive' }, { effort: 'high' }],
    ['adaptive', { effort: 'none' }, { type: 'disabled' }, undefined],
    ['effort', { effort: 'xhigh' }, undefined, { effort: 'xhigh' }],
    ['none', { effort: 'high' }, undefined, undefined],
    [
      undefined,
      { effort: 'medium', summary: 'auto' },
      { type: 'adaptive', display: 'summarized' },
      { effort: 'medium' },
    ],
    [undefined, { effort: 'none' }, undefined, undefined],
  ] as const)('told by %s, %j is %j', (reasoning, settings, thinking, config) => {
    const traits = reasoning === undefined ? {} : { reasoning };
    const { body } = write(ask([user('Hi')], { reasoning: settings, maxOutputTokens: 64_000 }), traits);
    expect(body['thinking']).toEqual(thinking);
    expect(body['output_config']).toEqual(config);
  });

  test.each([
    [30_000, 24_576],
    [10_000, 8976],
    [1500, 1125],
    [1025, 1024],
  ])('with a limit of %i tokens the budget is %i, below it', (maxOutputTokens, budget) => {
    const { body } = write(ask([user('Hi')], { reasoning: { effort: 'high' }, maxOutputTokens }), {
      reasoning: 'budget',
    });
    expect(body['max_tokens']).toBe(maxOutputTokens);
    expect(body['thinking']).toEqual({ type: 'enabled', budget_tokens: budget });
  });

  test('there is no thinking where the limit leaves no room, and the receipt says so', () => {
    const { body, dropped } = write(ask([user('Hi')], { reasoning: { effort: 'low' }, maxOutputTokens: 1000 }), {
      reasoning: 'budget',
    });
    expect(body['thinking']).toBeUndefined();
    expect(dropped).toEqual(['reasoning_effort (no room for thinking in 1000 tokens)']);
  });

  test('thinking takes the default sampling, and a demanded call takes thinking away', () => {
    const thoughtful = { reasoning: { effort: 'low' as const }, temperature: 0.2, topK: 4, topP: 0.5 };
    const { body, dropped } = write(ask([user('Hi')], thoughtful), { reasoning: 'adaptive' });
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['temperature']));
    expect(dropped).toHaveLength(3);
    const forced = write(ask([user('Hi')], { ...thoughtful, tools: [readTool], toolChoice: { type: 'required' } }));
    expect(forced.body).toMatchObject({ tool_choice: { type: 'any' }, temperature: 0.2 });
    expect(forced.body['thinking']).toBeUndefined();
    expect(forced.dropped).toContain('reasoning_effort (not with a demanded tool call)');
  });

  test('with a budget, calls under way without signed thinking switch thinking off; when they are over it is on', () => {
    const underWay = [user('Hi'), assistant(call('a')), result('a', 'x')];
    const more = { tools: [readTool], reasoning: { effort: 'low' as const } };
    const { body, dropped } = write(ask(underWay, more), { reasoning: 'budget' });
    expect(body['thinking']).toBeUndefined();
    expect(dropped).toHaveLength(1);
    const over = write(ask([...underWay, assistant('Done.'), user('More')], more), { reasoning: 'budget' });
    expect(over.body['thinking']).toBeDefined();
    const adaptive = write(ask(underWay, more), { reasoning: 'adaptive' });
    expect(adaptive.body['thinking']).toEqual({ type: 'adaptive' });
  });

  test('unsigned and foreign reasoning is never sent', () => {
    const thought: Part = { type: 'reasoning', text: 'hm' };
    const foreign: Part = { type: 'reasoning', signature: 's', boundTo: 'gemini' };
    const { messages, dropped } = write(ask([user('Hi'), assistant(thought, foreign, 'Hello'), user('?')]));
    expect(messages[1]?.['content']).toBe('Hello');
    expect(dropped).toEqual(['messages[1].content[0] (reasoning)', 'messages[1].content[1] (reasoning of gemini)']);
  });

  test('signed thinking and redacted thinking come back as they were', () => {
    const content = [
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'thinking', thinking: '', signature: 'omitted' },
      { type: 'redacted_thinking', data: 'zzz' },
      { type: 'text', text: 'Hello' },
    ];
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content },
    ];
    expect(own({ messages }).body['messages']).toEqual(messages);
  });

  test("a client's own budget is kept, and turned where the model knows no budgets", () => {
    const thinking = { type: 'enabled', budget_tokens: 3000 };
    expect(own({ thinking, max_tokens: 2000 }).body['thinking']).toEqual(thinking);
    const { body, changed } = own({ thinking, max_tokens: 4000, temperature: 1 }, { reasoning: 'adaptive' });
    expect(body).toMatchObject({ thinking: { type: 'adaptive' }, output_config: { effort: 'medium' } });
    expect(changed).toEqual(['thinking budget 3000→effort medium']);
  });
});

describe('settings', () => {
  test('a limit is always there: the client’s, else the model’s, else one that the receipt names', () => {
    const { maxOutputTokens: _limit, ...unlimited } = ask([user('Hi')]);
    expect(write(unlimited, { maxOutputTokens: 32_000 }).body['max_tokens']).toBe(32_000);
    const assumed = write(unlimited);
    expect([assumed.body['max_tokens'], assumed.changed]).toEqual([4096, ['max_tokens absent→4096']]);
    const cut = write(ask([user('Hi')], { maxOutputTokens: 9000 }), { maxOutputTokens: 8192 });
    expect([cut.body['max_tokens'], cut.changed]).toEqual([8192, ['max_tokens 9000→8192']]);
  });

  test('temperature is at most 1, and goes alone', () => {
    const { body, dropped, changed } = write(ask([user('Hi')], { temperature: 1.7, topP: 0.9 }));
    expect([body['temperature'], body['top_p']]).toEqual([1, undefined]);
    expect({ dropped, changed }).toEqual({
      dropped: ['top_p (not beside temperature)'],
      changed: ['temperature 1.7→1'],
    });
    expect(write(ask([user('Hi')], { topP: 0.9 })).body['top_p']).toBe(0.9);
  });

  test('a model without sampling gets none, and a default value is no loss', () => {
    const sampling = { temperature: 1, topP: 0.5, topK: 3 };
    const { body, dropped } = write(ask([user('Hi')], sampling), { takesSampling: false });
    expect(Object.keys(body)).toEqual(['model', 'max_tokens', 'messages']);
    expect(dropped).toEqual(['top_k (not taken by the model)', 'top_p (not taken by the model)']);
  });

  test('stop sequences of white space alone are left out', () => {
    const { body, dropped } = write(ask([user('Hi')], { stop: ['\n', 'END'] }));
    expect(body['stop_sequences']).toEqual(['END']);
    expect(dropped).toEqual(['stop "\\n" (white space alone)']);
  });

  test.each([
    [{ type: 'auto' }, { type: 'auto' }],
    [{ type: 'none' }, { type: 'none' }],
    [{ type: 'required' }, { type: 'any' }],
    [
      { type: 'tool', name: 'read' },
      { type: 'tool', name: 'read' },
    ],
    [{ type: 'allowed', mode: 'required', names: ['read'] }, { type: 'any' }],
  ] as const)('tool choice %j is %j', (toolChoice, expected) => {
    const tools = [readTool, { ...readTool, name: 'write' }];
    const { body } = write(ask([user('Hi')], { tools, toolChoice: toolChoice as never }));
    expect(body['tool_choice']).toEqual(expected);
    expect(body['tools']).toHaveLength(toolChoice.type === 'allowed' ? 1 : 2);
  });

  test('parallel calls off is said with the choice', () => {
    const { body } = write(ask([user('Hi')], { tools: [readTool], parallelToolCalls: false }));
    expect(body['tool_choice']).toEqual({ type: 'auto', disable_parallel_tool_use: true });
  });

  test('a schema goes natively, closed, with what is not taken in the description', () => {
    const schema = { type: 'object', properties: { age: { type: 'integer', minimum: 3 } }, required: ['age'] };
    const output = { type: 'json-schema' as const, name: 'person', schema };
    const { body, changed } = write(ask([user('Hi')], { output }));
    expect(body['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: { age: { type: 'integer', description: '{minimum: 3}' } },
          required: ['age'],
          additionalProperties: false,
        },
      },
    });
    expect(changed).toEqual(['response_format schema age minimum→description']);
  });

  test('a recursive schema, or a model without schemas, is answered through a tool', () => {
    const schema: JsonObject = {
      type: 'object',
      properties: { next: { $ref: '#/$defs/node' } },
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    };
    const output = { type: 'json-schema' as const, name: 'list', schema };
    const { body, jsonTool, changed } = write(ask([user('Hi')], { output }));
    expect(jsonTool).toBe('json_answer');
    expect(body).toMatchObject({
      tools: [{ name: jsonTool, input_schema: schema }],
      tool_choice: { type: 'tool', name: jsonTool },
    });
    expect(changed).toEqual(['response_format json_schema→the arguments of a tool (recursive $ref #/$defs/node)']);
    const flat = { ...output, schema: { type: 'object', properties: {} } };
    expect(
      write(ask([user('Hi')], { output: flat, tools: [readTool] }), { takesJsonSchema: false }).body['tool_choice'],
    ).toEqual({ type: 'any' });
  });

  test('any JSON is asked for in words', () => {
    const { body, changed } = write(ask([system('one'), user('Hi')], { output: { type: 'json' } }));
    expect(body['system']).toHaveLength(2);
    expect(changed).toHaveLength(1);
  });

  test('at most four cache marks remain, the last ones', () => {
    const marked = (value: string): Part => ({ type: 'text', text: value, cache: { ttl: '1h' } });
    const { body, changed } = write(
      ask([{ role: 'system', parts: [marked('s')] }, user(marked('a'), marked('b'), marked('c'))], {
        tools: [{ ...readTool, cache: {} }],
      }),
    );
    expect((body['tools'] as JsonObject[])[0]).not.toHaveProperty('cache_control');
    expect(body['system']).toEqual([{ type: 'text', text: 's', cache_control: { type: 'ephemeral', ttl: '1h' } }]);
    expect(changed).toEqual(['5 cache marks→the last 4']);
  });

  test('writing changes nothing of the request it reads', () => {
    const block = { type: 'server_tool_use', id: 's', name: 'x', input: {}, cache_control: { type: 'ephemeral' } };
    const request = dialect.readRequest({
      model: 'm',
      max_tokens: 1,
      messages: [{ role: 'assistant', content: Array.from({ length: 6 }, () => ({ ...block })) }],
    });
    const before = structuredClone(request);
    dialect.writeRequest(request, { model: 'm' });
    expect(request).toEqual(before);
  });

  test('the same conversation, one turn longer, begins with the same bytes', () => {
    const history = [system('one'), user('Hi'), assistant('Well', call('a.1', 'fs.read')), result('a.1', 'x')];
    const shorter = write(ask(history, { tools: [readTool] }));
    const longer = write(ask([...history, assistant('Done.'), user('More')], { tools: [readTool] }));
    expect(longer.messages.slice(0, 3)).toEqual(shorter.messages);
    expect(JSON.stringify(longer.body['tools'])).toBe(JSON.stringify(shorter.body['tools']));
  });
});
