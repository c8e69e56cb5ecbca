import { describe, expect, test } from 'vitest';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { bedrock as dialect } from './index.ts';
import { eventFrame, exceptionFrame } from './write-frame.ts';

type Event = [type: string, body: JsonObject];

const bytesOf = (...events: Event[]) =>
  Buffer.from(events.map(([type, body]) => eventFrame(type, body)).join(''), 'latin1');
const delta = (index: number, value: JsonObject): Event => [
  'contentBlockDelta',
  { contentBlockIndex: index, delta: value },
];
const start = (index: number, value: JsonObject): Event => [
  'contentBlockStart',
  { contentBlockIndex: index, start: value },
];
const stop = (index: number): Event => ['contentBlockStop', { contentBlockIndex: index }];
const begin: Event = ['messageStart', { role: 'assistant' }];
const ended = (stopReason: string): Event => ['messageStop', { stopReason }];
const counted: Event = [
  'metadata',
  { usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 }, metrics: { latencyMs: 1 } },
];

function readBytes(bytes: Uint8Array, isByteByByte = false): ModelEvent[] {
  const reader = dialect.createReader();
  const pieces = isByteByByte ? [...bytes.keys()].map((at) => bytes.subarray(at, at + 1)) : [bytes];
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.finish()];
}

const read = (...events: Event[]) => readBytes(bytesOf(begin, ...events));
const ofBlocks = (events: ModelEvent[]) => events.filter((event) => 'block' in event);

describe('a stream', () => {
  test('tells parallel calls, mixed up among each other, each with its own arguments', () => {
    const events = read(
      start(0, { toolUse: { toolUseId: 'a', name: 'read' } }),
      start(1, { toolUse: { toolUseId: 'b', name: 'write' } }),
      delta(1, { toolUse: { input: '{"x"' } }),
      delta(0, { toolUse: { input: '{"y":1}' } }),
      delta(1, { toolUse: { input: ':2}' } }),
      stop(0),
      stop(1),
      ended('tool_use'),
      counted,
    );
    const argumentsOf = (block: number) =>
      events
        .flatMap((event) => (event.type === 'tool-call-delta' && event.block === block ? [event.arguments] : []))
        .join('');
    expect([argumentsOf(0), argumentsOf(1)]).toEqual(['{"y":1}', '{"x":2}']);
    expect(events.filter(({ type }) => type === 'tool-call-start')).toMatchObject([{ id: 'a' }, { id: 'b' }]);
  });

  test.each([[[]], [[delta(0, { toolUse: { input: '' } })]]])(
    'tells a call without arguments as an empty object',
    (deltas) => {
      const events = read(
        start(0, { toolUse: { toolUseId: 'a', name: 'read' } }),
        ...deltas,
        stop(0),
        ended('tool_use'),
        counted,
      );
      expect(ofBlocks(events)).toEqual([
        { type: 'tool-call-start', choice: 0, block: 0, id: 'a', name: 'read' },
        { type: 'tool-call-delta', choice: 0, block: 0, arguments: '{}' },
        { type: 'tool-call-end', choice: 0, block: 0 },
      ]);
    },
  );

  test('keeps the signature of reasoning, and what of it was redacted', () => {
    const events = read(
      delta(0, { reasoningContent: { text: 'hm' } }),
      delta(0, { reasoningContent: { signature: 'si' } }),
      delta(0, { reasoningContent: { signature: 'g' } }),
      stop(0),
      delta(1, { reasoningContent: { redactedContent: 'QQ==' } }),
      delta(1, { reasoningContent: { redactedContent: 'Qg==' } }),
      stop(1),
      ended('end_turn'),
      counted,
    );
    expect(events.filter(({ type }) => type === 'reasoning-end')).toEqual([
      { type: 'reasoning-end', choice: 0, block: 0, signature: 'sig', boundTo: 'bedrock' },
      { type: 'reasoning-end', choice: 0, block: 1, redacted: 'QUI=', boundTo: 'bedrock' },
    ]);
  });

  test('goes on from reasoning to text under one index as two blocks', () => {
    const events = read(
      delta(0, { reasoningContent: { text: 'hm' } }),
      delta(0, { text: 'Hi' }),
      stop(0),
      ended('end_turn'),
      counted,
    );
    expect(ofBlocks(events).map(({ type }) => type)).toEqual([
      'reasoning-start',
      'reasoning-delta',
      'reasoning-end',
      'text-start',
      'text-delta',
      'text-end',
    ]);
  });

  test('keeps every character of a text, white space and half a surrogate of frames apart', () => {
    const bytes = bytesOf(
      begin,
      delta(0, { text: ' data: 🙂\n' }),
      delta(0, { text: '\t ü ' }),
      stop(0),
      ended('end_turn'),
      counted,
    );
    const events = readBytes(bytes, true);
    expect(events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('')).toBe(
      ' data: 🙂\n\t ü ',
    );
    expect(events).toEqual(readBytes(bytes));
  });

  test('closes blocks that were left open, and tells finish, usage and end in their order', () => {
    expect(read(delta(0, { text: 'Hi' }), ended('max_tokens'), counted).slice(2)).toEqual([
      { type: 'text-delta', choice: 0, block: 0, text: 'Hi' },
      { type: 'text-end', choice: 0, block: 0 },
      { type: 'usage', usage: { inputTokens: 3, outputTokens: 2 } },
      { type: 'finish', choice: 0, reason: 'length', raw: 'max_tokens', extras: { metrics: { latencyMs: 1 } } },
      { type: 'end' },
    ]);
  });

  test('leaves a call that was cut at the limit as it is', () => {
    const events = read(
      start(0, { toolUse: { toolUseId: 'a', name: 'read' } }),
      delta(0, { toolUse: { input: '{"pa' } }),
      ended('max_tokens'),
      counted,
    );
    expect(events).toContainEqual({ type: 'tool-call-delta', choice: 0, block: 0, arguments: '{"pa' });
    expect(events.findLast((event) => event.type === 'finish')?.reason).toBe('length');
  });

  test('ends well when the counts never come, and does not when the message never stopped', () => {
    expect(read(delta(0, { text: 'Hi' }), ended('end_turn')).at(-1)).toEqual({ type: 'end' });
    expect(read(delta(0, { text: 'Hi' }), counted).some(({ type }) => type === 'end' || type === 'finish')).toBe(false);
  });

  test("tells a service's own tools whole and never as calls of the client", () => {
    const events = read(
      start(0, { toolUse: { toolUseId: 'a', name: 'nova_grounding', type: 'server_tool_use' } }),
      delta(0, { toolUse: { input: '{"query":"x"}' } }),
      stop(0),
      start(1, { toolResult: { toolUseId: 'a', type: 'nova_grounding_result', status: 'success' } }),
      delta(1, { toolResult: [{ text: 'found' }] }),
      stop(1),
      ended('end_turn'),
      counted,
    );
    const head = { toolUseId: 'a', name: 'nova_grounding', type: 'server_tool_use' };
    const result = { toolUseId: 'a', type: 'nova_grounding_result', status: 'success', content: [{ text: 'found' }] };
    const opaque = { type: 'opaque', choice: 0, origin: 'bedrock' };
    expect(ofBlocks(events)).toEqual([
      { ...opaque, block: 0, label: 'server_tool_use', value: { toolUse: { ...head, input: { query: 'x' } } } },
      { ...opaque, block: 1, label: 'nova_grounding_result', value: { toolResult: result } },
    ]);
  });

  test('tells a citation beside its text, and an image that the model made', () => {
    const citation = {
      title: 'facts',
      location: { web: { url: 'https://example.com' } },
      sourceContent: [{ text: 'so' }],
    };
    const events = read(
      delta(0, { citation }),
      delta(0, { text: 'So.' }),
      stop(0),
      start(1, { image: { format: 'png' } }),
      delta(1, { image: { source: { bytes: 'AAAA' } } }),
      stop(1),
      ended('end_turn'),
      counted,
    );
    const told = { origin: 'bedrock', value: citation, url: 'https://example.com', title: 'facts', citedText: 'so' };
    expect(events).toContainEqual({ type: 'citation', choice: 0, block: 0, citation: told });
    expect(events).toContainEqual({
      type: 'media',
      choice: 0,
      block: 1,
      kind: 'image',
      mediaType: 'image/png',
      data: 'AAAA',
    });
  });

  test.each([
    ['end_turn', 'stop'],
    ['tool_use', 'tool-calls'],
    ['max_tokens', 'length'],
    ['stop_sequence', 'stop-sequence'],
    ['guardrail_intervened', 'content-filter'],
    ['content_filtered', 'content-filter'],
    ['malformed_tool_use', 'malformed-tool-call'],
    ['malformed_model_output', 'other'],
    ['model_context_window_exceeded', 'context-overflow'],
    ['invented_tomorrow', 'other'],
  ])('%s is read as %s', (raw, reason) => {
    expect(read(ended(raw), counted).find((event) => event.type === 'finish')).toMatchObject({ raw, reason });
  });

  test('names the stop sequence where the model told it, and keeps the trace of a guardrail', () => {
    const fields = { delta: { stop_sequence: 'END' } };
    const trace = { guardrail: { actionReason: 'x' } };
    const events = read(
      ['messageStop', { stopReason: 'stop_sequence', additionalModelResponseFields: fields }],
      ['metadata', { usage: { inputTokens: 1, outputTokens: 0 }, trace, serviceTier: { type: 'flex' } }],
    );
    expect(events.slice(-3)).toEqual([
      { type: 'usage', usage: { inputTokens: 1, outputTokens: 0, serviceTier: 'flex' } },
      {
        type: 'finish',
        choice: 0,
        reason: 'stop-sequence',
        raw: 'stop_sequence',
        stopSequence: 'END',
        extras: { additionalModelResponseFields: fields, trace },
      },
      { type: 'end' },
    ]);
  });
});

describe('a stream that breaks off', () => {
  const told = bytesOf(begin, delta(0, { text: 'Hi' }));
  const broken = (tail: Uint8Array) => readBytes(Buffer.concat([told, tail, bytesOf(ended('end_turn'), counted)]));

  test.each([
    ['ThrottlingException', 'rate-limit', 429],
    ['ValidationException', 'invalid-request', 400],
    ['ModelStreamErrorException', 'server', 424],
    ['InternalServerException', 'server', 500],
    ['ServiceUnavailableException', 'unavailable', 503],
  ])('with %s ends in an error of the kind %s', (type, kind, status) => {
    const events = broken(Buffer.from(exceptionFrame(type, { message: 'no' }), 'latin1'));
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind, status, type, message: 'no' } });
    expect(events.some((event) => event.type === 'end' || event.type === 'finish')).toBe(false);
  });

  test('with an exception as its first frame begins nothing', () => {
    const events = readBytes(Buffer.from(exceptionFrame('ThrottlingException', { message: 'slow' }), 'latin1'));
    expect(events).toMatchObject([{ type: 'error', error: { kind: 'rate-limit' } }]);
  });

  test('with a byte that is wrong ends in an error and tells nothing after it', () => {
    const frame = bytesOf(delta(0, { text: 'lost' }));
    frame[60] = (frame[60] ?? 0) ^ 1;
    const events = broken(frame);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'server', status: 502 } });
    expect(JSON.stringify(events)).not.toContain('lost');
  });

  test('with bytes that are no frames ends in an error', () => {
    expect(readBytes(Buffer.from('<html>Bad Gateway</html>'))).toMatchObject([
      { type: 'error', error: { status: 502 } },
    ]);
  });
});

describe('a document', () => {
  test('that is an exception gives its error alone', () => {
    expect(dialect.readDocument({ __type: 'com.amazon.coral#ThrottlingException', message: 'slow' })).toMatchObject([
      { type: 'error', error: { kind: 'rate-limit', message: 'slow' } },
    ]);
  });

  test('with an empty message is an answer without blocks', () => {
    const body = {
      output: { message: { role: 'assistant', content: [] } },
      stopReason: 'end_turn',
      usage: { inputTokens: 1, outputTokens: 0 },
    };
    expect(dialect.readDocument(body)).toEqual([
      { type: 'start' },
      { type: 'usage', usage: { inputTokens: 1, outputTokens: 0 } },
      { type: 'finish', choice: 0, reason: 'stop', raw: 'end_turn' },
      { type: 'end' },
    ]);
  });

  test('tells reasoning with its signature, and redacted reasoning', () => {
    const content = [
      { reasoningContent: { reasoningText: { text: 'hm', signature: 's' } } },
      { reasoningContent: { redactedContent: 'QQ==' } },
      { text: 'Hi' },
    ];
    const body = {
      output: { message: { role: 'assistant', content } },
      stopReason: 'end_turn',
      usage: { inputTokens: 1, outputTokens: 2 },
    };
    const events = dialect.readDocument(body);
    expect(events.filter(({ type }) => type === 'reasoning-end')).toMatchObject([
      { signature: 's' },
      { redacted: 'QQ==' },
    ]);
    const written = dialect.writeDocument(events, { model: 'm', id: 'x', nowSeconds: 0, wantsUsage: true });
    expect(written['output']).toEqual(body.output);
  });
});

describe('usage', () => {
  const counts = {
    inputTokens: 10,
    outputTokens: 4,
    totalTokens: 7365,
    cacheReadInputTokens: 7000,
    cacheWriteInputTokens: 351,
  };

  test('counts what was cached in, and tells how long it lives', () => {
    const cacheDetails = [
      { ttl: '1h', inputTokens: 300 },
      { ttl: '5m', inputTokens: 51 },
    ];
    const usage = dialect.readUsage({ ...counts, cacheDetails });
    expect(usage).toEqual({
      inputTokens: 7361,
      outputTokens: 4,
      cachedInputTokens: 7000,
      cacheWriteTokens: 351,
      cacheWrite1hTokens: 300,
    });
    expect(dialect.writeUsage(usage ?? { inputTokens: 0, outputTokens: 0 })).toEqual({ ...counts, cacheDetails });
  });

  test('of zero is zero, and of nothing is nothing', () => {
    const zeros = { inputTokens: 0, outputTokens: 0, cacheReadInputTokens: 0, cacheWriteInputTokens: 0 };
    expect(dialect.readUsage(zeros)).toEqual({
      inputTokens: 0,
      outputTokens: 0,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
    });
    expect(dialect.readUsage({ metrics: 1 })).toBeUndefined();
  });
});

describe('an answer of another provider', () => {
  const context = {
    model: 'm',
    id: 'x',
    nowSeconds: 0,
    wantsUsage: true,
    toolNames: new Map([['a_b', 'a.b']]),
    toolCallIds: new Map([['call_2', '2']]),
    jsonTool: 'json_answer',
  };
  const events: ModelEvent[] = [
    { type: 'start', id: 'msg_1', serviceTier: 'flex' },
    { type: 'reasoning-start', choice: 0, block: 0 },
    { type: 'reasoning-delta', choice: 0, block: 0, text: 'hm' },
    { type: 'reasoning-end', choice: 0, block: 0, signature: 'foreign', boundTo: 'gemini' },
    { type: 'refusal-start', choice: 0, block: 1 },
    { type: 'refusal-delta', choice: 0, block: 1, text: 'No.' },
    { type: 'refusal-end', choice: 0, block: 1 },
    { type: 'tool-call-start', choice: 0, block: 2, id: 'call_2', name: 'a_b' },
    { type: 'tool-call-delta', choice: 0, block: 2, arguments: '{"x":1}' },
    { type: 'tool-call-end', choice: 0, block: 2 },
    { type: 'tool-call-start', choice: 0, block: 3, id: 'c', name: 'json_answer' },
    { type: 'tool-call-delta', choice: 0, block: 3, arguments: '{"a":2}' },
    { type: 'tool-call-end', choice: 0, block: 3 },
    { type: 'text-start', choice: 1, block: 0 },
    { type: 'usage', usage: { inputTokens: 9, outputTokens: 3, cachedInputTokens: 4 } },
    { type: 'finish', choice: 0, reason: 'tool-calls' },
    { type: 'end' },
  ];
  const told = {
    output: {
      message: {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: 'hm' } } },
          { text: 'No.' },
          { toolUse: { toolUseId: '2', name: 'a.b', input: { x: 1 } } },
          { text: '{"a":2}' },
        ],
      },
    },
    stopReason: 'tool_use',
    usage: { inputTokens: 5, outputTokens: 3, totalTokens: 12, cacheReadInputTokens: 4 },
    serviceTier: { type: 'flex' },
  };

  test('is written with the client’s own names, and another’s signature is not', () => {
    expect(dialect.writeDocument(events, context)).toEqual(told);
  });

  test('is the same answer in frames', () => {
    const writer = dialect.createWriter(context);
    const frames = events.map((event) => writer.write(event)).join('') + writer.finish();
    const again = readBytes(Buffer.from(frames, 'latin1'));
    expect(dialect.writeDocument(again, { model: 'm', id: 'x', nowSeconds: 0, wantsUsage: true })).toEqual(told);
  });

  test('that fails in the middle ends its frames with an exception', () => {
    const writer = dialect.createWriter(context);
    const error = { kind: 'overloaded' as const, status: 529, message: 'busy' };
    const frames = [...events.slice(0, 3), { type: 'error' as const, error }]
      .map((event) => writer.write(event))
      .join('');
    expect(writer.write({ type: 'end' }) + writer.finish()).toBe('');
    const again = readBytes(Buffer.from(frames, 'latin1'));
    expect(again.at(-1)).toMatchObject({ type: 'error', error: { kind: 'unavailable', status: 503, message: 'busy' } });
    expect(dialect.writeDocument([...events.slice(0, 3), { type: 'error', error }], context)).toEqual({
      __type: 'ServiceUnavailableException',
      message: 'busy',
      requestId: 'x',
    });
  });
});
