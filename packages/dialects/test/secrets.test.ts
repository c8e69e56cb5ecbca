import { describe, expect, test } from 'vitest';
import { type DialectName, dialects, type JsonObject, type ModelEvent } from '../src/index.ts';
import { DIALECTS, TARGETS } from './ordinary-requests.ts';
import { contextFor, readStream, streamOf } from './replies.ts';

/** Clients speak these; Bedrock is a provider alone. */
const CLIENTS: DialectName[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];

const at = { choice: 0, block: 0 };
const reasoning = (end: object): ModelEvent[] => [
  { type: 'reasoning-start', ...at },
  { type: 'reasoning-delta', ...at, text: 'I think.' },
  { type: 'reasoning-end', ...at, ...end } as ModelEvent,
];
const call = (signature?: string): ModelEvent[] => {
  const here = { choice: 0, block: 2 };
  const signed = signature === undefined ? {} : { signature };
  return [
    { type: 'tool-call-start', ...here, id: 'call_1', name: 'look' },
    { type: 'tool-call-delta', ...here, arguments: '{}' },
    { type: 'tool-call-end', ...here, ...signed },
  ];
};
const text = (signature?: string): ModelEvent[] => {
  const here = { choice: 0, block: 1 };
  const signed = signature === undefined ? {} : { signature };
  return [
    { type: 'text-start', ...here },
    { type: 'text-delta', ...here, text: 'Look.' },
    { type: 'text-end', ...here, ...signed },
  ];
};
const SECRET = 'U2VjcmV0U2VjcmV0U2VjcmV0';

/** What each provider binds to itself and must get back in the next turn. */
const BOUND: [provider: DialectName, what: string, events: ModelEvent[]][] = [
  [
    'anthropic-messages',
    'a thinking signature',
    [...reasoning({ signature: SECRET, boundTo: 'anthropic-messages' }), ...text(), ...call()],
  ],
  [
    'anthropic-messages',
    'redacted thinking',
    [
      { type: 'reasoning-start', ...at },
      { type: 'reasoning-end', ...at, redacted: SECRET, boundTo: 'anthropic-messages' },
      ...text(),
      ...call(),
    ],
  ],
  [
    'openai-responses',
    'encrypted reasoning',
    [...reasoning({ encrypted: SECRET, boundTo: 'openai-responses' }), ...text(), ...call()],
  ],
  ['bedrock', 'a reasoning signature', [...reasoning({ signature: SECRET, boundTo: 'bedrock' }), ...text(), ...call()]],
  [
    'bedrock',
    'redacted reasoning',
    [
      { type: 'reasoning-start', ...at },
      { type: 'reasoning-end', ...at, redacted: SECRET, boundTo: 'bedrock' },
      ...text(),
      ...call(),
    ],
  ],
  ['gemini', "a call's thought signature", [...text(), ...call(SECRET)]],
  ['gemini', "a text's thought signature", [...text(SECRET)]],
];

/** The next request of a client that keeps the answer as it came, and answers the call. */
const NEXT: Record<string, (answer: JsonObject, calls: boolean) => JsonObject> = {
  'openai-chat': (answer, calls) => ({
    model: 'm',
    messages: [
      { role: 'user', content: 'Hi' },
      (answer['choices'] as JsonObject[])[0]!['message']!,
      calls ? { role: 'tool', tool_call_id: 'call_1', content: 'Seen' } : { role: 'user', content: 'And?' },
    ],
  }),
  'openai-responses': (answer, calls) => ({
    model: 'm',
    input: [
      { role: 'user', content: 'Hi' },
      ...(answer['output'] as JsonObject[]),
      calls ? { type: 'function_call_output', call_id: 'call_1', output: 'Seen' } : { role: 'user', content: 'And?' },
    ],
  }),
  'anthropic-messages': (answer, calls) => ({
    model: 'm',
    max_tokens: 20_000,
    thinking: { type: 'adaptive' },
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: answer['content']! },
      {
        role: 'user',
        content: calls ? [{ type: 'tool_result', tool_use_id: 'call_1', content: 'Seen' }] : 'And?',
      },
    ],
  }),
  gemini: (answer, calls) => ({
    contents: [
      { role: 'user', parts: [{ text: 'Hi' }] },
      (answer['candidates'] as JsonObject[])[0]!['content']!,
      {
        role: 'user',
        parts: calls
          ? [{ functionResponse: { id: 'call_1', name: 'look', response: { result: 'Seen' } } }]
          : [{ text: 'And?' }],
      },
    ],
  }),
};

describe.each(BOUND)('of %s, %s', (provider, _, events) => {
  const told: ModelEvent[] = [
    { type: 'start', id: 'a', model: 'm' },
    ...events,
    { type: 'finish', choice: 0, reason: events.some(({ type }) => type === 'tool-call-end') ? 'tool-calls' : 'stop' },
    { type: 'end' },
  ];
  const calls = events.some(({ type }) => type === 'tool-call-end');

  describe.each(CLIENTS)('passed through a client of %s', (client) => {
    const whole = dialects[client].writeDocument(told, contextFor(client));
    // What official SDKs gather from a stream is what its own reader gathers.
    const gathered = readStream(client, streamOf(client, told));
    const streamed = dialects[client].writeDocument(gathered, contextFor(client));

    test.each([
      ['whole', whole],
      ['streamed', streamed],
    ])('%s, comes back to its provider, and to nobody else', (how, answer) => {
      // A reader of a stream of this dialect meets the text's signature only as a block that it cannot place.
      const isLost = how === 'streamed' && client === 'anthropic-messages' && !calls;
      const body = JSON.parse(JSON.stringify(NEXT[client]!(answer, calls))) as JsonObject;
      const request = { ...dialects[client].readRequest(body), reasoning: { effort: 'medium' as const } };
      for (const target of DIALECTS) {
        const { body: sent } = dialects[target].writeRequest(request, TARGETS[target]);
        const isSent = JSON.stringify(sent).includes(SECRET);
        // A chat client's own host is any host: what it was handed goes back to it, sealed or named as another's.
        if (target === 'openai-chat' && client === target) continue;
        expect([target, isSent]).toEqual([target, target === provider && !isLost]);
      }
    });
  });
});
