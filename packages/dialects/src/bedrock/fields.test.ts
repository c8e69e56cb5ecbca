import { describe, expect, test } from 'vitest';
import { InvalidRequest } from '../dialect.ts';
import type { Json, JsonObject } from '../json.ts';
import { bedrock as dialect } from './index.ts';

/** Each top-level field of Converse and ConverseStream: a value, and whether it has a place in the model or is kept for others to list. */
const topLevel: Record<string, { value: Json; fate: 'carried' | 'listed' }> = {
  messages: { value: [{ role: 'user', content: [{ text: 'Hi' }] }], fate: 'carried' },
  system: { value: [{ text: 'Be kind.' }, { cachePoint: { type: 'default', ttl: '1h' } }], fate: 'carried' },
  inferenceConfig: { value: { maxTokens: 9, temperature: 0.5, topP: 0.9, stopSequences: ['END'] }, fate: 'carried' },
  toolConfig: {
    value: {
      tools: [
        { toolSpec: { name: 'read', description: 'd', inputSchema: { json: { type: 'object' } }, strict: true } },
        { cachePoint: { type: 'default' } },
        { systemTool: { name: 'nova_grounding' } },
      ],
      toolChoice: { any: {} },
    },
    fate: 'carried',
  },
  requestMetadata: { value: { team: 'a' }, fate: 'carried' },
  serviceTier: { value: { type: 'priority' }, fate: 'carried' },
  outputConfig: {
    value: {
      textFormat: {
        type: 'json_schema',
        structure: { jsonSchema: { schema: '{"type":"object"}', name: 'n', description: 'd' } },
      },
      effort: 'high',
    },
    fate: 'carried',
  },
  guardrailConfig: {
    value: { guardrailIdentifier: 'g', guardrailVersion: '1', streamProcessingMode: 'async' },
    fate: 'listed',
  },
  promptVariables: { value: { who: { text: 'me' } }, fate: 'listed' },
  additionalModelResponseFieldPaths: { value: ['/stop_sequence'], fate: 'listed' },
  performanceConfig: { value: { latency: 'optimized' }, fate: 'listed' },
  inventedTomorrow: { value: { a: [1] }, fate: 'listed' },
};

const base = { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] };
const writeOwn = (body: JsonObject) => dialect.writeRequest(dialect.readRequest(body), { model: 'm' });
const nothing = { dropped: [], changed: [] };

test.each(Object.entries(topLevel))('%s comes back as it was said', (field, { value }) => {
  const { body, receipt } = writeOwn({ ...base, [field]: value });
  expect(body).toEqual({ ...base, [field]: value });
  expect(receipt).toEqual(nothing);
});

test.each(Object.entries(topLevel))('%s has its place, or is kept for others to list', (field, { value, fate }) => {
  const { extras, fieldOrder: _order, ...request } = dialect.readRequest({ ...base, [field]: value });
  expect(extras).toEqual(fate === 'listed' ? { [field]: value } : {});
  const { extras: _extras, fieldOrder: _other, ...without } = dialect.readRequest(base);
  if (fate === 'carried' && field !== 'messages') expect(request).not.toEqual(without);
});

/** What only some models take, in the words of each, and what of it the model of requests knows. */
const additional: Record<string, { value: Json; read: JsonObject }> = {
  thinking: {
    value: { type: 'enabled', budget_tokens: 2048 },
    read: { reasoning: { enabled: true, budgetTokens: 2048 } },
  },
  reasoning_config: { value: { type: 'adaptive' }, read: { reasoning: { enabled: true, adaptive: true } } },
  reasoningConfig: {
    value: { type: 'enabled', maxReasoningEffort: 'low' },
    read: { reasoning: { enabled: true, effort: 'low' } },
  },
  reasoning_effort: { value: 'high', read: { reasoning: { effort: 'high' } } },
  reasoning: { value: { effort: 'max' }, read: { reasoning: { effort: 'max' } } },
  output_config: { value: { effort: 'medium' }, read: { reasoning: { effort: 'medium' } } },
  top_k: { value: 40, read: { topK: 40 } },
  anthropic_beta: { value: ['x'], read: { extras: { additionalModelRequestFields: { anthropic_beta: ['x'] } } } },
  inferenceConfig: {
    value: { topK: 4 },
    read: { extras: { additionalModelRequestFields: { inferenceConfig: { topK: 4 } } } },
  },
};

test.each(Object.entries(additional))(
  'the additional field %s is read, and comes back as it was said',
  (field, { value, read }) => {
    const body = { ...base, additionalModelRequestFields: { [field]: value } };
    expect(dialect.readRequest(body)).toMatchObject(read);
    expect(writeOwn(body).body).toEqual(body);
  },
);

test('an effort, additional fields and a schema stand beside each other', () => {
  const body = {
    ...base,
    additionalModelRequestFields: { thinking: { type: 'adaptive' }, top_k: 3, custom: true },
    outputConfig: { effort: 'low', later: 1 },
    inferenceConfig: { later: 2 },
  };
  expect(writeOwn(body).body).toEqual(body);
});

const citations = [
  {
    title: 't',
    source: 's',
    sourceContent: [{ text: 'x' }],
    location: { web: { url: 'https://example.com', domain: 'd' } },
  },
];
const s3Location = { uri: 's3://bucket/key', bucketOwner: '123456789012' };

/** Each block with every field it can have, and those that others read of in their receipt. */
const blocks: [name: string, block: JsonObject, listed?: string[]][] = [
  ['text', { text: 'Hi' }],
  ['image', { image: { format: 'png', source: { bytes: 'AA' } } }],
  ['image in S3', { image: { format: 'webp', source: { s3Location: { uri: 's3://b/k' } } } }],
  ['image of a format not known', { image: { format: 'avif', source: { bytes: 'AA' } } }],
  [
    'document',
    { document: { format: 'pdf', name: 'n', source: { bytes: 'AA' }, context: 'c', citations: { enabled: true } } },
    ['document.context', 'document.citations'],
  ],
  ['document of text', { document: { format: 'txt', name: 'n', source: { text: 'x' } } }],
  ['document of blocks', { document: { name: 'n', source: { content: [{ text: 'x' }, { text: 'y' }] } } }],
  ['document in S3', { document: { format: 'md', name: 'n', source: { s3Location } } }],
  ['video', { video: { format: 'three_gp', source: { s3Location } } }],
  ['audio', { audio: { format: 'mp3', source: { bytes: 'AA' } } }],
  ['toolUse', { toolUse: { toolUseId: 'a', name: 'read', input: { a: [1] } } }],
  ['toolUse of the service', { toolUse: { toolUseId: 'a', name: 'x', input: {}, type: 'server_tool_use' } }],
  [
    'toolResult',
    {
      toolResult: {
        toolUseId: 'a',
        content: [
          { text: 'x' },
          { json: { a: 1 } },
          { json: [1] },
          { image: { format: 'png', source: { bytes: 'AA' } } },
          { document: { format: 'csv', name: 'n', source: { bytes: 'AA' } } },
          { video: { format: 'mp4', source: { bytes: 'AA' } } },
          { searchResult: { source: 's', title: 't', content: [{ text: 'x' }] } },
        ],
        status: 'success',
      },
    },
    ['toolResult.content[6].searchResult.source'],
  ],
  ['toolResult that failed', { toolResult: { toolUseId: 'a', content: [], status: 'error' } }],
  [
    'toolResult of the service',
    { toolResult: { toolUseId: 'a', content: [{ text: 'x' }], type: 'nova_grounding_result' } },
  ],
  ['reasoning', { reasoningContent: { reasoningText: { text: 'hm', signature: 's' } } }],
  ['reasoning without a signature', { reasoningContent: { reasoningText: { text: 'hm' } } }],
  ['redacted reasoning', { reasoningContent: { redactedContent: 'QQ==' } }],
  ['cachePoint', { cachePoint: { type: 'default', ttl: '5m' } }],
  ['cachePoint of a kind not known', { cachePoint: { type: 'tomorrow' } }],
  ['guarded text', { guardContent: { text: { text: 'x', qualifiers: ['query'] } } }, ['guardContent']],
  ['guarded image', { guardContent: { image: { format: 'png', source: { bytes: 'AA' } } } }, ['guardContent']],
  ['citations', { citationsContent: { content: [{ text: 'x' }], citations } }],
  ['citations of several texts', { citationsContent: { content: [{ text: 'x' }, { text: 'y' }], citations } }],
  ['citations without a text', { citationsContent: { citations } }],
  [
    'searchResult',
    { searchResult: { source: 's', title: 't', content: [{ text: 'x' }], citations: { enabled: true } } },
    ['searchResult.source', 'searchResult.citations'],
  ],
  ['toolAddition', { toolAddition: { tool: { name: 'x' } } }],
  ['invented tomorrow', { inventedTomorrow: { a: 1 } }],
];

describe.each(blocks)('%s', (_name, block, listed = []) => {
  const body = { messages: [{ role: 'user', content: [block, { text: 'after' }] }] };

  test('comes back as it was said', () => {
    expect(writeOwn(body)).toMatchObject({ body, receipt: nothing });
    expect(writeOwn(body).body).toEqual(body);
  });

  test('has its fields in the model or among those read past', () => {
    expect(dialect.readRequest(body).unread).toEqual(listed.map((field) => `messages[0].content[0].${field}`));
  });
});

test('a point after a block is its mark, a second one is not', () => {
  const point = { cachePoint: { type: 'default' } };
  const body = { messages: [{ role: 'user', content: [{ text: 'a' }, point, point] }] };
  expect(dialect.readRequest(body).messages[0]?.parts).toMatchObject([
    { text: 'a', cache: {} },
    { type: 'opaque', label: 'cachePoint' },
  ]);
  expect(writeOwn(body).body).toEqual(body);
});

test.each([
  [{ messages: 'Hi' }, 'messages'],
  [{ messages: [{ role: 'robot', content: [] }] }, 'messages[0].role'],
  [{ messages: [{ role: 'user', content: 'Hi' }] }, 'messages[0].content'],
  [{ messages: [{ role: 'user', content: ['Hi'] }] }, 'messages[0].content[0]'],
  [{ messages: [{ role: 'user', content: [{ toolUse: { name: 'x' } }] }] }, 'messages[0].content[0].toolUse.toolUseId'],
  [{ ...base, toolConfig: { tools: [{ toolSpec: {} }] } }, 'toolConfig.tools[0].toolSpec.name'],
  [{ ...base, toolConfig: { toolChoice: { some: {} } } }, 'toolConfig.toolChoice'],
  [{ ...base, inferenceConfig: 1 }, 'inferenceConfig'],
])('%j is refused for its %s', (body, param) => {
  expect(() => dialect.readRequest(body as JsonObject)).toThrow(InvalidRequest);
  expect(() => dialect.readRequest(body as JsonObject)).toThrow(expect.objectContaining({ param }));
});

test('the model and whether to stream stand in the path, and never in the body', () => {
  const request = dialect.readRequest({ ...base, modelId: 'us.amazon.nova-2-lite-v1:0' });
  expect([request.model, request.stream]).toEqual(['us.amazon.nova-2-lite-v1:0', false]);
  expect(dialect.writeRequest({ ...request, stream: true, origin: 'openai-chat' }, { model: 'm' }).body).toEqual(base);
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
      user: 'u',
      serviceTier: 'scale',
      previousResponseId: 'resp_1',
      extras: { prediction: {} },
      unread: ['messages[0].content[0].foo'],
    },
    { model: 'm' },
  );
  expect(receipt.changed).toEqual([]);
  const settings = [
    'min_p',
    'frequency_penalty',
    'presence_penalty',
    'seed',
    'n',
    'logprobs',
    'logit_bias',
    'verbosity',
  ];
  const others = ['modalities', 'audio', 'user', 'service_tier scale', 'previous_response_id', 'prediction'];
  expect(receipt.dropped.toSorted()).toEqual([...settings, ...others, 'messages[0].content[0].foo'].toSorted());
});

test("another dialect's fields on a part are listed by its reader, and its bookkeeping is not", () => {
  const parts = [{ type: 'text' as const, text: 'Hi', extras: { item: { id: 'x' }, named: 1 } }];
  const unread = ['input[0].named'];
  const request = {
    ...dialect.readRequest(base),
    origin: 'openai-responses' as const,
    unread,
    messages: [{ role: 'user' as const, parts }],
  };
  expect(dialect.writeRequest(request, { model: 'm' }).receipt.dropped).toEqual(['input[0].named']);
});

test('settings at their default are no loss', () => {
  const { receipt } = dialect.writeRequest(
    {
      ...dialect.readRequest(base),
      origin: 'gemini',
      frequencyPenalty: 0,
      choices: 1,
      logitBias: {},
      modalities: ['TEXT'],
      serviceTier: 'auto',
      cacheKey: 'x',
      store: false,
      wantsUsage: false,
    },
    { model: 'm' },
  );
  expect(receipt).toEqual(nothing);
});
