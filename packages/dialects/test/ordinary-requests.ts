import type { ClientDialectName, DialectName, JsonObject, TargetTraits } from '../src/index.ts';

/** A model of each dialect, as the catalogue would describe it. */
export const TARGETS: Record<DialectName, TargetTraits> = {
  'openai-chat': {
    model: 'gpt-x',
    reasoning: 'effort',
    maxOutputTokens: 32_000,
    maxTokensField: 'max_completion_tokens',
  },
  'openai-responses': { model: 'gpt-x', reasoning: 'effort', maxOutputTokens: 32_000 },
  'anthropic-messages': { model: 'claude-x', reasoning: 'adaptive', maxOutputTokens: 32_000 },
  gemini: { model: 'gemini-3-flash', maxOutputTokens: 32_000 },
  bedrock: { model: 'us.anthropic.claude-x', reasoning: 'adaptive', maxOutputTokens: 32_000 },
  'cohere-chat': { model: 'command-x', maxOutputTokens: 32_000 },
  'ollama-chat': { model: 'gpt-oss:20b', maxOutputTokens: 32_000 },
  dashscope: { model: 'qwen-vl-x', maxOutputTokens: 32_000 },
};

export const DIALECTS = Object.keys(TARGETS) as DialectName[];

/** Dialects whose requests are read for other targets; the others are spoken to providers alone. */
export type AskingDialect = ClientDialectName | 'bedrock';
const ASKING: AskingDialect[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini', 'bedrock'];

/** Every two dialects, a client's and a target's, that are not the same. */
export const PAIRS = ASKING.flatMap((client) =>
  DIALECTS.filter((target) => target !== client).map((target): [AskingDialect, DialectName] => [client, target]),
);

const schema = {
  type: 'object',
  properties: { city: { type: 'string', description: 'A city.' }, days: { type: 'integer' } },
  required: ['city', 'days'],
  additionalProperties: false,
};
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** What clients ask every day, in the words that their SDKs and agents really use, settings at their default included. */
export const ORDINARY: Record<AskingDialect, Record<string, JsonObject>> = {
  'openai-chat': {
    text: {
      model: 'm',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hello' },
      ],
      stream: true,
      stream_options: { include_usage: true },
    },
    'defaults said aloud': {
      model: 'm',
      messages: [{ role: 'user', content: 'Hello' }],
      ...{ n: 1, top_p: 1, temperature: 1, presence_penalty: 0, frequency_penalty: 0, logprobs: false, logit_bias: {} },
      ...{ parallel_tool_calls: true, store: false, service_tier: 'auto', stop: null, user: null, seed: null },
      response_format: { type: 'text' },
      modalities: ['text'],
      verbosity: 'medium',
      metadata: {},
      tools: [],
    },
    settings: {
      model: 'm',
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      ],
      ...{ max_completion_tokens: 500, temperature: 0.3 },
    },
    'a turn with parallel calls': {
      model: 'm',
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: null,
          refusal: null,
          annotations: [],
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris","days":1}' } },
            { id: 'call_2', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome","days":1}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'Sun' },
        { role: 'tool', tool_call_id: 'call_2', content: 'Rain' },
      ],
      tools: [{ type: 'function', function: { name: 'weather', description: 'Weather.', parameters: schema } }],
      tool_choice: 'auto',
    },
    image: {
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${png}`, detail: 'auto' } },
          ],
        },
      ],
    },
    json_schema: {
      model: 'm',
      messages: [{ role: 'user', content: 'Where?' }],
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } },
    },
    effort: { model: 'm', messages: [{ role: 'user', content: 'Think.' }], reasoning_effort: 'medium' },
  },
  'openai-responses': {
    text: { model: 'm', instructions: 'Be kind.', input: 'Hello', stream: true },
    'defaults said aloud': {
      model: 'm',
      input: [{ role: 'user', content: 'Hello' }],
      ...{ temperature: 1, top_p: 1, top_logprobs: 0, parallel_tool_calls: true, tool_choice: 'auto', tools: [] },
      ...{ store: true, truncation: 'disabled', background: false, service_tier: 'auto', metadata: {}, include: [] },
      text: { format: { type: 'text' }, verbosity: 'medium' },
      previous_response_id: null,
    },
    'as coding agents ask': {
      model: 'm',
      instructions: 'You are an agent.',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] }],
      tools: [{ type: 'function', name: 'shell', description: 'Runs.', strict: false, parameters: schema }],
      ...{ tool_choice: 'auto', parallel_tool_calls: true, store: false, stream: true },
      reasoning: { effort: 'medium', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'key',
    },
    'a turn with parallel calls': {
      model: 'm',
      input: [
        { role: 'user', content: 'Weather?' },
        {
          type: 'message',
          id: 'msg_1',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'I look.', annotations: [], logprobs: [] }],
        },
        ...['Paris', 'Rome'].map((city, at) => ({
          type: 'function_call',
          id: `fc_${at}`,
          status: 'completed',
          call_id: `call_${at}`,
          name: 'weather',
          arguments: JSON.stringify({ city, days: 1 }),
        })),
        { type: 'function_call_output', call_id: 'call_0', output: 'Sun' },
        { type: 'function_call_output', call_id: 'call_1', output: 'Rain' },
      ],
      tools: [{ type: 'function', name: 'weather', description: 'Weather.', strict: true, parameters: schema }],
    },
    image: {
      model: 'm',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is it?' },
            { type: 'input_image', image_url: `data:image/png;base64,${png}`, detail: 'auto' },
          ],
        },
      ],
      max_output_tokens: 500,
    },
    json_schema: {
      model: 'm',
      input: 'Where?',
      text: { format: { type: 'json_schema', name: 'place', schema, strict: true } },
    },
    effort: { model: 'm', input: 'Think.', reasoning: { effort: 'high' } },
  },
  'anthropic-messages': {
    text: {
      model: 'm',
      max_tokens: 500,
      system: 'Be kind.',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
    },
    'system blocks with cache marks': {
      model: 'm',
      max_tokens: 500,
      system: [{ type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Hello', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
      ],
      service_tier: 'auto',
    },
    settings: {
      model: 'm',
      max_tokens: 500,
      temperature: 0.4,
      messages: [{ role: 'user', content: 'Hello' }],
      metadata: {},
    },
    'a turn with parallel calls': {
      model: 'm',
      max_tokens: 500,
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'I look.' },
            {
              type: 'tool_use',
              id: 'toolu_1',
              name: 'weather',
              input: { city: 'Paris', days: 1 },
              caller: { type: 'direct' },
            },
            { type: 'tool_use', id: 'toolu_2', name: 'weather', input: { city: 'Rome', days: 1 } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Sun' },
            { type: 'tool_result', tool_use_id: 'toolu_2', content: [{ type: 'text', text: 'Rain' }], is_error: false },
            { type: 'text', text: 'And now?' },
          ],
        },
      ],
      tools: [{ name: 'weather', description: 'Weather.', input_schema: schema }],
      tool_choice: { type: 'auto' },
    },
    image: {
      model: 'm',
      max_tokens: 500,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
            { type: 'text', text: 'What is it?' },
          ],
        },
      ],
    },
    json_schema: {
      model: 'm',
      max_tokens: 500,
      messages: [{ role: 'user', content: 'Where?' }],
      output_config: { format: { type: 'json_schema', schema } },
    },
    effort: {
      model: 'm',
      max_tokens: 5000,
      messages: [{ role: 'user', content: 'Think.' }],
      thinking: { type: 'adaptive' },
      output_config: { effort: 'medium' },
    },
    budget: {
      model: 'm',
      max_tokens: 12_000,
      messages: [{ role: 'user', content: 'Think.' }],
      thinking: { type: 'enabled', budget_tokens: 8192, display: 'omitted' },
    },
  },
  gemini: {
    text: {
      systemInstruction: { parts: [{ text: 'Be kind.' }] },
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    },
    'defaults said aloud': {
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
      generationConfig: {
        ...{ candidateCount: 1, temperature: 1, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
        ...{ responseModalities: ['TEXT'], responseMimeType: 'text/plain', responseLogprobs: false },
      },
      toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
      serviceTier: 'standard',
      store: false,
    },
    settings: {
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
      generationConfig: { maxOutputTokens: 500, temperature: 0.4 },
    },
    'a turn with parallel calls': {
      contents: [
        { role: 'user', parts: [{ text: 'Weather?' }] },
        {
          role: 'model',
          parts: ['Paris', 'Rome'].map((city) => ({ functionCall: { name: 'weather', args: { city, days: 1 } } })),
        },
        {
          role: 'user',
          parts: ['Sun', 'Rain'].map((result) => ({ functionResponse: { name: 'weather', response: { result } } })),
        },
      ],
      tools: [{ functionDeclarations: [{ name: 'weather', description: 'Weather.', parametersJsonSchema: schema }] }],
    },
    image: {
      contents: [
        { role: 'user', parts: [{ text: 'What is it?' }, { inlineData: { mimeType: 'image/png', data: png } }] },
      ],
    },
    json_schema: {
      contents: [{ role: 'user', parts: [{ text: 'Where?' }] }],
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema },
    },
    effort: {
      contents: [{ role: 'user', parts: [{ text: 'Think.' }] }],
      generationConfig: { thinkingConfig: { thinkingLevel: 'MEDIUM', includeThoughts: true } },
    },
    budget: {
      contents: [{ role: 'user', parts: [{ text: 'Think.' }] }],
      generationConfig: { maxOutputTokens: 12_000, thinkingConfig: { thinkingBudget: 8192 } },
    },
  },
  bedrock: {
    text: { system: [{ text: 'Be kind.' }], messages: [{ role: 'user', content: [{ text: 'Hello' }] }] },
    'defaults said aloud': {
      messages: [{ role: 'user', content: [{ text: 'Hello' }] }],
      inferenceConfig: { temperature: 1, topP: 1 },
      serviceTier: { type: 'default' },
      requestMetadata: {},
      additionalModelRequestFields: {},
    },
    'system text with a cache point': {
      system: [{ text: 'Be kind.' }, { cachePoint: { type: 'default' } }],
      messages: [{ role: 'user', content: [{ text: 'Hello' }] }],
      inferenceConfig: { maxTokens: 500, temperature: 0.4 },
    },
    'a turn with parallel calls': {
      messages: [
        { role: 'user', content: [{ text: 'Weather?' }] },
        {
          role: 'assistant',
          content: ['Paris', 'Rome'].map((city, at) => ({
            toolUse: { toolUseId: `tooluse_${at}`, name: 'weather', input: { city, days: 1 } },
          })),
        },
        {
          role: 'user',
          content: [{ text: 'Sun' }, { json: { sky: 'rain' } }].map((one, at) => ({
            toolResult: { toolUseId: `tooluse_${at}`, content: [one], status: 'success' },
          })),
        },
      ],
      toolConfig: {
        tools: [{ toolSpec: { name: 'weather', description: 'Weather.', inputSchema: { json: schema } } }],
        toolChoice: { auto: {} },
      },
    },
    image: {
      messages: [
        { role: 'user', content: [{ text: 'What is it?' }, { image: { format: 'png', source: { bytes: png } } }] },
      ],
    },
    json_schema: {
      messages: [{ role: 'user', content: [{ text: 'Where?' }] }],
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: { jsonSchema: { name: 'place', schema: JSON.stringify(schema) } },
        },
      },
    },
    effort: {
      messages: [{ role: 'user', content: [{ text: 'Think.' }] }],
      inferenceConfig: { maxTokens: 5000 },
      additionalModelRequestFields: { thinking: { type: 'adaptive' } },
      outputConfig: { effort: 'medium' },
    },
  },
};
