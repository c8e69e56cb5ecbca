import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { gemini } from './index.ts';

const context: ReplyContext = { model: 'm', id: 'resp_1', nowSeconds: 1, wantsUsage: true };
const encode = (text: string) => new TextEncoder().encode(text);

function readStream(...chunks: (string | Uint8Array)[]): ModelEvent[] {
  const reader = gemini.createReader();
  const events = chunks.flatMap((chunk) => reader.push(typeof chunk === 'string' ? encode(chunk) : chunk));
  return [...events, ...reader.finish()];
}

function writeStream(events: ModelEvent[], about = context): string {
  const writer = gemini.createWriter(about);
  return events.map((event) => writer.write(event)).join('') + writer.finish();
}

const sse = (...chunks: object[]) => chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join('');
const chunk = (parts: object[], more: object = {}) => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }],
  modelVersion: 'gemini-3-flash',
  responseId: 'r1',
});

describe('reading', () => {
  test('tells thoughts, text, calls and their signatures apart', () => {
    const events = readStream(
      sse(
        chunk([{ text: 'Hm', thought: true }]),
        chunk([{ text: 'm.', thought: true }, { text: 'data: Hi ' }]),
        chunk([{ text: ' \n' }, { text: '', thoughtSignature: 'c2ln' }]),
        chunk([
          { functionCall: { name: 'a', args: {} }, thoughtSignature: 'Y2FsbA==' },
          { functionCall: { id: 'x', name: 'b' } },
        ]),
        chunk([{ text: '' }], { finishReason: 'STOP' }),
      ),
    );
    const [made] = events.filter((event) => event.type === 'tool-call-start');
    expect(made?.id).toMatch(/^gemini_call_/);
    expect(events).toEqual([
      { type: 'start', id: 'r1', model: 'gemini-3-flash' },
      { type: 'reasoning-start', choice: 0, block: 0 },
      { type: 'reasoning-delta', choice: 0, block: 0, text: 'Hm' },
      { type: 'reasoning-delta', choice: 0, block: 0, text: 'm.' },
      { type: 'reasoning-end', choice: 0, block: 0 },
      { type: 'text-start', choice: 0, block: 1 },
      { type: 'text-delta', choice: 0, block: 1, text: 'data: Hi ' },
      { type: 'text-delta', choice: 0, block: 1, text: ' \n' },
      { type: 'text-end', choice: 0, block: 1, signature: 'c2ln' },
      { type: 'tool-call-start', choice: 0, block: 2, id: made?.id, name: 'a' },
      { type: 'tool-call-delta', choice: 0, block: 2, arguments: '{}' },
      { type: 'tool-call-end', choice: 0, block: 2, signature: 'Y2FsbA==' },
      { type: 'tool-call-start', choice: 0, block: 3, id: 'x', name: 'b' },
      { type: 'tool-call-delta', choice: 0, block: 3, arguments: '{}' },
      { type: 'tool-call-end', choice: 0, block: 3 },
      { type: 'finish', choice: 0, reason: 'tool-calls', raw: 'STOP' },
      { type: 'end' },
    ]);
  });

  test('does not call an answer ended that gave no finish reason', () => {
    const events = readStream(sse(chunk([{ text: 'Half' }])));
    expect(events.map((event) => event.type)).toEqual(['start', 'text-start', 'text-delta', 'text-end']);
  });

  test('takes the last usage, never the sum, and keeps zero', () => {
    const usage = (candidates: number) => ({
      promptTokenCount: 10,
      candidatesTokenCount: candidates,
      cachedContentTokenCount: 0,
    });
    const events = readStream(
      sse(
        { ...chunk([{ text: 'a' }]), usageMetadata: usage(1) },
        {
          ...chunk([{ text: 'b' }], { finishReason: 'MAX_TOKENS' }),
          usageMetadata: { ...usage(0), thoughtsTokenCount: 5, toolUsePromptTokenCount: 3 },
        },
      ),
    );
    expect(events.filter((event) => event.type === 'usage').at(-1)?.usage).toEqual({
      inputTokens: 13,
      outputTokens: 5,
      cachedInputTokens: 0,
      reasoningTokens: 5,
    });
    expect(events).toContainEqual({ type: 'finish', choice: 0, reason: 'length', raw: 'MAX_TOKENS' });
  });

  test('ends the row with the error that comes in mid-stream', () => {
    const events = readStream(
      sse(chunk([{ text: 'a' }]), { error: { code: 503, message: 'overloaded', status: 'UNAVAILABLE' } }),
    );
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'overloaded', status: 503 } });
    expect(events.some((event) => event.type === 'end')).toBe(false);
  });

  test('tells a chunk that is no JSON as an error', () => {
    expect(readStream('data: {"candi\r\n\r\n')[0]).toMatchObject({ type: 'error', error: { kind: 'server' } });
  });

  test('reads media, code and log probabilities', () => {
    const events = gemini.readDocument(
      chunk(
        [
          { inlineData: { mimeType: 'image/png', data: 'AAAA' }, thoughtSignature: 'cw==' },
          { executableCode: { language: 'PYTHON', code: '1' } },
        ],
        {
          finishReason: 'STOP',
          logprobsResult: {
            chosenCandidates: [{ token: 'é', logProbability: -0.5 }],
            topCandidates: [
              {
                candidates: [
                  { token: 'é', logProbability: -0.5 },
                  { token: 'e', logProbability: -1 },
                ],
              },
            ],
          },
        },
      ) as JsonObject,
    );
    expect(events).toContainEqual({
      type: 'media',
      choice: 0,
      block: 0,
      kind: 'image',
      mediaType: 'image/png',
      data: 'AAAA',
      signature: 'cw==',
    });
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'opaque', label: 'executableCode', origin: 'gemini' }),
    );
    const logprobs = events.find((event) => event.type === 'logprobs');
    expect(logprobs?.content).toEqual([
      {
        token: 'é',
        logprob: -0.5,
        bytes: [195, 169],
        top_logprobs: [
          { token: 'é', logprob: -0.5, bytes: [195, 169] },
          { token: 'e', logprob: -1, bytes: [101] },
        ],
      },
    ]);
  });

  test('counts the span of a citation in characters where Google counts bytes', () => {
    const grounding = {
      groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }],
      groundingSupports: [{ segment: { startIndex: 3, endIndex: 8, text: 'é€' }, groundingChunkIndices: [0] }],
    };
    const events = gemini.readDocument(
      chunk([{ text: '€é€.' }], { finishReason: 'STOP', groundingMetadata: grounding }) as JsonObject,
    );
    const citation = events.find((event) => event.type === 'citation')?.citation;
    expect(citation).toMatchObject({ url: 'https://a.example', title: 'A', start: 1, end: 3 });
  });

  test.each([
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['SPII', 'content-filter'],
    ['IMAGE_SAFETY', 'content-filter'],
    ['MALFORMED_FUNCTION_CALL', 'malformed-tool-call'],
    ['UNEXPECTED_TOOL_CALL', 'malformed-tool-call'],
    ['LANGUAGE', 'other'],
    ['A_NEW_ONE', 'other'],
  ])('reads the finish reason %s as %s', (finishReason, reason) => {
    const events = gemini.readDocument({ candidates: [{ finishReason, index: 0 }] });
    expect(events.find((event) => event.type === 'finish')).toMatchObject({ reason, raw: finishReason });
  });

  test('keeps the index of every candidate', () => {
    const candidates = [1, 0].map((index) => ({
      index,
      content: { parts: [{ text: `${index}` }] },
      finishReason: 'STOP',
    }));
    const events = gemini.readDocument({ candidates });
    expect(events.filter((event) => event.type === 'text-delta').map((event) => [event.choice, event.text])).toEqual([
      [1, '1'],
      [0, '0'],
    ]);
    expect(events.filter((event) => event.type === 'finish')).toHaveLength(2);
  });
});

describe('writing', () => {
  const call = (args: string): ModelEvent[] => [
    { type: 'start', id: 'chatcmpl-1' },
    { type: 'tool-call-start', choice: 0, block: 0, id: 'call_1', name: 'get' },
    ...(args === '' ? [] : [{ type: 'tool-call-delta' as const, choice: 0, block: 0, arguments: args }]),
    { type: 'tool-call-end', choice: 0, block: 0 },
    { type: 'finish', choice: 0, reason: 'tool-calls' },
    { type: 'end' },
  ];

  test('takes empty arguments for none', () => {
    const { candidates } = gemini.writeDocument(call(''), context) as { candidates: JsonObject[] };
    expect(candidates[0]).toMatchObject({
      content: { parts: [{ functionCall: { id: 'call_1', name: 'get', args: {} } }] },
      finishReason: 'STOP',
    });
  });

  test('tells a call whose arguments are no JSON as malformed, with the text', () => {
    const { candidates } = gemini.writeDocument(call('{"a":'), context) as { candidates: JsonObject[] };
    expect(candidates[0]).toMatchObject({
      finishReason: 'MALFORMED_FUNCTION_CALL',
      finishMessage: 'Malformed function call: get({"a":)',
    });
  });

  test('gives the tool and its call the names that the client knows', () => {
    const about = { ...context, toolNames: new Map([['get', 'my tool']]), toolCallIds: new Map([['call_1', 'mine']]) };
    expect(writeStream(call('{"a":1}'), about)).toContain('{"id":"mine","name":"my tool","args":{"a":1}}');
  });

  test('tells the answer that came as a tool call as text', () => {
    const { candidates } = gemini.writeDocument(call('{"a":1}'), { ...context, jsonTool: 'get' }) as {
      candidates: JsonObject[];
    };
    expect(candidates[0]).toMatchObject({ content: { parts: [{ text: '{"a":1}' }] }, finishReason: 'STOP' });
  });

  test('brings finish reason and usage together in the last frame, whatever order they came in', () => {
    const frames = writeStream([
      { type: 'start', id: 'r' },
      { type: 'text-start', choice: 0, block: 0 },
      { type: 'text-delta', choice: 0, block: 0, text: 'Hi' },
      { type: 'text-end', choice: 0, block: 0 },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'usage', usage: { inputTokens: 3, outputTokens: 2, reasoningTokens: 1 } },
      { type: 'end' },
    ]).split('\r\n\r\n');
    expect(frames).toHaveLength(3);
    expect(JSON.parse(frames[1]!.slice(6))).toEqual({
      candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1, totalTokenCount: 5, thoughtsTokenCount: 1 },
      modelVersion: 'm',
      responseId: 'r',
    });
  });

  test('fakes no end for an answer that was cut off', () => {
    const text = writeStream([
      { type: 'start' },
      { type: 'text-start', choice: 0, block: 0 },
      { type: 'text-delta', choice: 0, block: 0, text: 'Hi' },
      { type: 'finish', choice: 0, reason: 'stop' },
    ]);
    expect(text).not.toContain('finishReason');
  });

  test('writes nothing after an error', () => {
    const error = { kind: 'overloaded' as const, status: 529, message: 'Overloaded' };
    const text = writeStream([{ type: 'start' }, { type: 'error', error }, { type: 'end' }]);
    expect(text).toMatch(/^data: \{"error":\{"code":503,.*"status":"UNAVAILABLE"/);
    expect(text.split('\r\n\r\n')).toHaveLength(2);
  });

  test('wraps the signature of another provider so that its next turn gets it back', () => {
    const events: ModelEvent[] = [
      { type: 'start' },
      { type: 'reasoning-start', choice: 0, block: 0 },
      { type: 'reasoning-delta', choice: 0, block: 0, text: 'Let me ' },
      { type: 'reasoning-delta', choice: 0, block: 0, text: 'think' },
      { type: 'reasoning-end', choice: 0, block: 0, signature: 'sig', boundTo: 'anthropic-messages' },
      { type: 'reasoning-start', choice: 0, block: 1 },
      { type: 'reasoning-end', choice: 0, block: 1, redacted: 'secret', boundTo: 'anthropic-messages' },
      { type: 'reasoning-start', choice: 0, block: 2, id: 'rs_1', isSummary: true },
      { type: 'reasoning-delta', choice: 0, block: 2, text: 'Sum' },
      { type: 'reasoning-end', choice: 0, block: 2, encrypted: 'enc', boundTo: 'openai-responses' },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'end' },
    ];
    const expected = [
      { type: 'reasoning', text: 'Let me think', signature: 'sig', boundTo: 'anthropic-messages' },
      { type: 'reasoning', redacted: 'secret', boundTo: 'anthropic-messages' },
      { type: 'reasoning', text: 'Sum', id: 'rs_1', isSummary: true, encrypted: 'enc', boundTo: 'openai-responses' },
    ];
    const streamed = writeStream(events)
      .split('\r\n\r\n')
      .filter((frame) => frame !== '')
      .map((frame) => JSON.parse(frame.slice(6)).candidates[0].content);
    const { candidates } = gemini.writeDocument(events, context) as { candidates: { content: JsonObject }[] };
    for (const contents of [streamed, [candidates[0]!.content]]) {
      for (const { parts } of contents) {
        for (const part of parts) {
          if (part.thoughtSignature) expect(part.thoughtSignature).toMatch(/^[A-Za-z0-9+/]+=*$/);
        }
      }
      const request = gemini.readRequest({ contents: [...contents, { role: 'user', parts: [{ text: 'go on' }] }] });
      const parts = request.messages[0]!.parts.filter((part) => part.type !== 'text');
      expect(parts).toEqual(expected);
    }
  });

  test('keeps the choices of an answer apart, and tells citations in bytes', () => {
    const citation = { url: 'https://a.example', start: 1, end: 2, origin: 'openai-responses' as const, value: {} };
    const events: ModelEvent[] = [
      { type: 'start' },
      { type: 'text-start', choice: 0, block: 0 },
      { type: 'text-start', choice: 1, block: 0 },
      { type: 'text-delta', choice: 1, block: 0, text: 'b' },
      { type: 'text-delta', choice: 0, block: 0, text: 'éa' },
      { type: 'citation', choice: 0, block: 0, citation },
      { type: 'text-end', choice: 0, block: 0 },
      { type: 'text-end', choice: 1, block: 0 },
      { type: 'finish', choice: 1, reason: 'length' },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'end' },
    ];
    const candidates = (gemini.writeDocument(events, context)['candidates'] as JsonObject[]).toSorted((one, other) => {
      return Number(one['index']) - Number(other['index']);
    });
    expect(candidates).toEqual([
      {
        content: { parts: [{ text: 'éa' }], role: 'model' },
        finishReason: 'STOP',
        index: 0,
        citationMetadata: { citationSources: [{ startIndex: 2, endIndex: 3, uri: 'https://a.example' }] },
      },
      { content: { parts: [{ text: 'b' }], role: 'model' }, finishReason: 'MAX_TOKENS', index: 1 },
    ]);
    const read = readStream(writeStream(events));
    expect(read.filter((event) => event.type === 'text-delta').map((event) => event.choice)).toEqual([1, 0]);
  });

  test('means the same read again, for any answer', () => {
    const word = fc.string({ minLength: 1, maxLength: 8, unit: 'binary' });
    const block = fc.oneof(
      fc.record({ kind: fc.constant('text' as const), pieces: fc.array(word, { minLength: 1, maxLength: 3 }) }),
      fc.record({ kind: fc.constant('reasoning' as const), pieces: fc.array(word, { minLength: 1, maxLength: 3 }) }),
      fc.record({ kind: fc.constant('call' as const), args: fc.dictionary(fc.stringMatching(/^[a-z]+$/), word) }),
    );
    const choices = fc.array(fc.array(block, { maxLength: 4 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(choices, (answers) => {
        const events: ModelEvent[] = [{ type: 'start', id: 'r' }];
        for (const [choice, blocks] of answers.entries()) {
          for (const [at, one] of blocks.entries()) events.push(...eventsOf(choice, at, one));
          const called = blocks.some((one) => one.kind === 'call');
          events.push({ type: 'finish', choice, reason: called ? 'tool-calls' : 'stop' });
        }
        events.push({ type: 'end' });
        expect(wordsOf(readStream(writeStream(events)))).toEqual(wordsOf(events));
        expect(wordsOf(gemini.readDocument(gemini.writeDocument(events, context)))).toEqual(wordsOf(events));
      }),
      { seed: 11, numRuns: 100 },
    );
  });

  test('spends little on a text delta', () => {
    const writer = gemini.createWriter(context);
    writer.write({ type: 'start' });
    const first = writer.write({ type: 'text-delta', choice: 0, block: 0, text: 'a"b\n' });
    expect(JSON.parse(first.slice(6)).candidates[0].content.parts).toEqual([{ text: 'a"b\n' }]);
    expect(first.endsWith('\r\n\r\n')).toBe(true);
  });
});

type Block = { kind: 'text' | 'reasoning'; pieces: string[] } | { kind: 'call'; args: Record<string, string> };

function eventsOf(choice: number, block: number, told: Block): ModelEvent[] {
  const place = { choice, block };
  if (told.kind === 'call') {
    const text = JSON.stringify(told.args);
    return [
      { type: 'tool-call-start', ...place, id: `c${choice}_${block}`, name: 'f' },
      { type: 'tool-call-delta', ...place, arguments: text.slice(0, 3) },
      { type: 'tool-call-delta', ...place, arguments: text.slice(3) },
      { type: 'tool-call-end', ...place },
    ];
  }
  const deltas = told.pieces.map((text): ModelEvent => ({ type: `${told.kind}-delta`, ...place, text }));
  return [{ type: `${told.kind}-start`, ...place }, ...deltas, { type: `${told.kind}-end`, ...place }];
}

/** All that each choice says, in order; adjacent texts count as one, adjacent thoughts as one with a blank line between them. */
function wordsOf(events: ModelEvent[]): Record<number, string[]> {
  const words: Record<number, string[]> = {};
  const kinds: Record<number, string> = {};
  const thoughts: Record<number, number> = {};
  for (const event of events) {
    if (!('choice' in event)) continue;
    const told = (words[event.choice] ??= []);
    const piece =
      event.type === 'text-delta' || event.type === 'reasoning-delta'
        ? event.text
        : event.type === 'tool-call-delta'
          ? event.arguments
          : undefined;
    if (event.type === 'tool-call-start') told.push(`${event.id} ${event.name} `);
    if (event.type === 'finish') told.push(event.reason);
    if (piece !== undefined) {
      const goesOn = kinds[event.choice] === event.type || event.type === 'tool-call-delta';
      const isAnother = event.type === 'reasoning-delta' && thoughts[event.choice] !== event.block;
      if (event.type === 'reasoning-delta') thoughts[event.choice] = event.block;
      if (goesOn) told[told.length - 1] += isAnother ? `\n\n${piece}` : piece;
      else told.push(`${event.type} ${piece}`);
    }
    if (!/-(start|end)$/.test(event.type) || event.type.startsWith('tool')) kinds[event.choice] = event.type;
  }
  return words;
}
