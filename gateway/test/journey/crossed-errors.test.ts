import { type DialectName, dialects } from '@xidao/dialects';
import {
  bodyOf,
  corpusIsThere,
  type Exchange,
  raw,
  replayModel,
  replayUpstream,
  startUpstream,
  type Upstream,
} from '@xidao/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aGateway, type RunningGateway } from '../a-gateway.ts';
import { dialectOfRecording } from '../corpus/kinds.ts';
import { inRows, loadExchanges, replayProviders } from '../corpus/recordings.ts';
import { clientDialects } from '../corpus/translated.ts';
import { DIALECT_CALLS, type DialectCall, MODEL, only, post } from './dialect-calls.ts';

type Client = DialectCall['dialect'];

/** What clients of a dialect know: the types (for Gemini, the status words) that go with an HTTP status, and codes where they matter. */
const KNOWN: Record<Client, Record<number, RegExp>> = {
  'openai-chat': openAi('server_error'),
  'openai-responses': openAi('server_error'),
  'anthropic-messages': {
    400: /^invalid_request_error /,
    401: /^authentication_error /,
    402: /^billing_error /,
    403: /^permission_error /,
    404: /^not_found_error /,
    413: /^request_too_large /,
    429: /^rate_limit_error /,
    500: /^api_error /,
    502: /^api_error /,
    503: /^api_error /,
    529: /^overloaded_error /,
  },
  gemini: {
    400: /^(INVALID_ARGUMENT|FAILED_PRECONDITION) /,
    401: /^UNAUTHENTICATED /,
    403: /^PERMISSION_DENIED /,
    404: /^NOT_FOUND /,
    429: /^RESOURCE_EXHAUSTED /,
    500: /^INTERNAL /,
    502: /^(INTERNAL|UNAVAILABLE) /,
    503: /^UNAVAILABLE /,
  },
};

function openAi(server: string): Record<number, RegExp> {
  return {
    400: /^invalid_request_error /,
    401: /^authentication_error invalid_api_key$/,
    403: /^permission_error /,
    404: /^invalid_request_error \w+$/,
    413: /^invalid_request_error request_too_large$/,
    422: /^invalid_request_error /,
    429: /^(rate_limit_error rate_limit_exceeded|insufficient_quota insufficient_quota)$/,
    500: new RegExp(`^${server} \\w+$`),
    502: new RegExp(`^${server} \\w+$`),
    503: new RegExp(`^${server} \\w+$`),
  };
}

interface Told {
  /** Type and code, as one text. */
  words: string;
  message: string;
  original: unknown;
  faults: string[];
}

/** Reads an error body as the dialect's official SDK does, and says what such a client would stumble over. */
function readAs(client: Client, status: number, body: unknown): Told {
  const { error = {}, ...rest } = (body ?? {}) as {
    error?: Record<string, unknown>;
    type?: string;
    request_id?: string;
  };
  const faults: string[] = [];
  if (typeof error['message'] !== 'string' || error['message'] === '') faults.push('it has no message');
  if (client === 'anthropic-messages' && rest.type !== 'error') faults.push('it is not of the type error');
  if (client === 'anthropic-messages' && typeof rest.request_id !== 'string') faults.push('it has no request_id');
  if (client === 'gemini' && error['code'] !== status) faults.push(`it says ${error['code']} under ${status}`);
  const words = client === 'gemini' ? `${error['status']} ` : `${error['type']} ${error['code'] ?? ''}`;
  const details = error['details'] as { upstream?: unknown; metadata?: { upstream?: unknown } }[] | undefined;
  const original =
    error['upstream'] ??
    (Array.isArray(details)
      ? JSON.stringify(details.find((detail) => JSON.stringify(detail).includes('upstream')))
      : undefined);
  return { words, message: String(error['message']), original, faults };
}

if (!corpusIsThere()) console.warn('The corpus of recordings is not there: no recorded error is crossed.');

/** A recorded error counts whatever API it is of: hosts answer with the same shapes everywhere. */
const recorded = corpusIsThere() ? loadExchanges().filter(({ status }) => status >= 400) : [];
const dialectOf = (exchange: Exchange): DialectName => dialectOfRecording(exchange) ?? 'openai-chat';

describe.skipIf(!corpusIsThere())('recorded errors', () => {
  let upstream: Upstream;
  let gateway: RunningGateway;
  beforeAll(async () => {
    upstream = await replayUpstream(recorded);
    gateway = await aGateway(replayProviders(upstream));
  });
  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
    await upstream?.close();
  });

  test('are many, of many providers', () => {
    expect(recorded.length).toBeGreaterThan(80);
    expect(new Set(recorded.map(({ provider, api }) => `${provider} ${api}`)).size).toBeGreaterThan(20);
  });

  test.each(clientDialects.flatMap((client) => [[client, false] as const, [client, true] as const]))(
    'are read by clients of %s (streaming: %s)',
    async (client, streams) => {
      const faults: string[] = [];
      await inRows(recorded, 8, async (exchange) => {
        for (const fault of await faultsOf(exchange, client, streams))
          faults.push(`${exchange.provider} ${exchange.api} ${exchange.status} ${exchange.id}: ${fault}`);
      });
      expect(faults).toEqual([]);
    },
  );

  async function faultsOf(exchange: Exchange, client: Client, streams: boolean): Promise<string[]> {
    const from = dialectOf(exchange);
    const call = DIALECT_CALLS.find(({ dialect }) => dialect === client)!;
    const model = `${from}/${replayModel(exchange)}`;
    const answered = await post(gateway, call.path(model, streams), call.body(model, 'Hello', streams), call.headers);
    const text = await answered.text();
    const before = dialects[from].readError(exchange.status, exchange.body ?? '', exchange.headers);
    if (from === client && bodyOf(exchange).length > 0)
      return answered.status === exchange.status && text === bodyOf(exchange).toString()
        ? []
        : ['it is not as it came'];
    const told = readAs(client, answered.status, JSON.parse(text));
    const { status } = answered;
    return [
      ...told.faults,
      ...(mayBecome(exchange.status, status) ? [] : [`${exchange.status} became ${status} (${before.kind})`]),
      ...(KNOWN[client][status]?.test(told.words) ? [] : [`${status} has the words ${told.words}`]),
      ...(told.message.includes(before.message) ? [] : [`its message is ${told.message}, was ${before.message}`]),
      ...(exchange.body === '' || told.original !== undefined ? [] : ['the original is not in it']),
      ...(JSON.stringify(told.original ?? '').length > 6000 ? ['the original is not trimmed'] : []),
    ];
  }
});

/** The status that a client of another dialect may see: the same, unless the words of the error say what the status did not. */
function mayBecome(before: number, after: number): boolean {
  if (before === after) return true;
  const others: Record<number, number[]> = {
    // Keys that are wrong, models that are not there, quotas and overlong prompts are told under 400 by some.
    400: [401, 402, 403, 404, 413, 429],
    422: [400],
    // A key that may not use the service at all, or a region that is closed.
    403: [401, 429],
    429: [402],
    404: [400],
    402: [429],
    529: [503],
    503: [529],
  };
  return others[before]?.includes(after) === true;
}

const OVERFLOWS: [who: string, dialect: DialectName, status: number, body: object][] = [
  [
    'OpenAI',
    'openai-chat',
    400,
    {
      error: {
        message:
          "This model's maximum context length is 128000 tokens. However, your messages resulted in 140012 tokens.",
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      },
    },
  ],
  [
    'OpenAI Responses',
    'openai-responses',
    400,
    {
      error: {
        message: 'Your input exceeds the context window of this model. Please adjust your input and try again.',
        type: 'invalid_request_error',
        param: 'input',
        code: 'context_length_exceeded',
      },
    },
  ],
  [
    'Anthropic',
    'anthropic-messages',
    400,
    {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'prompt is too long: 210000 tokens > 200000 maximum' },
    },
  ],
  [
    'Gemini',
    'gemini',
    400,
    {
      error: {
        code: 400,
        message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
        status: 'INVALID_ARGUMENT',
      },
    },
  ],
  ['Bedrock', 'bedrock', 400, { message: 'Input is too long for requested model.' }],
  [
    'Mistral',
    'openai-chat',
    400,
    {
      object: 'error',
      message: 'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
      type: 'invalid_request_error',
      param: null,
      code: '3051',
    },
  ],
  [
    'vLLM',
    'openai-chat',
    400,
    {
      object: 'error',
      message:
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens in the messages.",
      type: 'BadRequestError',
      param: null,
      code: 400,
    },
  ],
  [
    'Groq',
    'openai-chat',
    413,
    {
      error: {
        message: 'Please reduce the length of the messages or completion.',
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      },
    },
  ],
];

describe('a prompt that is too long', () => {
  test.each(OVERFLOWS)('%s says it, and every client hears it', async (_, dialect, status, body) => {
    await using upstream = await startUpstream({
      answer: raw({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    await using gateway = await aGateway(only(upstream, dialect));
    for (const call of DIALECT_CALLS.filter((each) => each.dialect !== dialect)) {
      const answered = await post(gateway, call.path(MODEL, false), call.body(MODEL, 'Hello', false));
      const { words, message } = readAs(call.dialect, answered.status, await answered.json());
      expect(answered.status, call.dialect).toBe(400);
      if (call.dialect === 'anthropic-messages') expect(message).toContain('prompt is too long');
      else if (call.dialect === 'gemini') expect(words).toBe('INVALID_ARGUMENT ');
      else expect(words).toBe('invalid_request_error context_length_exceeded');
    }
    // Asked once for each client: the same prompt is too long everywhere.
    expect(upstream.calls).toHaveLength(DIALECT_CALLS.filter((each) => each.dialect !== dialect).length);
  });
});

describe('an overloaded provider', () => {
  const anthropicOverload = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
  const openAiOverload = {
    error: { message: 'The engine is currently overloaded, please try again later', type: 'server_error' },
  };
  const geminiOverload = {
    error: { code: 503, message: 'The model is overloaded. Please try again later.', status: 'UNAVAILABLE' },
  };

  test.each<[DialectName, number, object]>([
    ['anthropic-messages', 529, anthropicOverload],
    ['openai-chat', 503, openAiOverload],
    ['gemini', 503, geminiOverload],
  ])('of %s is 529 to Anthropic’s clients and 503 to all others', async (dialect, status, body) => {
    await using upstream = await startUpstream({
      answer: raw({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    await using gateway = await aGateway(only(upstream, dialect));
    const asks = DIALECT_CALLS.flatMap((call) => [false, true].map((streams) => ({ call, streams })));
    await inRows(asks, asks.length, async ({ call, streams }) => {
      const answered = await post(gateway, call.path(MODEL, streams), call.body(MODEL, 'Hello', streams));
      const { words } = readAs(call.dialect, answered.status, await answered.json());
      const isAnthropic = call.dialect === 'anthropic-messages';
      expect(answered.status, call.dialect).toBe(isAnthropic ? 529 : 503);
      if (isAnthropic) expect(words).toMatch(/^overloaded_error /);
    });
  });
});
