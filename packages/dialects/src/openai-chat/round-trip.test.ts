import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import { openaiChat } from './index.ts';

/** Requests as clients of this dialect build them, in the forms that come back unchanged. */
const word = fc.string({ minLength: 1, maxLength: 12 });
const name = fc.stringMatching(/^[a-zA-Z0-9_.-]{1,20}$/);
const schema = fc.constantFrom<JsonObject>(
  { type: 'object' },
  { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: {} } },
);
const cache = fc.constantFrom<JsonObject>({ type: 'ephemeral' }, { type: 'ephemeral', ttl: '1h' });
const some = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;
const base64 = fc.base64String({ minLength: 4, maxLength: 12 });

const textPart = fc.record({ type: fc.constant('text'), text: fc.string(), cache_control: cache });
const mediaPart = fc.oneof(
  fc.record({
    type: fc.constant('image_url'),
    image_url: fc.record({
      url: base64.map((data) => `data:image/png;base64,${data}`),
      detail: fc.constantFrom('low', 'high'),
    }),
  }),
  fc.record({ type: fc.constant('image_url'), image_url: fc.record({ url: fc.webUrl() }) }),
  fc.record({
    type: fc.constant('input_audio'),
    input_audio: fc.record({ data: base64, format: fc.constantFrom('wav', 'mp3', 'flac') }),
  }),
  fc.record({
    type: fc.constant('file'),
    file: fc.record({ filename: word, file_data: base64.map((data) => `data:application/pdf;base64,${data}`) }),
  }),
  fc.record({ type: fc.constant('file'), file: fc.record({ file_id: word }) }),
  fc.record({ type: fc.constant('video_url'), video_url: fc.record({ url: fc.webUrl() }) }),
  fc.record({ type: fc.constant('document_url'), document_url: fc.webUrl() }),
  fc.record({ type: fc.constant('from_the_future'), payload: fc.jsonValue().filter((value) => value !== null) }),
);
const content = fc.oneof(fc.string(), fc.array(fc.oneof(textPart, mediaPart), { minLength: 1, maxLength: 4 }));

const call = fc.oneof(
  fc.record({
    id: word,
    type: fc.constant('function'),
    function: fc.record({ name, arguments: fc.constantFrom('{}', '{"a": 1}') }),
  }),
  fc.record({ id: word, type: fc.constant('custom'), custom: fc.record({ name, input: fc.string() }) }),
  fc.record({
    ...{ id: word, type: fc.constant('function'), function: fc.record({ name, arguments: fc.constant('{"b":2}') }) },
    extra_content: fc.record({ google: fc.record({ thought_signature: word }) }),
  }),
);
const detail = fc.oneof(
  fc.record({
    type: fc.constant('reasoning.text'),
    text: word,
    signature: word,
    format: fc.constant('anthropic-claude-v1'),
    index: fc.nat(3),
  }),
  fc.record({
    type: fc.constant('reasoning.summary'),
    summary: word,
    id: word,
    format: fc.constant('openai-responses-v1'),
    index: fc.nat(3),
  }),
  fc.record({
    type: fc.constant('reasoning.encrypted'),
    data: word,
    format: fc.constantFrom('unknown', 'anthropic-claude-v1'),
    index: fc.nat(3),
  }),
);
const message = fc.oneof(
  fc.record({ role: fc.constantFrom('system', 'developer', 'user'), content, name: word }),
  fc.record({ role: fc.constant('user'), content }),
  fc.record({
    role: fc.constant('tool'),
    content: fc.oneof(fc.string(), fc.array(textPart, { minLength: 1 })),
    tool_call_id: word,
  }),
  fc
    .tuple(
      some({
        reasoning_content: word,
        reasoning: word,
        reasoning_details: fc.array(detail, { minLength: 1, maxLength: 3 }),
        refusal: word,
        name: word,
        prefix: fc.constant(true),
      }),
      fc.oneof(
        fc.record({ content: fc.oneof(word, fc.constant(null), fc.constant('')) }),
        fc.record({ tool_calls: fc.array(call, { minLength: 1, maxLength: 3 }) }),
      ),
    )
    .map(([more, said]) => ({ role: 'assistant', ...said, ...more })),
);

const tool = fc.oneof(
  fc.record({
    type: fc.constant('function'),
    function: fc.record({ name, description: word, parameters: schema, strict: fc.boolean() }),
  }),
  fc.record({
    type: fc.constant('custom'),
    custom: fc.record({
      name,
      format: fc.record({
        type: fc.constant('grammar'),
        grammar: fc.record({ syntax: fc.constant('lark'), definition: word }),
      }),
    }),
  }),
  fc.record({ type: fc.constant('web_search'), web_search: fc.record({ enable: fc.boolean() }) }),
);
const choice = fc.oneof(
  fc.constantFrom('auto', 'none', 'required', 'any'),
  name.map((of) => ({ type: 'function', function: { name: of } })),
  name.map((of) => ({
    type: 'allowed_tools',
    allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: of } }] },
  })),
);
const settings = some({
  ...{
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    top_p: fc.double({ min: 0, max: 1, noNaN: true }),
    top_k: fc.nat(),
    min_p: fc.constant(0),
  },
  ...{
    frequency_penalty: fc.integer({ min: -2, max: 2 }),
    presence_penalty: fc.constant(0.5),
    repetition_penalty: fc.constant(1.1),
  },
  ...{
    max_tokens: fc.nat(),
    seed: fc.integer(),
    n: fc.integer({ min: 1, max: 4 }),
    stop: fc.oneof(word, fc.array(word)),
    logit_bias: fc.constant({ '50256': -100 }),
  },
  ...{
    response_format: fc.constantFrom(
      { type: 'text' },
      { type: 'json_object' },
      { type: 'json_schema', json_schema: { name: 'n', schema: {}, strict: true } },
    ),
  },
  ...{
    verbosity: word,
    modalities: fc.constant(['text', 'audio']),
    audio: fc.constant({ voice: 'v', format: 'wav' }),
    store: fc.boolean(),
  },
  ...{
    user: word,
    safety_identifier: word,
    metadata: fc.dictionary(word, word),
    service_tier: word,
    prompt_cache_key: word,
    prompt_cache_retention: word,
  },
  ...{
    prediction: fc.constant({ type: 'content', content: 'x' }),
    web_search_options: fc.constant({}),
    parallel_tool_calls: fc.boolean(),
  },
  ...{
    reasoning_effort: fc.constantFrom('none', 'low', 'high', 'default'),
    enable_thinking: fc.boolean(),
    thinking_budget: fc.nat(),
  },
  ...{ thinking: fc.constantFrom({ type: 'disabled' }, { type: 'enabled', budget_tokens: 9, clear_thinking: false }) },
  ...{ reasoning: fc.constantFrom({ effort: 'low' }, { max_tokens: 5, exclude: true }, { enabled: true }) },
  ...{
    tools: fc.array(tool, { minLength: 1, maxLength: 3 }),
    tool_choice: choice,
    some_new_field: fc.constant({ deep: [1] }),
  },
});

test('a request read and written again is the same request', () => {
  const request = fc.tuple(settings, fc.array(message, { minLength: 1, maxLength: 5 }));
  fc.assert(
    fc.property(request, ([fields, messages]) => {
      // Arbitraries make objects without a prototype; the wire knows no such thing.
      const body = JSON.parse(JSON.stringify({ ...fields, model: 'm', messages })) as JsonObject;
      const { body: written, receipt } = openaiChat.writeRequest(openaiChat.readRequest(body), { model: 'm' });
      expect(written).toEqual(body);
      expect(receipt).toEqual({ dropped: [], changed: [] });
    }),
    { seed: 20_261_103, numRuns: 400 },
  );
});

test('reading takes any JSON object, or refuses it by name', () => {
  const anything = fc.record(
    { model: fc.constant('m'), messages: fc.jsonValue(), tools: fc.jsonValue() },
    { requiredKeys: ['model', 'messages'] },
  );
  fc.assert(
    fc.property(anything, (body) => {
      try {
        openaiChat.readRequest(body as JsonObject);
      } catch (error) {
        expect((error as Error).name).toBe('InvalidRequest');
      }
    }),
    { seed: 7, numRuns: 200 },
  );
});

test('reading a reply or an error takes any bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 4 }), fc.string(), (values, garbage) => {
      const reader = openaiChat.createReader();
      for (const value of values) {
        const chunk = {
          id: 'c',
          choices: [{ index: 0, delta: value, message: value }],
          usage: value,
          citations: value,
        };
        reader.push(new TextEncoder().encode(`data: ${JSON.stringify(chunk)}\n\n`));
      }
      reader.finish();
      openaiChat.readDocument({ choices: values as JsonObject[], usage: {} });
      for (const body of [JSON.stringify(values), JSON.stringify({ error: values[0] ?? null }), garbage]) {
        expect(openaiChat.readError(400, body, {}).status).toBe(400);
      }
    }),
    { seed: 11, numRuns: 200 },
  );
});
