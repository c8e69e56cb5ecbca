import { describe, expect, test } from 'vitest';
import type { TargetTraits } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import type { Message, ModelRequest, Part } from '../request.ts';
import { openaiChat } from './index.ts';

const text = (words: string): Part => ({ type: 'text', text: words });
const says = (...messages: Message[]): Partial<ModelRequest> => ({ messages });

function foreign(fields: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'claude',
    stream: false,
    messages: [{ role: 'user', parts: [text('Hi')] }],
    tools: [],
    origin: 'anthropic-messages',
    extras: {},
    unread: [],
    ...fields,
  };
}

function write(fields: Partial<ModelRequest> = {}, traits: Partial<TargetTraits> = {}) {
  return openaiChat.writeRequest(foreign(fields), { model: 'm', ...traits });
}

function rewrite(body: JsonObject, traits: Partial<TargetTraits> = {}) {
  return openaiChat.writeRequest(
    openaiChat.readRequest({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...body }),
    {
      model: 'm',
      ...traits,
    },
  );
}

const messagesOf = (body: JsonObject) => body['messages'] as JsonObject[];

describe('a conversation of another dialect', () => {
  test('tells all calls of one turn in one message, though they came as several', () => {
    const call = (id: string): Part => ({ type: 'tool-call', id, name: 'f', arguments: '{}' });
    const { body } = write(
      says(
        { role: 'assistant', parts: [text('Let me see.')] },
        { role: 'assistant', parts: [call('a')] },
        { role: 'assistant', parts: [call('b')] },
        { role: 'tool', parts: [{ type: 'tool-result', callId: 'a', parts: [text('1')] }] },
        { role: 'tool', parts: [{ type: 'tool-result', callId: 'b', parts: [text('2')] }] },
      ),
    );
    expect(messagesOf(body)).toEqual([
      {
        role: 'assistant',
        content: 'Let me see.',
        tool_calls: ['a', 'b'].map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
      },
      { role: 'tool', content: '1', tool_call_id: 'a' },
      { role: 'tool', content: '2', tool_call_id: 'b' },
    ]);
  });

  test('moves the images of tool results behind the last result of the turn, and says so', () => {
    const image: Part = { type: 'image', source: { kind: 'base64', data: 'AAAA', mediaType: 'image/png' } };
    const results = ['a', 'b'].map((callId): Part => ({ type: 'tool-result', callId, parts: [image, text(callId)] }));
    const { body, receipt } = write(says({ role: 'user', parts: [...results, text('And now?')] }));
    expect(messagesOf(body).map(({ role }) => role)).toEqual(['tool', 'tool', 'user', 'user']);
    expect(messagesOf(body)[2]?.['content']).toHaveLength(4);
    expect(messagesOf(body)[3]?.['content']).toBe('And now?');
    expect(receipt.changed).toEqual([
      'messages[0].content[0] (image in a tool result)→user message',
      'messages[0].content[1] (image in a tool result)→user message',
    ]);
  });

  test('loses nothing in silence: each thing without a word is in the receipt, in the words of the client', () => {
    const { receipt } = write(
      {
        messages: [
          { role: 'system', parts: [{ type: 'text', text: 'S', cache: {} }] },
          {
            role: 'assistant',
            parts: [
              { type: 'reasoning', text: 'T', signature: 's', boundTo: 'anthropic-messages' },
              { type: 'reasoning', redacted: 'r', boundTo: 'anthropic-messages' },
              { type: 'opaque', origin: 'anthropic-messages', label: 'server_tool_use', value: {} },
              { type: 'tool-call', id: 'a', name: 'f', arguments: '{}', signature: 'x' },
            ],
          },
          { role: 'user', parts: [{ type: 'tool-result', callId: 'a', isError: true, parts: [] }] },
          { role: 'user', parts: [{ type: 'image', source: { kind: 'file-id', id: 'file_1' } }, text('?')] },
        ],
        tools: [{ type: 'hosted', origin: 'anthropic-messages', label: 'web_search_20250305', value: {} }],
        extras: { mcp_servers: [], container: 'c' },
        unread: ['messages[0].content[0].foo'],
        serviceTier: 'standard_only',
        previousResponseId: 'resp_1',
        topK: 5,
      },
      { takesSampling: false, reasoningField: 'reasoning_content' },
    );
    expect(receipt.dropped.sort()).toEqual(
      [
        'messages[0].content[0] (reasoning)',
        'messages[0].content[1] (encrypted reasoning)',
        'messages[0].content[2] (server_tool_use)',
        'messages[0].content[3] (thought signature)',
        'messages[1].content[0] (error mark of a tool result)',
        'messages[2].content[0] (image)',
        'tools[0] (web_search_20250305)',
        'mcp_servers',
        'container',
        'messages[0].content[0].foo',
        'previous_response_id',
        'top_k',
      ].sort(),
    );
    expect(receipt.changed).toEqual(["cache_control→the provider's own caching"]);
  });

  test('tells unsigned reasoning where the host has a field for it, and never what is bound to another', () => {
    const parts: Part[] = [
      { type: 'reasoning', text: 'mine' },
      { type: 'reasoning', text: 'bound', signature: 's', boundTo: 'anthropic-messages' },
      text('Answer'),
    ];
    const told = write(says({ role: 'assistant', parts }), { reasoningField: 'reasoning' });
    expect(messagesOf(told.body)).toEqual([{ role: 'assistant', content: 'Answer', reasoning: 'mine' }]);
    expect(told.receipt.dropped).toEqual(['messages[0].content[1] (reasoning)']);
    const silent = write(says({ role: 'assistant', parts }));
    expect(messagesOf(silent.body)).toEqual([{ role: 'assistant', content: 'Answer' }]);
    expect(silent.receipt.dropped).toHaveLength(2);
  });

  test('maps tool names outside the rule, the same in every turn, and tells the way back', () => {
    const name = 'mcp.files/read file';
    const fields: Partial<ModelRequest> = {
      tools: [
        { type: 'function', name },
        { type: 'function', name: 'x'.repeat(80) },
        { type: 'function', name: 'fine' },
      ],
      toolChoice: { type: 'tool', name },
      messages: [{ role: 'assistant', parts: [{ type: 'tool-call', id: 'a', name, arguments: '' }] }],
    };
    const { body, toolNames } = write(fields);
    const written = (body['tools'] as { function: { name: string } }[]).map((tool) => tool.function.name);
    for (const word of written) expect(word).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(written[2]).toBe('fine');
    expect(toolNames?.get(written[0]!)).toBe(name);
    expect(toolNames?.size).toBe(2);
    expect(body['tool_choice']).toEqual({ type: 'function', function: { name: written[0] } });
    expect(messagesOf(body)[0]).toMatchObject({ tool_calls: [{ function: { name: written[0], arguments: '{}' } }] });
    expect(write(fields).body).toEqual(body);
  });

  test('tells texts in several blocks whole, as the one string that every host takes', () => {
    const { body } = write(
      says({ role: 'system', parts: [text('a'), text('b')] }, { role: 'user', parts: [text('c'), text('d')] }),
    );
    expect(messagesOf(body).map(({ content }) => content)).toEqual(['a\n\nb', 'c\n\nd']);
  });
});

describe('traits of the target', () => {
  test('calls whose ids break the rule of the host get nine letters or digits, in call and result alike', () => {
    const toolCallId = /^[a-zA-Z0-9]{9}$/;
    const body = {
      messages: [
        {
          role: 'assistant',
          content: null,
          tool_calls: ['call_1', 'abcdefghi'].map((id) => ({
            id,
            type: 'function',
            function: { name: 'f', arguments: '{}' },
          })),
        },
        { role: 'tool', tool_call_id: 'call_1', content: '1' },
        { role: 'tool', tool_call_id: 'abcdefghi', content: '2' },
      ],
    };
    const written = rewrite(body, { toolCallId });
    const calls = messagesOf(written.body)[0]?.['tool_calls'] as { id: string }[];
    expect(calls[0]?.id).toMatch(toolCallId);
    expect(calls[1]?.id).toBe('abcdefghi');
    expect(messagesOf(written.body)[1]?.['tool_call_id']).toBe(calls[0]?.id);
    expect(written.toolCallIds).toEqual(new Map([[calls[0]?.id, 'call_1']]));
    expect(rewrite(body, { toolCallId }).body).toEqual(written.body);
  });

  test('the output limit takes the name of the host and never passes what the model allows', () => {
    expect(rewrite({ max_tokens: 10 }, { maxTokensField: 'max_completion_tokens' }).body).toMatchObject({
      max_completion_tokens: 10,
    });
    expect(rewrite({ max_completion_tokens: 10 }).body).toMatchObject({ max_completion_tokens: 10 });
    expect(write({ maxOutputTokens: 10 }).body).toMatchObject({ max_tokens: 10 });
    const capped = rewrite({ max_completion_tokens: 100 }, { maxOutputTokens: 50 });
    expect(capped.body).toMatchObject({ max_completion_tokens: 50 });
    expect(capped.receipt.changed).toEqual(['max_completion_tokens 100→50']);
  });

  test('sampling that the model refuses is left out and told', () => {
    const { body, receipt } = rewrite({ temperature: 0, top_p: 0.5, top_k: 3 }, { takesSampling: false });
    expect(Object.keys(body)).toEqual(['model', 'messages']);
    expect(receipt.dropped).toEqual(['temperature', 'top_p', 'top_k']);
  });

  test('developer becomes system where the host has no such role', () => {
    const messages = [{ role: 'developer', content: 'x' }];
    expect(messagesOf(rewrite({ messages }, { takesDeveloperRole: false }).body)[0]?.['role']).toBe('system');
    expect(messagesOf(rewrite({ messages }).body)[0]?.['role']).toBe('developer');
  });

  test('a schema without a field for it is told in a system message behind the others', () => {
    const schema = { type: 'object', properties: { a: { type: 'number' } } };
    const messages = [
      { role: 'system', content: 'S' },
      { role: 'user', content: 'U' },
    ];
    const { body, receipt } = rewrite(
      { messages, response_format: { type: 'json_schema', json_schema: { name: 'n', schema } } },
      { takesJsonSchema: false },
    );
    expect(body['response_format']).toEqual({ type: 'json_object' });
    expect(messagesOf(body).map(({ role }) => role)).toEqual(['system', 'system', 'user']);
    expect(messagesOf(body)[1]?.['content']).toContain(JSON.stringify(schema));
    expect(receipt.changed).toHaveLength(1);
  });

  test.each<[JsonObject, TargetTraits['reasoning'], JsonObject, string[]]>([
    [{ reasoning_effort: 'high' }, 'effort', { reasoning_effort: 'high' }, []],
    [
      { reasoning_effort: 'high' },
      'budget',
      { thinking: { type: 'enabled', budget_tokens: 24_576 } },
      ['reasoning_effort high→budget_tokens 24576'],
    ],
    [{ reasoning_effort: 'none' }, 'budget', { thinking: { type: 'disabled' } }, []],
    [
      { reasoning: { max_tokens: 5000 } },
      'effort',
      { reasoning_effort: 'medium' },
      ['reasoning budget 5000→reasoning_effort medium'],
    ],
    [{ reasoning: { max_tokens: 5000 } }, 'budget', { reasoning: { max_tokens: 5000 } }, []],
    [
      { enable_thinking: false },
      'effort',
      { reasoning_effort: 'none' },
      ['enable_thinking disabled→reasoning_effort none'],
    ],
    [{ enable_thinking: true, thinking_budget: 9 }, 'budget', { enable_thinking: true, thinking_budget: 9 }, []],
    [{ thinking: { type: 'enabled' } }, 'effort', {}, []],
    [{ reasoning_effort: 'low' }, 'adaptive', { thinking: { type: 'adaptive' }, reasoning_effort: 'low' }, []],
    [{ reasoning_effort: 'low' }, undefined, { reasoning_effort: 'low' }, []],
  ])('%j for a model told by %s', (fields, reasoning, expected, changed) => {
    const { body, receipt } = rewrite(fields, reasoning ? { reasoning } : {});
    const { model: _model, messages: _messages, ...rest } = body;
    expect(rest).toEqual(expected);
    expect(receipt).toEqual({ dropped: [], changed });
  });

  test('a model that cannot reason is not told to, and the client hears of it', () => {
    expect(rewrite({ reasoning_effort: 'high' }, { reasoning: 'none' }).receipt.dropped).toEqual(['reasoning_effort']);
    expect(rewrite({ enable_thinking: false }, { reasoning: 'none' }).receipt.dropped).toEqual([]);
  });

  test('a budget leaves room for the answer', () => {
    const { body } = rewrite({ reasoning_effort: 'high', max_tokens: 2000 }, { reasoning: 'budget' });
    expect(body['thinking']).toEqual({ type: 'enabled', budget_tokens: 1999 });
  });

  test('streams ask for usage, unless the host refuses the question', () => {
    expect(rewrite({ stream: true }).body['stream_options']).toEqual({ include_usage: true });
    expect(
      rewrite({ stream: true, stream_options: { include_usage: false, include_obfuscation: false } }).body[
        'stream_options'
      ],
    ).toEqual({
      include_obfuscation: false,
      include_usage: true,
    });
    expect('stream_options' in rewrite({ stream: true }, { takesStreamOptions: false }).body).toBe(false);
    expect('stream_options' in rewrite({}).body).toBe(false);
  });

  test('secrets of other providers do not reach a host that knows reasoning as bare text', () => {
    const reasoning_details = [
      { type: 'reasoning.text', text: 'a', signature: 's', format: 'anthropic-claude-v1', index: 0 },
    ];
    const messages = [{ role: 'assistant', content: 'x', reasoning_details }];
    const { body, receipt } = rewrite({ messages }, { reasoningField: 'reasoning_content' });
    expect(messagesOf(body)).toEqual([{ role: 'assistant', content: 'x' }]);
    expect(receipt.dropped).toEqual(['messages[0].reasoning_details (reasoning)']);
    expect(messagesOf(rewrite({ messages }).body)).toEqual(messages);
  });
});
