import { describe, expect, test } from 'vitest';
import type { TargetTraits } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import type { MediaSource, Message, ModelRequest, Part, ToolCallPart } from '../request.ts';
import { bedrock as dialect } from './index.ts';

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const NOVA = 'us.amazon.nova-2-lite-v1:0';

const say = (role: Message['role'], ...parts: (string | Part)[]): Message => ({
  role,
  parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
});
const call = (id: string, name = 'read', more: Partial<ToolCallPart> = {}): ToolCallPart => ({
  type: 'tool-call',
  id,
  name,
  arguments: '{}',
  ...more,
});
const result = (callId: string, ...parts: Part[]): Part => ({ type: 'tool-result', callId, parts });
const text = (words: string): Part => ({ type: 'text', text: words });
const read = { type: 'function' as const, name: 'read', parameters: { type: 'object' } };

function ask(more: Partial<ModelRequest>): ModelRequest {
  return {
    model: 'm',
    stream: false,
    messages: [say('user', 'Hi')],
    tools: [],
    origin: 'openai-chat',
    extras: {},
    unread: [],
    ...more,
  };
}
const write = (more: Partial<ModelRequest>, traits: Partial<TargetTraits> = {}) =>
  dialect.writeRequest(ask(more), { model: CLAUDE, ...traits });
const messagesOf = (body: JsonObject) => body['messages'] as { role: string; content: JsonObject[] }[];
const nothing = { dropped: [], changed: [] };

describe('the conversation', () => {
  test('hoists what the system says first, and marks in place what it says later', () => {
    const { body, receipt } = write({
      messages: [say('system', 'One.'), say('developer', 'Two.'), say('user', 'Hi'), say('system', 'Three.')],
    });
    expect(body).toEqual({
      messages: [{ role: 'user', content: [{ text: 'Hi' }, { text: '<system>\nThree.\n</system>' }] }],
      system: [{ text: 'One.' }, { text: 'Two.' }],
    });
    expect(receipt.changed).toEqual(['messages[3] system message→text of the user, marked <system>']);
  });

  test('merges turns of one role, and leaves out texts without a character', () => {
    const { body, receipt } = write({
      messages: [say('user', 'a', ''), say('user', 'b'), say('assistant', ''), say('assistant', 'c'), say('user', 'd')],
    });
    expect(messagesOf(body)).toEqual([
      { role: 'user', content: [{ text: 'a' }, { text: 'b' }] },
      { role: 'assistant', content: [{ text: 'c' }] },
      { role: 'user', content: [{ text: 'd' }] },
    ]);
    expect(receipt).toEqual(nothing);
  });

  test('begins with the user, whoever began', () => {
    expect(messagesOf(write({ messages: [say('assistant', 'Hi'), say('user', 'x')] }).body)[0]?.role).toBe('user');
    expect(write({ messages: [say('system', 'Only.')] }).body).toEqual({
      messages: [{ role: 'user', content: [{ text: 'Only.' }] }],
    });
    expect(messagesOf(write({ messages: [] }).body)).toHaveLength(1);
  });

  test('ends words to be continued without white space', () => {
    const { body, receipt } = write({ messages: [say('user', 'x'), say('assistant', 'Once upon \n')] });
    expect(messagesOf(body)[1]?.content).toEqual([{ text: 'Once upon' }]);
    expect(receipt.changed).toEqual(["white space at the end of the assistant's last text→none"]);
  });

  test('puts a line beside a document alone', () => {
    const pdf: Part = {
      type: 'file',
      filename: 'Q3_report (v2).pdf',
      source: { kind: 'base64', data: 'AA', mediaType: 'application/pdf' },
    };
    const { body, receipt } = write({ messages: [say('user', pdf)] });
    expect(messagesOf(body)[0]?.content).toEqual([
      { document: { format: 'pdf', name: 'Q3-report (v2)', source: { bytes: 'AA' } } },
      { text: '(see the document)' },
    ]);
    expect(receipt.changed).toHaveLength(2);
  });
});

describe('tool calls', () => {
  test('have all their results in the next turn, in the order of the calls', () => {
    const { body, receipt } = write({
      tools: [read],
      messages: [
        say('user', 'Go'),
        say('assistant', 'Yes.', call('a'), call('b', 'read', { arguments: '{"x":1}' })),
        say('tool', result('b', text('B'))),
        say('tool', { ...result('a', text('A')), isError: true } as Part),
      ],
    });
    expect(messagesOf(body).slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { text: 'Yes.' },
          { toolUse: { toolUseId: 'a', name: 'read', input: {} } },
          { toolUse: { toolUseId: 'b', name: 'read', input: { x: 1 } } },
        ],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'a', content: [{ text: 'A' }], status: 'error' } },
          { toolResult: { toolUseId: 'b', content: [{ text: 'B' }] } },
        ],
      },
    ]);
    expect(receipt).toEqual(nothing);
  });

  test('declare their tools by name when the request has none', () => {
    const { body, receipt } = write({
      messages: [say('user', 'x'), say('assistant', call('a', 'fs.read')), say('tool', result('a', text('A')))],
    });
    const { tools } = body['toolConfig'] as { tools: { toolSpec: JsonObject }[] };
    expect(tools.map(({ toolSpec }) => [toolSpec['name'], toolSpec['inputSchema']])).toEqual([
      [expect.stringMatching(/^fs_read_[0-9a-f]{10}$/), { json: { type: 'object' } }],
    ]);
    expect(receipt.changed).toEqual(['tools absent, but called before→declared by name, as not to be called']);
  });

  test('without a result get one that says so, and a result without a call becomes text', () => {
    const { body, receipt } = write({
      tools: [read],
      messages: [
        say('user', 'x'),
        say('assistant', call('a')),
        say('user', 'never mind'),
        say('tool', result('gone', text('?'))),
      ],
    });
    expect(messagesOf(body)[2]?.content).toEqual([
      { toolResult: { toolUseId: 'a', content: [{ text: 'No result was given for this call.' }], status: 'error' } },
      { text: 'never mind' },
      { text: '[Result of the tool call gone]' },
      { text: '?' },
    ]);
    expect(receipt.changed).toHaveLength(2);
  });

  test('with names and ids outside the rules are renamed, and named for the way back', () => {
    const long = 'call|'.repeat(20);
    const { body, toolNames, toolCallIds } = write({
      tools: [{ type: 'function', name: 'fs.read' }],
      toolChoice: { type: 'tool', name: 'fs.read' },
      messages: [say('user', 'x'), say('assistant', call(long, 'fs.read')), say('tool', result(long, text('A')))],
    });
    const [written = ''] = [...(toolNames?.keys() ?? [])];
    const [id = ''] = [...(toolCallIds?.keys() ?? [])];
    expect([toolNames?.get(written), toolCallIds?.get(id)]).toEqual(['fs.read', long]);
    for (const name of [written, id]) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(JSON.stringify(body)).not.toContain('fs.read');
    expect(JSON.stringify(body).split(`"${id}"`)).toHaveLength(3);
    expect(body['toolConfig']).toMatchObject({ toolChoice: { tool: { name: written } } });
  });

  test('that repeat an id in a later turn are told apart, each with its own result', () => {
    const turn = (answer: string) => [say('assistant', call('call_0')), say('tool', result('call_0', text(answer)))];
    const { body } = write({ tools: [read], messages: [say('user', 'x'), ...turn('1'), ...turn('2')] });
    const ids = messagesOf(body).flatMap(({ content }) =>
      content.map(({ toolUse, toolResult }) => ((toolUse ?? toolResult) as JsonObject | undefined)?.['toolUseId']),
    );
    expect(ids.slice(1, 3)).toEqual(['call_0', 'call_0']);
    expect(ids[3]).toBe(ids[4]);
    expect(ids[3]).not.toBe('call_0');
  });

  test('that share an id within a turn take their results in order', () => {
    const { body } = write({
      tools: [read],
      messages: [
        say('user', 'x'),
        say('assistant', call('')),
        say('tool', result('', text('0'))),
        say('assistant', call('a'), call('a')),
        say('tool', result('a', text('1')), result('a', text('2'))),
      ],
    });
    expect(messagesOf(body)[4]?.content).toEqual([
      { toolResult: { toolUseId: 'a', content: [{ text: '1' }] } },
      { toolResult: { toolUseId: 'a_2', content: [{ text: '2' }] } },
    ]);
    expect(messagesOf(body)[2]?.content).toMatchObject([
      { toolResult: { toolUseId: 'call', content: [{ text: '0' }] } },
    ]);
  });

  test('bring back images and errors, and never nothing', () => {
    const image: Part = { type: 'image', source: { kind: 'base64', data: 'AA', mediaType: 'image/png' } };
    const { body, receipt } = write({
      tools: [read],
      messages: [
        say('user', 'x'),
        say('assistant', call('a'), call('b')),
        say('tool', result('a', text('[1,2]'), image), {
          type: 'tool-result',
          callId: 'b',
          parts: [text('')],
          isError: true,
        }),
      ],
    });
    expect(messagesOf(body)[2]?.content).toEqual([
      {
        toolResult: {
          toolUseId: 'a',
          content: [{ text: '[1,2]' }, { image: { format: 'png', source: { bytes: 'AA' } } }],
        },
      },
      { toolResult: { toolUseId: 'b', content: [{ text: '(no output)' }], status: 'error' } },
    ]);
    expect(receipt).toEqual({ dropped: [], changed: ['messages[2].content[1] empty result→"(no output)"'] });
  });

  test('whose arguments are no object are put into one', () => {
    const { body, receipt } = write({
      tools: [read],
      messages: [
        say('user', 'x'),
        say('assistant', call('a', 'read', { arguments: '[1]' }), call('b', 'read', { arguments: '' })),
        say('user', 'y'),
      ],
    });
    expect(messagesOf(body)[1]?.content).toMatchObject([
      { toolUse: { input: { arguments: '[1]' } } },
      { toolUse: { input: {} } },
    ]);
    expect(receipt.changed).toContain('messages[1].content[0] arguments (no JSON object)→{"arguments": …}');
  });

  test('become text for a model that takes no tools', () => {
    const { body, receipt } = write(
      {
        tools: [read],
        toolChoice: { type: 'required' },
        messages: [say('user', 'x'), say('assistant', call('a')), say('tool', result('a', text('A')))],
      },
      { takesTools: false },
    );
    expect(body['toolConfig']).toBeUndefined();
    expect(messagesOf(body)[2]?.content).toEqual([{ text: '[Result of the tool call a]\nA' }]);
    expect(receipt.dropped).toEqual(['tools', 'tool_choice']);
  });
});

describe('the choice of tools', () => {
  test.each([
    [{ type: 'auto' } as const, { auto: {} }],
    [{ type: 'required' } as const, { any: {} }],
    [{ type: 'tool', name: 'read' } as const, { tool: { name: 'read' } }],
  ])('%o is %o', (toolChoice, written) => {
    const { body, receipt } = write({ tools: [read], toolChoice });
    expect(body['toolConfig']).toMatchObject({ toolChoice: written });
    expect(receipt).toEqual(nothing);
  });

  test('of none sends no tools, unless calls in the history demand them', () => {
    const none = write({ tools: [read], toolChoice: { type: 'none' } });
    expect(none.body['toolConfig']).toBeUndefined();
    expect(none.receipt.changed).toEqual(['tool_choice none→no tools sent']);
    const history = [say('user', 'x'), say('assistant', call('a')), say('tool', result('a', text('A')))];
    const held = write({ tools: [read], toolChoice: { type: 'none' }, messages: history });
    expect(held.body['toolConfig']).toEqual({
      tools: [{ toolSpec: { name: 'read', inputSchema: { json: { type: 'object' } } } }],
    });
    expect(held.receipt.dropped).toHaveLength(1);
  });

  test('among some sends only these', () => {
    const tools = [read, { type: 'function' as const, name: 'write' }];
    const { body } = write({ tools, toolChoice: { type: 'allowed', mode: 'required', names: ['write'] } });
    expect(body['toolConfig']).toMatchObject({ tools: [{ toolSpec: { name: 'write' } }], toolChoice: { any: {} } });
  });

  test('without parallel calls goes to models that know the word, and into the receipt for others', () => {
    const free = write({ tools: [read], parallelToolCalls: false });
    expect(free.body['additionalModelRequestFields']).toEqual({
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    });
    expect(free.receipt).toEqual(nothing);
    expect(write({ tools: [read], parallelToolCalls: false }, { model: NOVA }).receipt.dropped).toEqual([
      'parallel_tool_calls',
    ]);
    expect(
      write({ tools: [read], parallelToolCalls: false, toolChoice: { type: 'required' } }).receipt.dropped,
    ).toEqual(['parallel_tool_calls']);
  });

  test('holds strict tools to what the service enforces, and lists the tools it has no word for', () => {
    const properties = { path: { type: 'string' } };
    const { body, receipt } = write({
      tools: [
        { type: 'function', name: 'a', description: '', strict: true, parameters: { type: 'object', properties } },
        {
          type: 'function',
          name: 'b',
          strict: true,
          parameters: { type: 'object', properties: { n: { type: 'number', minimum: 1 } } },
        },
        { type: 'custom', name: 'c', format: { type: 'grammar' } },
        { type: 'hosted', origin: 'openai-responses', label: 'web_search', value: {} },
      ],
    });
    expect(body['toolConfig']).toMatchObject({
      tools: [
        { toolSpec: { name: 'a', strict: true, inputSchema: { json: { additionalProperties: false } } } },
        { toolSpec: { name: 'b' } },
        { toolSpec: { name: 'c', inputSchema: { json: { required: ['input'] } } } },
      ],
    });
    expect(receipt.dropped).toEqual(['tools[2].format', 'tools[3] (web_search)']);
    expect(receipt.changed).toEqual([
      'tools[1].strict true→false (schema n minimum)',
      'tools[2] custom tool→function with one text field "input"',
    ]);
  });
});

describe('media', () => {
  const image = (source: MediaSource): Part => ({ type: 'image', source });

  test('are inline, or in S3', () => {
    const { body, receipt } = write({
      messages: [
        say(
          'user',
          'see',
          image({ kind: 'url', url: 'data:image/jpg;base64,AA' }),
          image({ kind: 'url', url: 's3://bucket/a.png' }),
          { type: 'video', source: { kind: 'base64', data: 'AA', mediaType: 'video/mp4' } },
          { type: 'audio', source: { kind: 'base64', data: 'AA', mediaType: 'audio/mp3' } },
          { type: 'file', source: { kind: 'text', text: 'words' } },
          { type: 'file', filename: 'a.json', source: { kind: 'base64', data: 'e30=', mediaType: 'application/json' } },
        ),
      ],
    });
    expect(messagesOf(body)[0]?.content.slice(1)).toEqual([
      { image: { format: 'jpeg', source: { bytes: 'AA' } } },
      { image: { format: 'png', source: { s3Location: { uri: 's3://bucket/a.png' } } } },
      { video: { format: 'mp4', source: { bytes: 'AA' } } },
      { audio: { format: 'mp3', source: { bytes: 'AA' } } },
      { document: { format: 'txt', name: 'document', source: { text: 'words' } } },
      { document: { format: 'txt', name: 'a-json', source: { bytes: 'e30=' } } },
    ]);
    expect(receipt).toEqual({ dropped: [], changed: ['filename a.json→a-json'] });
  });

  test('that cannot be sent are listed', () => {
    const { receipt } = write({
      messages: [
        say(
          'user',
          'see',
          image({ kind: 'url', url: 'https://example.com/a.png' }),
          image({ kind: 'file-id', id: 'file_1' }),
          image({ kind: 'base64', data: 'AA', mediaType: 'image/tiff' }),
        ),
        say('assistant', 'here', image({ kind: 'base64', data: 'AA', mediaType: 'image/png' })),
        say('user', 'x'),
      ],
    });
    expect(receipt.dropped).toEqual([
      'messages[0].content[1] (image by URL)',
      'messages[0].content[2] (image by file id)',
      'messages[0].content[3] (image image/tiff)',
      'messages[1].content[1] (image of an assistant)',
    ]);
  });

  test('of one name are told apart', () => {
    const file = (filename: string): Part => ({ type: 'file', filename, source: { kind: 'text', text: 'x' } });
    const { body } = write({ messages: [say('user', 'see', file('a'), file('a'), file('a.txt'), file('  '))] });
    const names = messagesOf(body)[0]
      ?.content.slice(1)
      .map(({ document }) => (document as JsonObject)['name']);
    expect(names).toEqual(['a', 'a (2)', 'a (3)', 'document']);
  });
});

describe('cache marks', () => {
  const marked = (words: string, ttl?: '1h'): Part => ({
    type: 'text',
    text: words,
    cache: ttl === undefined ? {} : { ttl },
  });

  test('are points after what they mark, at most the last four', () => {
    const { body, receipt } = write({
      tools: [{ ...read, cache: {} }],
      messages: [say('system', marked('s', '1h')), say('user', marked('a'), marked('b'), marked('c'))],
    });
    const point = { cachePoint: { type: 'default' } };
    expect(body['toolConfig']).toEqual({
      tools: [{ toolSpec: { name: 'read', inputSchema: { json: { type: 'object' } } } }],
    });
    expect(body['system']).toEqual([{ text: 's' }, { cachePoint: { type: 'default', ttl: '1h' } }]);
    expect(messagesOf(body)[0]?.content).toEqual([{ text: 'a' }, point, { text: 'b' }, point, { text: 'c' }, point]);
    expect(receipt.changed).toEqual(['5 cache marks→the last 4']);
  });

  test('inside a result stand after it, and on an empty text after the text before', () => {
    const { body } = write({
      tools: [read],
      messages: [
        say('user', 'x', { type: 'text', text: '', cache: {} }),
        say('assistant', call('a')),
        say('tool', result('a', marked('A'))),
      ],
    });
    const point = { cachePoint: { type: 'default' } };
    expect(messagesOf(body)[0]?.content).toEqual([{ text: 'x' }, point]);
    expect(messagesOf(body)[2]?.content[1]).toEqual(point);
  });

  test('go to models that take them', () => {
    const request = { tools: [{ ...read, cache: {} }], messages: [say('user', marked('a'))] };
    const nova = write(request, { model: NOVA });
    expect(JSON.stringify(nova.body).split('cachePoint')).toHaveLength(2);
    expect(nova.receipt.changed).toEqual(['cache marks→none (not taken by the model on tools)']);
    const other = write(request, { model: 'meta.llama4-maverick' });
    expect(JSON.stringify(other.body)).not.toContain('cachePoint');
    expect(other.receipt.changed).toEqual(['cache marks→none (not taken by the model)']);
    expect(write(request, { model: 'arn:aws:bedrock:us-east-1:1:application-inference-profile/abc' }).receipt).toEqual(
      nothing,
    );
  });
});

describe('reasoning', () => {
  const additional = (more: Partial<ModelRequest>, traits: Partial<TargetTraits> = {}) =>
    write(more, traits).body['additionalModelRequestFields'];

  test.each([
    [CLAUDE, 'adaptive', { thinking: { type: 'adaptive' } }, 'high'],
    [CLAUDE, 'budget', { thinking: { type: 'enabled', budget_tokens: 24_576 } }, undefined],
    [CLAUDE, 'effort', undefined, 'high'],
    [CLAUDE, 'none', undefined, undefined],
    [NOVA, undefined, { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } }, undefined],
    ['openai.gpt-oss-120b-1:0', 'effort', { reasoning_effort: 'high' }, undefined],
    ['us.openai.gpt-6-luna', 'effort', { reasoning: { effort: 'high' } }, undefined],
    ['deepseek.v3-v1:0', undefined, { reasoning_effort: 'high' }, undefined],
    [
      'arn:aws:bedrock:us-east-1:1:application-inference-profile/abc',
      'adaptive',
      { thinking: { type: 'adaptive' } },
      'high',
    ],
    [
      'arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-2-lite-v1:0',
      'effort',
      { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } },
      undefined,
    ],
  ] as const)('of high effort, told to %s (%s)', (model, reasoning, fields, effort) => {
    const { body } = write(
      { reasoning: { effort: 'high' } },
      { model, ...(reasoning === undefined ? {} : { reasoning }) },
    );
    expect(body['additionalModelRequestFields']).toEqual(fields);
    expect(body['outputConfig']).toEqual(effort === undefined ? undefined : { effort });
  });

  test('with a budget leaves room for the answer within the client’s limit', () => {
    const { body, receipt } = write(
      { reasoning: { budgetTokens: 9000 }, maxOutputTokens: 4000 },
      { reasoning: 'budget' },
    );
    expect(body['additionalModelRequestFields']).toEqual({ thinking: { type: 'enabled', budget_tokens: 3000 } });
    expect(body['inferenceConfig']).toEqual({ maxTokens: 4000 });
    expect(receipt.changed).toEqual(['thinking budget 9000→3000 (maxTokens 4000)']);
    expect(
      write({ reasoning: { budgetTokens: 9000 }, maxOutputTokens: 500 }, { reasoning: 'budget' }).receipt.dropped,
    ).toHaveLength(1);
  });

  test('switched off is switched off in the words of each', () => {
    const off = { reasoning: { effort: 'none' as const } };
    expect(additional(off, { reasoning: 'budget' })).toEqual({ thinking: { type: 'disabled' } });
    expect(additional(off, { model: NOVA })).toEqual({ reasoningConfig: { type: 'disabled' } });
    expect(additional(off, { model: 'openai.gpt-6-sol' })).toEqual({ reasoning: { effort: 'none' } });
    expect(write(off, { model: 'openai.gpt-oss-20b-1:0' }).receipt.dropped).toEqual(['reasoning_effort none']);
  });

  test('takes the sampling away that it does not go with, and says so', () => {
    const request = {
      temperature: 0.2,
      topP: 0.5,
      topK: 5,
      reasoning: { effort: 'low' as const },
      maxOutputTokens: 99,
    };
    const claude = write(request, { reasoning: 'adaptive' });
    expect(claude.body['inferenceConfig']).toEqual({ maxTokens: 99 });
    expect(claude.receipt.dropped).toEqual([
      'temperature (not with reasoning)',
      'top_p (not with reasoning)',
      'top_k (not with reasoning)',
    ]);
    const nova = write({ ...request, reasoning: { effort: 'xhigh' } }, { model: NOVA });
    expect(nova.body['inferenceConfig']).toBeUndefined();
    expect(nova.receipt.dropped[0]).toBe('max_tokens (not at this effort of reasoning)');
    expect(nova.receipt.changed).toEqual(['reasoning_effort xhigh→high']);
  });

  test('gives way to a demanded call, and to calls under way that hold none', () => {
    const effort = { reasoning: { effort: 'low' as const } };
    expect(
      write({ ...effort, tools: [read], toolChoice: { type: 'required' } }, { reasoning: 'budget' }).receipt.dropped,
    ).toEqual(['reasoning_effort (not with a demanded tool call)']);
    const underWay = [say('user', 'x'), say('assistant', call('a')), say('tool', result('a', text('A')))];
    expect(additional({ ...effort, tools: [read], messages: underWay }, { reasoning: 'budget' })).toBeUndefined();
  });

  test('of earlier turns goes back to the service that signed it alone', () => {
    const reasoning = (more: object): Part => ({ type: 'reasoning', text: 'hm', ...more });
    const { body, receipt } = write({
      messages: [
        say('user', 'x'),
        say(
          'assistant',
          reasoning({ signature: 's', boundTo: 'bedrock' }),
          { type: 'reasoning', redacted: 'QQ==', boundTo: 'bedrock' },
          reasoning({ signature: 'g', boundTo: 'gemini' }),
          reasoning({}),
          'Hi',
        ),
        say('user', 'y'),
      ],
    });
    expect(messagesOf(body)[1]?.content).toEqual([
      { reasoningContent: { reasoningText: { text: 'hm', signature: 's' } } },
      { reasoningContent: { redactedContent: 'QQ==' } },
      { text: 'Hi' },
    ]);
    expect(receipt.dropped).toEqual([
      'messages[1].content[2] (reasoning of gemini)',
      'messages[1].content[3] (reasoning)',
    ]);
  });

  test('asked for by `thinking` in another dialect is read as such', () => {
    const extras = { thinking: { type: 'enabled', budget_tokens: 2048 } };
    expect(additional({ extras, maxOutputTokens: 9000 }, { reasoning: 'budget' })).toEqual(extras);
  });
});

describe('the answer’s format', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
  const format = (more: JsonObject = {}) => ({
    type: 'json-schema' as const,
    name: 'my answer',
    schema: { ...schema, ...more },
  });

  test('is enforced by the service where it can be', () => {
    const { body, receipt, jsonTool } = write({ output: format() });
    const { textFormat } = body['outputConfig'] as {
      textFormat: { type: string; structure: { jsonSchema: JsonObject } };
    };
    expect(textFormat.structure.jsonSchema['name']).toBe('my_answer');
    expect(JSON.parse(String(textFormat.structure.jsonSchema['schema']))).toEqual({
      ...schema,
      additionalProperties: false,
    });
    expect([receipt, jsonTool]).toEqual([nothing, undefined]);
  });

  test.each([
    ['a map', { additionalProperties: { type: 'string' } }, 'schema with free keys'],
    [
      'recursion',
      { properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { type: 'array', items: { $ref: '#/$defs/a' } } } },
      'recursive $ref #/$defs/a',
    ],
    ['a bound', { properties: { a: { type: 'number', minimum: 1 } } }, 'schema a minimum'],
  ])('is the arguments of a tool for a schema with %s', (_what, more, why) => {
    const { body, jsonTool, receipt } = write({ output: format(more), tools: [read] });
    expect(jsonTool).toBe('json_answer');
    const { tools, toolChoice } = body['toolConfig'] as { tools: { toolSpec: JsonObject }[]; toolChoice: JsonObject };
    expect(tools.at(-1)?.toolSpec).toMatchObject({
      name: 'json_answer',
      inputSchema: { json: { ...schema, ...more } },
    });
    expect(toolChoice).toEqual({ any: {} });
    expect(receipt.changed).toEqual([`response_format json_schema→the arguments of a tool (${why})`]);
  });

  test('is settled at once, however its references branch', () => {
    const depth = 40;
    const next = (level: number) => (level === depth ? { type: 'string' } : { $ref: `#/$defs/d${level + 1}` });
    const $defs = Object.fromEntries(
      Array.from({ length: depth }, (_, at) => [
        `d${at + 1}`,
        { type: 'object', properties: { a: next(at + 1), b: next(at + 1) }, additionalProperties: false },
      ]),
    );
    const { body } = write({ output: format({ properties: { a: { $ref: '#/$defs/d1' } }, $defs }) });
    expect(body['outputConfig']).toBeDefined();
  });

  test('is the arguments of a tool for a model that takes no schema, and words where there are no tools', () => {
    expect(write({ output: format() }, { takesJsonSchema: false }).body['toolConfig']).toMatchObject({
      toolChoice: { tool: { name: 'json_answer' } },
    });
    const words = write({ output: format() }, { takesJsonSchema: false, takesTools: false });
    expect(JSON.stringify(words.body['system'])).toContain('JSON Schema');
    expect(JSON.stringify(write({ output: { type: 'json' } }).body['system'])).toContain('JSON object');
  });
});

describe('settings', () => {
  test('go where each belongs', () => {
    const request = {
      maxOutputTokens: 5000,
      temperature: 1.7,
      topP: 0.9,
      topK: 3,
      stop: ['END', '\n'],
      serviceTier: 'flex',
    };
    const { body, receipt } = write(
      { ...request, metadata: { team: 'a b', bad: 'é' } },
      { model: NOVA, maxOutputTokens: 4000 },
    );
    expect(body).toMatchObject({
      inferenceConfig: { maxTokens: 4000, temperature: 1, topP: 0.9, stopSequences: ['END'] },
      additionalModelRequestFields: { inferenceConfig: { topK: 3 } },
      requestMetadata: { team: 'a b' },
      serviceTier: { type: 'flex' },
    });
    expect(receipt).toEqual({
      dropped: ['stop "\\n" (white space alone)', 'metadata.bad'],
      changed: ['max_tokens 5000→4000', 'temperature 1.7→1'],
    });
  });

  test('leave the limit to the service when the client gave none', () => {
    expect(write({}, { maxOutputTokens: 4000 }).body).toEqual({
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
    });
  });

  test('of sampling go together only to models that take both, or any', () => {
    expect(write({ temperature: 0.5, topP: 0.9 }).receipt.dropped).toEqual(['top_p (not beside temperature)']);
    expect(write({ temperature: 0.5, topP: 0.9 }, { takesSampling: false }).body['inferenceConfig']).toBeUndefined();
    expect(write({ temperature: 1, topP: 1 }, { takesSampling: false }).receipt).toEqual(nothing);
  });

  test('of this service alone pass from any client', () => {
    const extras = {
      guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' },
      performanceConfig: { latency: 'optimized' },
      additionalModelRequestFields: { custom: 1 },
      betas: ['x-2026'],
      prediction: {},
    };
    const { body, receipt } = write({ extras });
    expect(body).toMatchObject({
      guardrailConfig: extras.guardrailConfig,
      performanceConfig: extras.performanceConfig,
      additionalModelRequestFields: { custom: 1, anthropic_beta: ['x-2026'] },
    });
    expect(receipt.dropped).toEqual(['prediction']);
    expect(write({ extras }, { model: NOVA }).receipt.dropped).toEqual(['betas', 'prediction']);
  });
});
