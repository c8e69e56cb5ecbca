import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidRequest, type TargetTraits } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import type { Message, ModelRequest, Part, Tool } from '../request.ts';
import { openaiResponses as dialect, outputToInput, withHistory } from './index.ts';

const minimal = { model: 'm', input: 'Hi' } as const;

function roundTrip(body: JsonObject, traits: Partial<TargetTraits> = {}) {
  const request = dialect.readRequest(body);
  return { request, ...dialect.writeRequest(request, { model: request.model, ...traits }) };
}

const user: JsonObject = { type: 'message', role: 'user', content: 'Hi' };

/**
 * Every field of POST /v1/responses that the official SDK knows. `as`: where it is carried to; `extras` go back to
 * this dialect and are listed by every other.
 */
const fields: [field: string, value: JsonObject[string], as: keyof ModelRequest | 'extras' | 'messages'][] = [
  ['access_programs', { cyber: 'standard' }, 'extras'],
  ['background', true, 'extras'],
  ['context_management', [{ type: 'compaction', compact_threshold: 1000 }], 'extras'],
  ['conversation', 'conv_1', 'extras'],
  ['image', { context_compression: 'auto' }, 'extras'],
  ['include', ['file_search_call.results'], 'extras'],
  ['include', ['reasoning.encrypted_content'], 'reasoning'],
  ['include', ['message.output_text.logprobs'], 'logprobs'],
  ['instructions', 'Be kind.', 'messages'],
  ['max_output_tokens', 50, 'maxOutputTokens'],
  ['max_tool_calls', 3, 'extras'],
  ['metadata', { a: 'b' }, 'metadata'],
  ['moderation', { model: 'omni-moderation-latest' }, 'extras'],
  ['parallel_tool_calls', false, 'parallelToolCalls'],
  ['previous_response_id', 'resp_1', 'previousResponseId'],
  ['prompt', { id: 'pmpt_1', version: '2', variables: { a: 'b' } }, 'extras'],
  ['prompt_cache_key', 'k', 'cacheKey'],
  ['prompt_cache_options', { mode: 'explicit' }, 'extras'],
  ['prompt_cache_retention', '24h', 'extras'],
  ['reasoning', { effort: 'high', summary: 'auto' }, 'reasoning'],
  ['reasoning', { generate_summary: 'concise' }, 'reasoning'],
  ['reasoning', { effort: 'ultra', mode: 'pro', context: 'all_turns' }, 'extras'],
  ['safety_identifier', 's', 'extras'],
  ['service_tier', 'flex', 'serviceTier'],
  ['store', false, 'store'],
  ['stream', true, 'stream'],
  ['stream_options', { include_obfuscation: false }, 'extras'],
  ['temperature', 0, 'temperature'],
  ['text', { format: { type: 'text' } }, 'output'],
  ['text', { format: { type: 'json_object' }, verbosity: 'low' }, 'verbosity'],
  [
    'text',
    { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true, description: 'd' } },
    'output',
  ],
  ['text', { format: { type: 'grammar', syntax: 'lark' } }, 'extras'],
  ['tool_choice', 'none', 'toolChoice'],
  ['tool_choice', 'auto', 'toolChoice'],
  ['tool_choice', 'required', 'toolChoice'],
  ['tool_choice', { type: 'function', name: 'f' }, 'toolChoice'],
  ['tool_choice', { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] }, 'toolChoice'],
  ['tool_choice', { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'mcp', server_label: 's' }] }, 'extras'],
  ['tool_choice', { type: 'file_search' }, 'extras'],
  ['tool_choice', { type: 'mcp', server_label: 's', name: 'n' }, 'extras'],
  ['tool_choice', { type: 'apply_patch' }, 'extras'],
  ['top_logprobs', 5, 'logprobs'],
  ['top_p', 0.5, 'topP'],
  ['truncation', 'auto', 'extras'],
  ['user', 'u', 'user'],
  ['a_field_of_tomorrow', { deep: [1] }, 'extras'],
];

describe('every field of a request', () => {
  test.each(fields)('%s %j is carried in %s and comes back the same', (field, value, as) => {
    const { request, body, receipt } = roundTrip({ ...minimal, [field]: value });
    if (as === 'extras') expect(request.extras).toHaveProperty(field);
    if (field === 'top_logprobs') expect(body['include']).toEqual(['message.output_text.logprobs']);
    expect(body[field]).toEqual(value);
    expect(receipt).toEqual({ dropped: [], changed: [] });
  });

  test.each(fields.filter(([, , as]) => as !== 'extras' && as !== 'messages'))(
    '%s %j has a place of its own',
    (field, value, as) => {
      const without = dialect.readRequest(minimal);
      const given = dialect.readRequest({ ...minimal, [field]: value });
      expect(given[as as keyof ModelRequest]).not.toEqual(without[as as keyof ModelRequest]);
    },
  );

  test('null is the same as absent', () => {
    const names = [
      'instructions',
      'tools',
      'temperature',
      'text',
      'reasoning',
      'include',
      'metadata',
      'prompt',
      'tool_choice',
    ];
    const nulls = Object.fromEntries(names.map((name) => [name, null]));
    expect(dialect.readRequest({ ...minimal, ...nulls })).toEqual(dialect.readRequest(minimal));
  });
});

const items: [label: string, item: JsonObject][] = [
  ['an easy message', { type: 'message', role: 'user', content: 'Hi' }],
  ['a developer message', { type: 'message', role: 'developer', content: 'Be kind' }],
  ['a message with a status', { type: 'message', role: 'user', status: 'completed', content: 'Hi' }],
  [
    'several texts',
    {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'a' },
        { type: 'input_text', text: 'b' },
      ],
    },
  ],
  [
    'a cache mark',
    {
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } }],
    },
  ],
  [
    'an image by address',
    {
      type: 'message',
      role: 'user',
      content: [{ type: 'input_image', image_url: 'https://a.example/x.png', detail: 'original' }],
    },
  ],
  [
    'an image inline',
    { type: 'message', role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA' }] },
  ],
  ['an image by id', { type: 'message', role: 'user', content: [{ type: 'input_image', file_id: 'file-1' }] }],
  [
    'a file inline',
    {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA', detail: 'low' },
      ],
    },
  ],
  [
    'a file by address',
    { type: 'message', role: 'user', content: [{ type: 'input_file', file_url: 'https://a.example/a.pdf' }] },
  ],
  ['a file by id', { type: 'message', role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] }],
  [
    'a sound',
    { type: 'message', role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } }] },
  ],
  ['an unknown part', { type: 'message', role: 'user', content: [{ type: 'input_smell', smell: 'rose' }] }],
  [
    'an answer by id',
    {
      type: 'message',
      id: 'msg_1',
      status: 'completed',
      role: 'assistant',
      phase: 'commentary',
      content: [
        {
          type: 'output_text',
          text: 'a',
          annotations: [{ type: 'url_citation', url: 'https://a', title: 't', start_index: 0, end_index: 1 }],
        },
      ],
    },
  ],
  ['a refusal', { type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'No' }] }],
  [
    'a call',
    {
      type: 'function_call',
      id: 'fc_1',
      status: 'completed',
      call_id: 'c',
      name: 'f',
      arguments: '{"a": 1}',
      namespace: 'n',
    },
  ],
  ['its output', { type: 'function_call_output', call_id: 'c', output: 'ok', status: 'completed' }],
  [
    'an output in parts',
    {
      type: 'function_call_output',
      call_id: 'c',
      output: [
        { type: 'input_text', text: 'a' },
        { type: 'input_image', image_url: 'https://a.example/x.png' },
      ],
    },
  ],
  ['an output without a call', { type: 'function_call_output', name: 'f', output: 'ok' }],
  ['a custom call', { type: 'custom_tool_call', call_id: 'c', name: 'patch', input: 'free text' }],
  ['its custom output', { type: 'custom_tool_call_output', call_id: 'c', output: 'ok' }],
  [
    'reasoning',
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [
        { type: 'summary_text', text: 'a' },
        { type: 'summary_text', text: 'b' },
      ],
      encrypted_content: 'gAAA',
    },
  ],
  [
    'full reasoning',
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [],
      content: [{ type: 'reasoning_text', text: 'a' }],
      status: 'completed',
    },
  ],
  ['a reference', { type: 'item_reference', id: 'msg_1' }],
  ...[
    'file_search_call',
    'computer_call',
    'computer_call_output',
    'web_search_call',
    'tool_search_call',
    'tool_search_output',
    'additional_tools',
    'configuration_update',
    'compaction',
    'compaction_trigger',
    'image_generation_call',
    'code_interpreter_call',
    'local_shell_call',
    'local_shell_call_output',
    'shell_call',
    'shell_call_output',
    'apply_patch_call',
    'apply_patch_call_output',
    'mcp_list_tools',
    'mcp_approval_request',
    'mcp_approval_response',
    'mcp_call',
    'program',
    'program_output',
    'item_of_tomorrow',
  ].map((type): [string, JsonObject] => [type, { type, id: 'x_1', some: { thing: [1] } }]),
];

/** The body of an interface or namespace in the official SDK's declarations. */
function declared(name: string): string {
  const url = import.meta.resolve('openai/resources/responses/responses');
  const text = readFileSync(fileURLToPath(url).replace(/\.m?js$/, '.d.ts'), 'utf8');
  return (
    new RegExp(`\\n(?:export )?(?:declare )?(?:interface|namespace) ${name} \\{\\n(.*?)\\n\\}`, 's').exec(text)?.[1] ??
    ''
  );
}

test('no field and no item that the official SDK declares is missing in these tables', () => {
  const ownFields = [...declared('ResponseCreateParamsBase').matchAll(/^ {4}(\w+)\??:/gm)].map(([, name]) => name);
  expect(ownFields.length).toBeGreaterThan(30);
  const walked = new Set(['input', 'model', 'tools', ...fields.map(([field]) => field)]);
  expect(ownFields.filter((name) => !walked.has(String(name)))).toEqual([]);

  const ownItems = [...declared('ResponseInputItem').matchAll(/^ {8}type\??: '(\w+)'/gm)].map(([, type]) => type);
  expect(ownItems.length).toBeGreaterThan(15);
  const known = new Set(items.map(([, item]) => item['type']));
  expect(ownItems.filter((type) => !known.has(type))).toEqual([]);
});

describe('every input item', () => {
  test.each(items)('%s comes back the same', (_label, item) => {
    const { body, receipt } = roundTrip({ model: 'm', input: [item] });
    expect(body['input']).toEqual([item]);
    expect(receipt).toEqual({ dropped: [], changed: [] });
  });

  test('all of them together keep their order and their borders', () => {
    const all = items.map(([, item]) => item);
    expect(roundTrip({ model: 'm', input: all }).body['input']).toEqual(all);
  });

  test('two answers in a row stay two items', () => {
    const answer = (content: string): JsonObject => ({ type: 'message', role: 'assistant', content });
    const input = [
      user,
      answer('a'),
      answer('b'),
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      answer('d'),
    ];
    const { request, body } = roundTrip({ model: 'm', input });
    expect(body['input']).toEqual(input);
    expect(request.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
  });

  test('a message without a type and a reference without one are known by their fields', () => {
    const { body } = roundTrip({ model: 'm', input: [{ role: 'user', content: 'Hi' }, { id: 'msg_1' }] });
    expect(body['input']).toEqual([user, { type: 'item_reference', id: 'msg_1' }]);
  });

  test('reasoning, text and calls of one turn are one assistant message, bound to this dialect', () => {
    const { messages } = dialect.readRequest({
      model: 'm',
      input: [
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'a' },
            { type: 'summary_text', text: 'b' },
          ],
          encrypted_content: 'gAAA',
        },
        { role: 'assistant', content: 'Let me look.' },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '' },
        { type: 'function_call_output', call_id: 'c', output: '' },
      ],
    });
    expect(messages).toMatchObject([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'a\n\nb', isSummary: true, encrypted: 'gAAA', boundTo: 'openai-responses' },
          { type: 'text', text: 'Let me look.' },
          { type: 'tool-call', id: 'c', name: 'f', arguments: '{}' },
        ],
      },
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'c', parts: [{ type: 'text', text: '' }] }] },
    ]);
  });

  test('reasoning that a guard has rewritten is sent as rewritten', () => {
    const request = dialect.readRequest({
      model: 'm',
      input: [{ type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'my name' }] }],
    });
    const part = request.messages[0]?.parts[0];
    if (part?.type === 'reasoning') part.text = '***';
    expect(dialect.writeRequest(request, { model: 'm' }).body['input']).toEqual([
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: '***' }] },
    ]);
  });
});

const tools: JsonObject[] = [
  { type: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: false },
  {
    type: 'function',
    name: 'g',
    parameters: { type: 'object' },
    defer_loading: true,
    output_schema: { type: 'string' },
  },
  {
    type: 'custom',
    name: 'c',
    description: 'd',
    format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' },
  },
  ...[
    'web_search',
    'web_search_preview',
    'file_search',
    'code_interpreter',
    'computer_use_preview',
    'computer',
    'image_generation',
    'mcp',
    'local_shell',
    'shell',
    'apply_patch',
    'tool_search',
    'namespace',
    'programmatic_tool_calling',
    'tool_of_tomorrow',
  ].map((type): JsonObject => ({ type, some: { thing: 1 } })),
];

test('every kind of tool comes back the same', () => {
  const { body, receipt } = roundTrip({ ...minimal, tools });
  expect(body['tools']).toEqual(tools);
  expect(receipt).toEqual({ dropped: [], changed: [] });
});

const namespace: JsonObject = {
  type: 'namespace',
  name: 'mcp__files',
  description: 'Files',
  tools: [
    { type: 'function', name: 'read', parameters: { type: 'object' }, strict: false, defer_loading: true },
    { type: 'custom', name: 'write' },
  ],
};
const namespacedCall: JsonObject = {
  type: 'function_call',
  call_id: 'c',
  name: 'read',
  namespace: 'mcp__files',
  arguments: '{}',
};

test('tools in a namespace are tools of their own to others, and come back to their namespace', () => {
  const { request, body } = roundTrip({ model: 'm', input: [namespacedCall], tools: [namespace, ...tools] });
  expect(body['tools']).toEqual([namespace, ...tools]);
  expect(body['input']).toEqual([namespacedCall]);
  expect(request.tools.slice(0, 2)).toMatchObject([
    { type: 'function', name: 'mcp__files__read' },
    { type: 'custom', name: 'mcp__files__write' },
  ]);
  expect(request.messages[0]?.parts[0]).toMatchObject({ type: 'tool-call', name: 'mcp__files__read' });
});

test('a call of a tool in a namespace is told by its short name', () => {
  const request = dialect.readRequest({ model: 'm', input: 'Hi', tools: [namespace] });
  const response = dialect.writeDocument(
    [
      { type: 'start' },
      { type: 'tool-call-start', choice: 0, block: 0, id: 'c', name: 'mcp__files__read' },
      { type: 'tool-call-end', choice: 0, block: 0 },
      { type: 'finish', choice: 0, reason: 'tool-calls' },
      { type: 'end' },
    ],
    { model: 'm', id: 'resp_1', nowSeconds: 1, wantsUsage: true, request },
  );
  expect(response['output']).toMatchObject([namespacedCall]);
  expect(response['tools']).toMatchObject([namespace]);
  const events = dialect.readDocument(response);
  expect(events).toContainEqual(expect.objectContaining({ type: 'tool-call-start', name: 'mcp__files__read' }));
});

test('a choice of a custom tool is told from one of a function', () => {
  const choice = { type: 'custom', name: 'c' };
  expect(roundTrip({ ...minimal, tools, tool_choice: choice }).body['tool_choice']).toEqual(choice);
});

test('fields inside items and tools that only this dialect knows are named for the others', () => {
  const { request } = roundTrip({
    model: 'm',
    input: [{ role: 'assistant', phase: 'commentary', id: 'msg_1', status: 'completed', content: 'a' }],
    tools: [{ type: 'function', name: 'f', defer_loading: true }],
  });
  expect(request.unread.sort()).toEqual(['input[0].phase', 'tools[0].defer_loading']);
});

test.each([
  [{ input: 'Hi' }, 'model'],
  [{ model: 'm' }, 'input'],
  [{ model: 'm', input: 7 }, 'input'],
  [{ model: 'm', input: [7] }, 'input'],
  [{ model: 'm', input: [{ role: 'wizard', content: 'a' }] }, 'input[0].role'],
  [{ model: 'm', input: [{ type: 'function_call', name: 'f' }] }, 'input[0].call_id'],
  [{ model: 'm', input: [{ type: 'function_call', call_id: 'c' }] }, 'input[0].name'],
  [{ ...minimal, temperature: 3 }, 'temperature'],
  [{ ...minimal, top_p: -1 }, 'top_p'],
  [{ ...minimal, top_logprobs: 21 }, 'top_logprobs'],
  [{ ...minimal, max_output_tokens: 0 }, 'max_output_tokens'],
  [{ ...minimal, max_output_tokens: 1.5 }, 'max_output_tokens'],
  [{ ...minimal, stream: 'yes' }, 'stream'],
  [{ ...minimal, tools: {} }, 'tools'],
  [{ ...minimal, tools: [{ name: 'f' }] }, 'tools[0].type'],
  [{ ...minimal, tools: [{ type: 'function' }] }, 'tools[0].name'],
  [{ ...minimal, metadata: [] }, 'metadata'],
  [{ ...minimal, previous_response_id: 'resp_1', conversation: 'conv_1' }, 'previous_response_id'],
])('%j is refused and the fault is named', (body, param) => {
  expect(() => dialect.readRequest(body as JsonObject)).toThrow(InvalidRequest);
  expect(() => dialect.readRequest(body as JsonObject)).toThrow(expect.objectContaining({ param }));
});

describe('a request of another dialect', () => {
  const foreign = (more: Partial<ModelRequest>): ModelRequest => ({
    model: 'm',
    stream: false,
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    tools: [],
    origin: 'openai-chat',
    extras: {},
    unread: [],
    ...more,
  });
  const written = (more: Partial<ModelRequest>, traits: Partial<TargetTraits> = {}) =>
    dialect.writeRequest(foreign(more), { model: 'target', ...traits });
  const assistant = (...parts: Part[]): Message => ({ role: 'assistant', parts });

  test('is not stored unless it says so', () => {
    expect(written({}).body).toEqual({ model: 'target', input: [user], store: false, stream: false });
    expect(written({ store: true }).body['store']).toBe(true);
  });

  test('keeps system messages where they stand', () => {
    const { body } = written({
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'a' }] },
        { role: 'user', parts: [{ type: 'text', text: 'b' }] },
        { role: 'developer', parts: [{ type: 'text', text: 'c' }] },
      ],
    });
    expect((body['input'] as JsonObject[]).map(({ role }) => role)).toEqual(['system', 'user', 'developer']);
    const { body: plain } = written(
      { messages: [{ role: 'developer', parts: [{ type: 'text', text: 'c' }] }] },
      { takesDeveloperRole: false },
    );
    expect(plain['input']).toEqual([{ type: 'message', role: 'system', content: 'c' }]);
  });

  test('has its calls and results as items, with ids and names that fit, and the way back', () => {
    const longId = 'x'.repeat(80);
    const { body, toolNames, toolCallIds, receipt } = written({
      messages: [
        assistant({ type: 'text', text: 'Look' }, { type: 'tool-call', id: longId, name: 'my.tool', arguments: '{}' }),
        {
          role: 'tool',
          parts: [{ type: 'tool-result', callId: longId, isError: true, parts: [{ type: 'text', text: 'no' }] }],
        },
      ],
      tools: [
        { type: 'function', name: 'my.tool' },
        { type: 'function', name: 'my_tool' },
      ],
      toolChoice: { type: 'tool', name: 'my.tool' },
    });
    const [text, call, result] = body['input'] as JsonObject[];
    expect(text).toEqual({ type: 'message', role: 'assistant', content: 'Look' });
    expect(call?.['name']).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(call?.['name']).not.toBe('my_tool');
    expect(String(call?.['call_id']).length).toBeLessThanOrEqual(64);
    expect(result).toEqual({ type: 'function_call_output', call_id: call?.['call_id'], output: 'no' });
    expect(toolNames?.get(String(call?.['name']))).toBe('my.tool');
    expect(toolCallIds?.get(String(call?.['call_id']))).toBe(longId);
    expect(body['tool_choice']).toEqual({ type: 'function', name: call?.['name'] });
    expect(receipt.dropped).toEqual(['messages[1].content[0].is_error']);
    expect(receipt.changed).toEqual([]);
  });

  test('has functions that are not held to their schema unless it says so', () => {
    const functions: Tool[] = [
      { type: 'function', name: 'f' },
      { type: 'function', name: 'g', strict: true },
    ];
    expect((written({ tools: functions }).body['tools'] as JsonObject[]).map(({ strict }) => strict)).toEqual([
      false,
      true,
    ]);
  });

  test('loses reasoning that is bound elsewhere, and says so', () => {
    const { body, receipt } = written({
      messages: [
        assistant(
          { type: 'reasoning', text: 'Hm', signature: 's', boundTo: 'anthropic-messages' },
          { type: 'reasoning', text: 'Hm', encrypted: 'gAAA', id: 'rs_1', boundTo: 'openai-responses' },
          { type: 'text', text: 'Hi' },
        ),
      ],
    });
    expect(body['input']).toEqual([
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm' }], encrypted_content: 'gAAA' },
      { type: 'message', role: 'assistant', content: 'Hi' },
    ]);
    expect(receipt.dropped).toEqual(['messages[0].content[0] (reasoning of anthropic-messages)']);
  });

  test('asks for encrypted reasoning only of a model that reasons', () => {
    expect(written({}, { reasoning: 'effort' }).body['include']).toEqual(['reasoning.encrypted_content']);
    expect(written({ reasoning: { effort: 'low' } }).body['include']).toEqual(['reasoning.encrypted_content']);
    expect(written({ reasoning: { effort: 'low' } }, { reasoning: 'none' }).body['include']).toBeUndefined();
    expect(written({}).body['include']).toBeUndefined();
  });

  test.each([
    [{ effort: 'high' }, { effort: 'high' }, []],
    [{ budgetTokens: 1024 }, { effort: 'low' }, ['reasoning_effort budget 1024→effort low']],
    [{ budgetTokens: 8000 }, { effort: 'medium' }, ['reasoning_effort budget 8000→effort medium']],
    [{ budgetTokens: 32000 }, { effort: 'high' }, ['reasoning_effort budget 32000→effort high']],
    [{ budgetTokens: -1 }, undefined, []],
    [{ adaptive: true }, undefined, []],
    [{ enabled: false }, { effort: 'none' }, []],
    [{ effort: 'none' }, { effort: 'none' }, []],
    [{ effort: 'low', summary: 'thoughts' }, { effort: 'low', summary: 'auto' }, []],
  ] as const)('says reasoning %j as %j', (reasoning, expected, changed) => {
    const { body, receipt } = written({ reasoning });
    expect(body['reasoning']).toEqual(expected);
    expect(receipt.changed).toEqual(changed);
  });

  test('lists what Responses has no word for', () => {
    const { receipt } = written({
      topK: 4,
      minP: 0.1,
      frequencyPenalty: 1,
      presencePenalty: 1,
      seed: 0,
      stop: ['x'],
      choices: 2,
      logitBias: { 1: 2 },
      modalities: ['text', 'audio'],
      audio: { voice: 'alloy' },
      extras: { web_search_options: {}, safety_identifier: 's' },
      unread: ['messages[0].foo'],
    });
    expect(receipt.dropped.sort()).toEqual(
      [
        'top_k',
        'min_p',
        'frequency_penalty',
        'presence_penalty',
        'seed',
        'stop',
        'n',
        'logit_bias',
        'modalities',
        'audio',
        'web_search_options',
        'messages[0].foo',
      ].sort(),
    );
  });

  test('keeps its limits within what the model and OpenAI allow', () => {
    expect(written({ maxOutputTokens: 5 })).toMatchObject({
      body: { max_output_tokens: 16 },
      receipt: { changed: ['max_tokens 5→16'] },
    });
    expect(written({ maxOutputTokens: 900 }, { maxOutputTokens: 100 }).body['max_output_tokens']).toBe(100);
    const { body, receipt } = written({ temperature: 0.5, topP: 1 }, { takesSampling: false });
    expect(body).not.toHaveProperty('temperature');
    expect(receipt.dropped).toEqual(['temperature (not taken by the model)']);
  });

  test('carries images, files and sound where there is a place, and lists the rest', () => {
    const parts: Part[] = [
      { type: 'image', source: { kind: 'base64', data: 'AAAA', mediaType: 'image/png' }, detail: 'low' },
      { type: 'file', source: { kind: 'base64', data: 'AAAA', mediaType: 'application/pdf' } },
      { type: 'file', source: { kind: 'text', text: 'plain' } },
      { type: 'audio', source: { kind: 'base64', data: 'AAAA', mediaType: 'audio/wav' } },
      { type: 'audio', source: { kind: 'base64', data: 'AAAA', mediaType: 'audio/flac' } },
      { type: 'video', source: { kind: 'url', url: 'https://a.example/v.mp4' } },
      { type: 'image', source: { kind: 'file-id', id: 'file_anthropic' } },
      { type: 'opaque', origin: 'anthropic-messages', label: 'server_tool_use', value: {} },
    ];
    const { body, receipt } = written({ origin: 'anthropic-messages', messages: [{ role: 'user', parts }] });
    expect((body['input'] as JsonObject[])[0]?.['content']).toEqual([
      { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'low' },
      { type: 'input_file', file_data: 'data:application/pdf;base64,AAAA', filename: 'file.pdf' },
      { type: 'input_text', text: 'plain' },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
    ]);
    expect(receipt.dropped).toEqual([
      'messages[0].content[4] (audio)',
      'messages[0].content[5] (video)',
      'messages[0].content[6] (file id)',
      'messages[0].content[7] (server_tool_use)',
    ]);
  });

  test('is written to the same bytes turn over turn', () => {
    const turn: Message[] = [
      { role: 'user', parts: [{ type: 'text', text: 'a' }] },
      assistant({ type: 'tool-call', id: 'c', name: 'a.b', arguments: '{"z":1,"a":2}' }),
    ];
    const first = JSON.stringify(written({ messages: turn }).body['input']);
    const second = JSON.stringify(
      written({ messages: [...turn, { role: 'user', parts: [{ type: 'text', text: 'b' }] }] }).body['input'],
    );
    expect(second.startsWith(first.slice(0, -1))).toBe(true);
  });
});

test('a stored response and what follows it are one conversation', () => {
  const stored = {
    output: [
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Hello', annotations: [] }],
      },
    ],
  };
  const next = dialect.readRequest({ model: 'm', instructions: 'New.', input: 'On', previous_response_id: 'resp_1' });
  const history = [...dialect.readRequest(minimal).messages, ...outputToInput(stored)];
  const { body } = dialect.writeRequest(withHistory(next, history), { model: 'm' });
  expect(body).toEqual({
    model: 'm',
    instructions: 'New.',
    input: [user, ...stored.output, { type: 'message', role: 'user', content: 'On' }],
    stream: false,
  });
});

const anyText = fc.string({ unit: 'grapheme', maxLength: 10 });
const content = (type: string) =>
  fc.oneof(anyText, fc.array(fc.record({ type: fc.constant(type), text: anyText }), { minLength: 2, maxLength: 3 }));
const anyItem = fc.oneof(
  fc.record({
    type: fc.constant('message'),
    role: fc.constantFrom('user', 'system', 'developer'),
    content: content('input_text'),
  }),
  fc.record({ type: fc.constant('message'), role: fc.constant('assistant'), content: content('output_text') }),
  fc.record({
    type: fc.constant('function_call'),
    call_id: fc.constantFrom('a', 'b'),
    name: fc.constantFrom('f', 'g'),
    arguments: fc.json(),
  }),
  fc.record({
    type: fc.constant('function_call_output'),
    call_id: fc.constantFrom('a', 'b'),
    output: content('input_text'),
  }),
  fc.record({
    type: fc.constant('reasoning'),
    id: fc.constantFrom('rs_1', 'rs_2'),
    summary: fc.array(fc.record({ type: fc.constant('summary_text'), text: anyText }), { maxLength: 2 }),
    encrypted_content: anyText,
  }),
  fc.record({ type: fc.constantFrom('web_search_call', 'compaction', 'mcp_approval_response'), id: anyText }),
);

test('any conversation comes back item for item', () => {
  fc.assert(
    fc.property(fc.array(anyItem, { maxLength: 8 }), (input) => {
      const { body, receipt } = roundTrip({ model: 'm', input: input as unknown as JsonObject[] });
      expect(body['input'] ?? []).toEqual(input);
      expect(receipt).toEqual({ dropped: [], changed: [] });
    }),
    { seed: 20_261_120, numRuns: 200 },
  );
});
