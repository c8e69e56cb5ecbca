import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { anthropicMessages as dialect } from './index.ts';

const sdk = dirname(createRequire(import.meta.url).resolve('@anthropic-ai/sdk'));
const declared = ['beta/messages', 'messages'].map((folder) =>
  readFileSync(join(sdk, 'resources', folder, 'messages.d.ts'), 'utf8'),
);

/** The fields that the official SDK declares for a request type, in its newest and its beta form. */
function fieldsOf(name: string): string[] {
  const bodies = declared.flatMap((source) => {
    const found = new RegExp(`^export interface (?:Beta)?${name} \\{\\n(.*?)^\\}`, 'ms').exec(source)?.[1];
    return found === undefined ? [] : [found];
  });
  expect(bodies.length, name).toBeGreaterThan(0);
  return [...new Set(bodies.flatMap((body) => [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, field = '']) => field)))];
}

type Fate = 'carried' | 'listed' | string;

/** Each top-level field: a value, and whether other dialects get it (`carried`) or read of it in their receipt (`listed`). */
const topLevel: Record<string, { value: Json; fate: Fate }> = {
  model: { value: 'm', fate: 'carried' },
  max_tokens: { value: 2000, fate: 'carried' },
  messages: { value: [{ role: 'user', content: 'Hi' }], fate: 'carried' },
  system: { value: 'Be kind.', fate: 'carried' },
  stream: { value: true, fate: 'carried' },
  temperature: { value: 0.5, fate: 'carried' },
  top_p: { value: 0.9, fate: 'carried' },
  top_k: { value: 40, fate: 'carried' },
  stop_sequences: { value: ['END'], fate: 'carried' },
  tools: { value: [{ name: 'read', input_schema: { type: 'object' } }], fate: 'carried' },
  tool_choice: { value: { type: 'any', disable_parallel_tool_use: true }, fate: 'carried' },
  thinking: { value: { type: 'adaptive', display: 'summarized' }, fate: 'carried' },
  output_config: {
    value: { effort: 'high', format: { type: 'json_schema', schema: { type: 'object' } } },
    fate: 'carried',
  },
  output_format: { value: { type: 'json_schema', schema: { type: 'object' } }, fate: 'carried' },
  metadata: { value: { user_id: 'u' }, fate: 'carried' },
  service_tier: { value: 'standard_only', fate: 'carried' },
  cache_control: { value: { type: 'ephemeral' }, fate: 'listed' },
  billing_policy: { value: { type: 'x' }, fate: 'listed' },
  compaction: { value: { type: 'x' }, fate: 'listed' },
  container: { value: 'container_1', fate: 'listed' },
  context_management: { value: { edits: [] }, fate: 'listed' },
  diagnostics: { value: { previous_message_id: 'x' }, fate: 'listed' },
  fallback_credit_token: { value: 'x', fate: 'listed' },
  fallbacks: { value: [{ model: 'x' }], fate: 'listed' },
  inference_geo: { value: 'eu', fate: 'listed' },
  mcp_servers: { value: [{ type: 'url', url: 'https://example.com', name: 'x' }], fate: 'listed' },
  speed: { value: 'fast', fate: 'listed' },
  thread: { value: { id: 'x' }, fate: 'listed' },
  user_profile_id: { value: 'x', fate: 'listed' },
  workspace_id: { value: 'x', fate: 'listed' },
  betas: { value: ['x-2026-01-01'], fate: 'a header of the SDK, not a field of the body' },
};

const cache_control = { type: 'ephemeral', ttl: '1h' };
const citation = { type: 'char_location', cited_text: 'x', document_index: 0, document_title: 't' };

/** Each block with every field it can have, and the fields that other dialects read of in their receipt. */
const blocks: Record<string, { block: JsonObject; listed: string[] }> = {
  TextBlockParam: { block: { type: 'text', text: 'Hi', citations: [citation], cache_control }, listed: [] },
  ImageBlockParam: {
    block: {
      type: 'image',
      source: { type: 'url', url: 'https://example.com/a.png' },
      cache_control,
      transformations: {},
    },
    listed: ['transformations'],
  },
  DocumentBlockParam: {
    block: {
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: 'x' },
      title: 't',
      context: 'c',
      citations: { enabled: true },
      cache_control,
    },
    listed: ['context', 'citations'],
  },
  ToolUseBlockParam: {
    block: {
      type: 'tool_use',
      id: 'a',
      name: 'read',
      input: { a: 1 },
      caller: { type: 'code_execution_20260120', tool_id: 's' },
      toolset_name: 't',
      cache_control,
    },
    listed: ['caller', 'toolset_name'],
  },
  ToolResultBlockParam: {
    block: { type: 'tool_result', tool_use_id: 'a', content: 'x', is_error: true, toolset_name: 't', cache_control },
    listed: ['toolset_name'],
  },
  ThinkingBlockParam: { block: { type: 'thinking', thinking: 'hm', signature: 's' }, listed: [] },
  RedactedThinkingBlockParam: { block: { type: 'redacted_thinking', data: 'zzz' }, listed: [] },
  SearchResultBlockParam: {
    block: {
      type: 'search_result',
      source: 's',
      title: 't',
      content: [{ type: 'text', text: 'x' }],
      citations: { enabled: true },
      cache_control,
    },
    listed: ['source', 'citations'],
  },
};

/** Blocks that only this dialect knows: whole, or not at all. */
const opaque = [
  'ServerToolUseBlockParam',
  'WebSearchToolResultBlockParam',
  'WebFetchToolResultBlockParam',
  'CodeExecutionToolResultBlockParam',
  'BashCodeExecutionToolResultBlockParam',
  'TextEditorCodeExecutionToolResultBlockParam',
  'ToolSearchToolResultBlockParam',
  'ContainerUploadBlockParam',
];

const base = { model: 'm', max_tokens: 2000, messages: [{ role: 'user', content: 'Hi' }] };
const writeOwn = (body: JsonObject) => dialect.writeRequest(dialect.readRequest(body), { model: 'm' });

test('every field of the request that the official SDK knows has its fate in the table', () => {
  const known = fieldsOf('MessageCreateParamsBase');
  expect(known.length).toBeGreaterThan(20);
  expect(known.filter((field) => topLevel[field] === undefined)).toEqual([]);
});

test.each(Object.entries(topLevel))('%s comes back as it was said', (field, { value }) => {
  const { body, headers, receipt } = writeOwn({ ...base, [field]: value });
  if (field === 'betas') expect(headers).toEqual({ 'anthropic-beta': 'x-2026-01-01' });
  else expect(body[field]).toEqual(value);
  expect(receipt).toEqual({ dropped: [], changed: [] });
});

test.each(Object.entries(topLevel).filter(([, { fate }]) => fate === 'listed'))(
  '%s is kept for others to list',
  (field, { value }) => {
    expect(dialect.readRequest({ ...base, [field]: value }).extras).toEqual({ [field]: value });
  },
);

test.each(Object.entries(topLevel).filter(([, { fate }]) => fate === 'carried'))(
  '%s has a place in the model',
  (field, { value }) => {
    const { fieldOrder: _order, ...request } = dialect.readRequest({ ...base, [field]: value });
    expect(request.extras).toEqual({});
    const { fieldOrder: _other, ...without } = dialect.readRequest(base);
    if (!(field in base)) expect(request).not.toEqual(without);
  },
);

describe.each(Object.entries(blocks))('%s', (name, { block, listed }) => {
  const role = /tool_use|thinking/.test(String(block['type'])) ? 'assistant' : 'user';
  const body = { ...base, messages: [{ role, content: [block] }] };

  test('has every field that the official SDK knows', () => {
    expect(fieldsOf(name).filter((field) => !(field in block))).toEqual([]);
  });

  test('comes back as it was said', () => {
    expect(writeOwn(body).body['messages']).toEqual(body.messages);
  });

  test('has its fields in the model or among those read past', () => {
    const { unread } = dialect.readRequest(body);
    expect(unread).toEqual(listed.map((field) => `messages[0].content[0].${field}`));
  });
});

test('the blocks of the tables are all that the official SDK knows', () => {
  const union = /^export type ContentBlockParam = (.*);$/m.exec(declared[1] ?? '')?.[1] ?? '';
  const known = union.split(' | ');
  expect(known.length).toBeGreaterThan(10);
  expect(known.filter((name) => blocks[name] === undefined && !opaque.includes(name))).toEqual([]);
});

test.each(['server_tool_use', 'web_search_tool_result', 'container_upload', 'invented_tomorrow'])(
  '%s is kept whole',
  (type) => {
    const block = { type, id: 'x', anything: [1, { deep: true }], cache_control };
    const body = { ...base, messages: [{ role: 'assistant', content: [block] }] };
    expect(dialect.readRequest(body).messages[0]?.parts).toEqual([
      { type: 'opaque', origin: 'anthropic-messages', label: type, value: block },
    ]);
    expect(writeOwn(body).body['messages']).toEqual(body.messages);
  },
);

test('every field of a tool comes back, and those without a place in the model are named', () => {
  const tool = {
    type: 'custom',
    name: 'read',
    description: 'd',
    input_schema: { type: 'object' },
    strict: true,
    allowed_callers: ['direct'],
    defer_loading: true,
    eager_input_streaming: true,
    input_examples: [{}],
    cache_control,
  };
  expect(fieldsOf('Tool').filter((field) => !(field in tool))).toEqual([]);
  const body = { ...base, tools: [tool] };
  expect(writeOwn(body).body['tools']).toEqual([tool]);
  expect(dialect.readRequest(body).unread).toEqual(
    ['allowed_callers', 'defer_loading', 'eager_input_streaming', 'input_examples'].map((field) => `tools[0].${field}`),
  );
});

test.each([
  'web_search_20260318',
  'code_execution_20260521',
  'bash_20250124',
  'text_editor_20250728',
  'computer_20251124',
  'memory_20250818',
  'mcp_toolset',
])('%s is a tool of this dialect alone', (type) => {
  const tool = { type, name: 'x', max_uses: 3 };
  const body = { ...base, tools: [tool] };
  expect(dialect.readRequest(body).tools).toEqual([
    { type: 'hosted', origin: 'anthropic-messages', label: type, value: tool },
  ]);
  expect(writeOwn(body).body['tools']).toEqual([tool]);
});

test('settings of another dialect that have no word here are all listed', () => {
  const { receipt } = dialect.writeRequest(
    {
      ...dialect.readRequest(base),
      origin: 'openai-chat',
      minP: 0.1,
      frequencyPenalty: 1,
      presencePenalty: 1,
      seed: 7,
      choices: 2,
      logprobs: { top: 3 },
      logitBias: { 50256: -100 },
      verbosity: 'low',
      modalities: ['text', 'audio'],
      audio: { voice: 'alloy' },
      metadata: { a: 'b' },
      serviceTier: 'flex',
      previousResponseId: 'resp_1',
      extras: { prediction: {} },
      unread: ['messages[0].content[0].foo'],
    },
    { model: 'm' },
  );
  expect(receipt.changed).toEqual([]);
  expect(receipt.dropped.toSorted()).toEqual(
    [
      'min_p',
      'frequency_penalty',
      'presence_penalty',
      'seed',
      'n',
      'logprobs',
      'logit_bias',
      'verbosity',
      'modalities',
      'audio',
      'metadata',
      'service_tier flex',
      'previous_response_id',
      'prediction',
      'messages[0].content[0].foo',
    ].toSorted(),
  );
});

test('settings at their default are no loss', () => {
  const { receipt } = dialect.writeRequest(
    {
      ...dialect.readRequest(base),
      origin: 'gemini',
      frequencyPenalty: 0,
      presencePenalty: 0,
      choices: 1,
      logitBias: {},
      modalities: ['TEXT'],
      cacheKey: 'x',
      store: false,
      wantsUsage: false,
    },
    { model: 'm' },
  );
  expect(receipt).toEqual({ dropped: [], changed: [] });
});
