import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import type { ModelRequest } from '../request.ts';
import { openaiChat } from './index.ts';

/** Why a field may vanish without a line in the receipt. */
type Fate = 'carried' | 'listed' | { irrelevant: string };

const tool: JsonObject = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };

/** Every field of the request that OpenAI documents, then what compatible hosts add. */
const FIELDS: Record<string, Json> = {
  messages: [{ role: 'user', content: 'Hello' }],
  model: 'm',
  audio: { voice: 'alloy', format: 'wav' },
  frequency_penalty: 0.5,
  function_call: { name: 'g' },
  functions: [{ name: 'g', parameters: { type: 'object' } }],
  logit_bias: { '1': 2 },
  logprobs: true,
  max_completion_tokens: 11,
  max_tokens: 12,
  metadata: { a: 'b' },
  modalities: ['text', 'audio'],
  n: 2,
  parallel_tool_calls: false,
  prediction: { type: 'content', content: 'p' },
  presence_penalty: 0.25,
  prompt_cache_key: 'key',
  prompt_cache_retention: '24h',
  reasoning_effort: 'low',
  response_format: { type: 'json_object' },
  safety_identifier: 's',
  seed: 3,
  service_tier: 'flex',
  stop: ['END'],
  store: true,
  stream: true,
  stream_options: { include_usage: true },
  temperature: 0.7,
  tool_choice: 'required',
  tools: [tool],
  top_logprobs: 4,
  top_p: 0.9,
  user: 'u',
  verbosity: 'low',
  web_search_options: { search_context_size: 'low' },
  enable_thinking: true,
  thinking: { type: 'enabled', budget_tokens: 9 },
  thinking_budget: 9,
  top_k: 5,
  min_p: 0.1,
  repetition_penalty: 1.1,
  reasoning: { max_tokens: 9 },
  chat_template_kwargs: { enable_thinking: false },
  provider: { order: ['x'] },
  safe_prompt: true,
};

/** Where the reader keeps each field that is not an extra: another dialect's writer finds it there. */
const PLACES: Record<string, (request: ModelRequest) => unknown> = {
  messages: ({ messages }) => messages[0]?.parts,
  model: ({ model }) => model,
  audio: ({ audio }) => audio,
  frequency_penalty: ({ frequencyPenalty }) => frequencyPenalty,
  function_call: ({ toolChoice }) => toolChoice,
  functions: ({ tools }) => tools[0],
  logit_bias: ({ logitBias }) => logitBias,
  logprobs: ({ logprobs }) => logprobs,
  max_completion_tokens: ({ maxOutputTokens }) => maxOutputTokens,
  max_tokens: ({ maxOutputTokens }) => maxOutputTokens,
  metadata: ({ metadata }) => metadata,
  modalities: ({ modalities }) => modalities,
  n: ({ choices }) => choices,
  parallel_tool_calls: ({ parallelToolCalls }) => (parallelToolCalls === false ? 'off' : undefined),
  presence_penalty: ({ presencePenalty }) => presencePenalty,
  prompt_cache_key: ({ cacheKey }) => cacheKey,
  reasoning_effort: ({ reasoning }) => reasoning?.effort,
  response_format: ({ output }) => output,
  seed: ({ seed }) => seed,
  service_tier: ({ serviceTier }) => serviceTier,
  stop: ({ stop }) => stop,
  store: ({ store }) => store,
  stream: ({ stream }) => stream || undefined,
  stream_options: ({ wantsUsage }) => wantsUsage,
  temperature: ({ temperature }) => temperature,
  tool_choice: ({ toolChoice }) => toolChoice,
  tools: ({ tools }) => tools[0],
  top_p: ({ topP }) => topP,
  user: ({ user }) => user,
  verbosity: ({ verbosity }) => verbosity,
  enable_thinking: ({ reasoning }) => reasoning?.enabled,
  thinking: ({ reasoning }) => reasoning?.budgetTokens,
  thinking_budget: ({ reasoning }) => reasoning?.budgetTokens,
  top_k: ({ topK }) => topK,
  min_p: ({ minP }) => minP,
  reasoning: ({ reasoning }) => reasoning?.budgetTokens,
};

describe.each(Object.keys(FIELDS))('the request field %s', (name) => {
  const body: JsonObject = { model: 'm', messages: [{ role: 'user', content: 'Hello' }], [name]: FIELDS[name] };
  const request = openaiChat.readRequest(body);

  test('is read into its place, or kept as an extra that every other dialect lists', () => {
    const place = PLACES[name];
    if (place) expect(place(request)).toBeDefined();
    else expect(request.extras).toEqual({ [name]: FIELDS[name] });
  });

  test('is written back as it came', () => {
    const { body: written, receipt } = openaiChat.writeRequest(request, { model: 'm' });
    expect(written[name]).toEqual(FIELDS[name]);
    expect(receipt).toEqual({ dropped: [], changed: [] });
  });
});

/** The same walk over the model: every field that another dialect can fill, and what becomes of it here. */
const MODEL_FIELDS: { [K in keyof Required<ModelRequest>]: [ModelRequest[K], Fate] } = {
  model: ['other', { irrelevant: 'the target names the model' }],
  stream: [true, 'carried'],
  messages: [[{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }], 'carried'],
  tools: [[{ type: 'hosted', origin: 'gemini', label: 'googleSearch', value: {} }], 'listed'],
  toolChoice: [{ type: 'none' }, { irrelevant: 'without tools there is nothing to choose' }],
  parallelToolCalls: [false, { irrelevant: 'without tools nothing is called' }],
  maxOutputTokens: [5, 'carried'],
  temperature: [0.5, 'carried'],
  topP: [0.5, 'carried'],
  topK: [5, 'carried'],
  minP: [0.5, 'carried'],
  frequencyPenalty: [0.5, 'carried'],
  presencePenalty: [0.5, 'carried'],
  seed: [5, 'carried'],
  stop: [['END'], 'carried'],
  choices: [2, 'carried'],
  logprobs: [{ top: 2 }, 'carried'],
  logitBias: [{ '1': 1 }, 'carried'],
  output: [{ type: 'json' }, 'carried'],
  reasoning: [{ effort: 'low' }, 'carried'],
  verbosity: ['low', 'carried'],
  modalities: [['text'], 'carried'],
  audio: [{ voice: 'v' }, 'carried'],
  user: ['u', 'carried'],
  metadata: [{ a: 'b' }, 'carried'],
  serviceTier: ['reserved', 'listed'],
  cacheKey: ['k', 'carried'],
  store: [true, { irrelevant: 'the gateway keeps responses itself' }],
  previousResponseId: ['r', 'listed'],
  keptElsewhere: [
    { field: 'thread', code: 'thread_unsupported_request' },
    { irrelevant: 'such a call is refused before anything is written' },
  ],
  wantsUsage: [true, { irrelevant: 'usage is always asked for' }],
  origin: ['gemini', { irrelevant: 'says only whose words the receipt speaks' }],
  extras: [{ safetySettings: [] }, 'listed'],
  unread: [['contents[0].parts[0].videoMetadata'], 'listed'],
  fieldOrder: [['contents'], { irrelevant: 'an order of words that are not written here' }],
  wording: [{ max_tokens: 'max_tokens' }, { irrelevant: 'the words of the origin dialect, for itself' }],
};

test.each(Object.entries(MODEL_FIELDS))(
  'the field %s of a foreign request is carried, listed or irrelevant',
  (name, [value, fate]) => {
    const bare: ModelRequest = {
      model: 'm',
      stream: false,
      messages: [],
      tools: [],
      origin: 'gemini',
      extras: {},
      unread: [],
    };
    const before = openaiChat.writeRequest(bare, { model: 'target' });
    const after = openaiChat.writeRequest({ ...bare, [name]: value }, { model: 'target' });
    const isCarried = JSON.stringify(after.body) !== JSON.stringify(before.body);
    const isListed = after.receipt.dropped.length + after.receipt.changed.length > 0;
    expect([isCarried, isListed]).toEqual([fate === 'carried', fate === 'listed']);
  },
);
