import { corpusIsThere, type Exchange, loadCorpus, raw, reply, startUpstream } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { findProvider } from '../../src/providers/index.ts';
import { aGateway } from '../a-gateway.ts';
import { eventsOf, MODEL, only, post } from './dialect-calls.ts';

const path = '/v1/chat/completions';
const answer = reply({ text: 'Hi.' });

/** Fields that hosts added to the dialect, as their documentation writes them. */
const EXTRAS: Record<string, Record<string, unknown>> = {
  qwen: { enable_thinking: true, thinking_budget: 500, enable_search: true, top_k: 20 },
  deepseek: { thinking: { type: 'enabled' }, logprobs: true },
  openrouter: {
    provider: { order: ['a', 'b'], allow_fallbacks: false },
    transforms: ['middle-out'],
    reasoning: { effort: 'high', exclude: false },
    models: ['x/y'],
  },
  cohere: { documents: [{ id: '1', data: 'text' }], citation_options: { mode: 'fast' }, safety_mode: 'NONE' },
  groq: { reasoning_format: 'parsed', service_tier: 'flex' },
  xai: { search_parameters: { mode: 'auto' }, deferred: false },
  perplexity: { search_domain_filter: ['example.com'], return_images: true },
  mistral: {
    safe_prompt: true,
    prompt_mode: 'reasoning',
    random_seed: 7,
    prediction: { type: 'content', content: 'x' },
  },
  ollama: { keep_alive: '5m', think: true, options: { num_ctx: 4096 } },
  together: { repetition_penalty: 1.1, safety_model: 'guard' },
  fireworks: { prompt_truncate_len: 100, mirostat_target: 1.5 },
  moonshot: { partial: true, thinking: { type: 'enabled' } },
  zhipu: { do_sample: false, thinking: { type: 'enabled' } },
  minimax: { mask_sensitive_info: true },
  vllm: { chat_template_kwargs: { enable_thinking: false }, guided_json: { type: 'object' } },
  azure: { data_sources: [{ type: 'azure_search', parameters: {} }] },
};

describe.each(Object.entries(EXTRAS))('what %s added', (name, extras) => {
  test('passes as it is, also values that no other host has', async () => {
    await using upstream = await startUpstream({ answer });
    const provider = { base_url: `${upstream.url}/v1`, api_key: 'k', dialect: 'openai-chat' as const, models: [MODEL] };
    await using gateway = await aGateway({ providers: { [name]: provider } });
    const asked = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }], ...extras, not_known_yet: [1, null] };
    const answered = await post(gateway, path, asked);
    expect(answered.status).toBe(200);
    expect(upstream.calls[0]!.json).toEqual(asked);
    expect(answered.headers.get('x-xidao-translation')).toBeNull();
  });

  test('is carried or listed, field for field, where the model speaks another dialect', async () => {
    await using upstream = await startUpstream({ answer });
    await using gateway = await aGateway(only(upstream, 'anthropic-messages'));
    const asked = { model: MODEL, max_tokens: 4096, messages: [{ role: 'user', content: 'Hello' }], ...extras };
    const answered = await post(gateway, path, asked);
    expect(answered.status).toBe(200);
    const told = answered.headers.get('x-xidao-translation') ?? '';
    const sent = upstream.calls[0]!.json as Record<string, unknown>;
    const lost = Object.keys(extras).filter((field) => !told.includes(field) && !isCarried(field, sent));
    expect(lost).toEqual([]);
  });
});

/** The words in which Anthropic knows what some of the fields say. */
function isCarried(field: string, sent: Record<string, unknown>): boolean {
  if (/think|reasoning$/.test(field)) return sent['thinking'] !== undefined || sent['output_config'] !== undefined;
  return sent[field] !== undefined;
}

describe('arguments of a tool call that come as an object, as Ollama’s own', () => {
  const call = { id: 'call_1', type: 'function', function: { name: 'look', arguments: { at: 'it', deep: [1] } } };
  const document = {
    id: 'c-1',
    object: 'chat.completion',
    created: 1,
    model: MODEL,
    choices: [
      { index: 0, message: { role: 'assistant', content: '', tool_calls: [call] }, finish_reason: 'tool_calls' },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
  const told = raw({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(document) });
  const ollama = (url: string) => ({
    providers: { ollama: { dialect: 'openai-chat' as const, base_url: `${url}/v1`, models: [MODEL] } },
  });

  test('pass to clients of the same dialect', async () => {
    await using upstream = await startUpstream({ answer: told });
    await using gateway = await aGateway(ollama(upstream.url));
    const answered = await post(gateway, path, { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] });
    expect(await answered.json()).toEqual(document);
  });

  test('are what they are to clients of another, streamed or whole', async () => {
    await using upstream = await startUpstream({ answer: told });
    await using gateway = await aGateway(ollama(upstream.url));
    const asked = { model: MODEL, max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] };
    const whole = await post(gateway, '/v1/messages', asked);
    const { content } = (await whole.json()) as { content: object[] };
    expect(content).toContainEqual(expect.objectContaining({ name: 'look', input: { at: 'it', deep: [1] } }));
    const streamed = await post(gateway, '/v1/messages', { ...asked, stream: true });
    const pieces = eventsOf('anthropic-messages', await streamed.text()).flatMap((event) =>
      event.type === 'tool-call-delta' ? [event.arguments] : [],
    );
    expect(JSON.parse(pieces.join(''))).toEqual({ at: 'it', deep: [1] });
  });
});

if (!corpusIsThere()) console.warn('The corpus of recordings is not there: no recorded request is sent again.');

const recordedChats = corpusIsThere()
  ? loadCorpus().filter(({ api, request, provider }) => api === 'chat' && request !== null && findProvider(provider))
  : [];
const byProvider = Object.entries(Object.groupBy(recordedChats, ({ provider }) => provider)) as [string, Exchange[]][];

describe.skipIf(!corpusIsThere())('recorded requests', () => {
  test.each(byProvider)('to %s reach it word for word', async (name, exchanges) => {
    await using upstream = await startUpstream({ answer });
    const provider = { base_url: `${upstream.url}/v1`, api_key: 'k', dialect: 'openai-chat' as const };
    await using gateway = await aGateway({ providers: { [name]: provider } });
    const { adaptRequest, traits } = findProvider(name)!;
    for (const exchange of exchanges.filter(({ request }) => Array.isArray(request!['messages']))) {
      const model = String(exchange.request!['model'] ?? 'model');
      const asked = { ...exchange.request, model: `${name}/${model}`, stream: false };
      const answered = await post(gateway, path, asked);
      expect(answered.status, exchange.id).toBe(200);
      const sent = upstream.calls.at(-1)!.json as Record<string, unknown>;
      const { stream_options: wish, ...plain } = { ...asked, model: expect.any(String) } as Record<string, unknown>;
      const keepsWish = wish !== undefined && traits?.takesStreamOptions !== false;
      expect(sent, exchange.id).toEqual(keepsWish ? { ...plain, stream_options: wish } : plain);
      if (adaptRequest === undefined) continue;
      // What a host took when it was recorded, it is not forbidden.
      if (exchange.status < 400) expect(answered.headers.get('x-xidao-translation'), exchange.id).toBeNull();
    }
  });
});
