import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReplyContext } from '../dialect.ts';
import type { FinishReason, ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { collectResponse, openaiResponses as dialect } from './index.ts';
import { readSeal } from './seal.ts';

const plain: ReplyContext = { model: 'asked', id: 'call_7', nowSeconds: 1_700_000_000, wantsUsage: true };
const encrypted: ReplyContext = {
  ...plain,
  request: dialect.readRequest({ model: 'asked', input: 'Hi', include: ['reasoning.encrypted_content'] }),
};

const at = (block: number) => ({ choice: 0, block });
const text = (block: number, ...pieces: string[]): ModelEvent[] => [
  { type: 'text-start', ...at(block) },
  ...pieces.map((piece): ModelEvent => ({ type: 'text-delta', ...at(block), text: piece })),
  { type: 'text-end', ...at(block) },
];
const call = (block: number, name: string, ...pieces: string[]): ModelEvent[] => [
  { type: 'tool-call-start', ...at(block), id: `toolu_${block}`, name },
  ...pieces.map((piece): ModelEvent => ({ type: 'tool-call-delta', ...at(block), arguments: piece })),
  { type: 'tool-call-end', ...at(block) },
];
const ending = (reason: FinishReason = 'stop'): ModelEvent[] => [
  { type: 'usage', usage: { inputTokens: 10, outputTokens: 5, cachedInputTokens: 4 } },
  { type: 'finish', choice: 0, reason },
  { type: 'end' },
];
const start: ModelEvent = { type: 'start', id: 'msg_upstream', model: 'claude' };

function framesOf(events: ModelEvent[], context = plain): JsonObject[] {
  const writer = dialect.createWriter(context);
  const written = events.map((event) => writer.write(event)).join('') + writer.finish();
  return written
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [event, data] = frame.split('\n');
      const parsed = JSON.parse(data?.slice('data: '.length) ?? '') as JsonObject;
      expect(event).toBe(`event: ${String(parsed['type'])}`);
      return parsed;
    });
}

const typesOf = (frames: JsonObject[]) => frames.map((frame) => String(frame['type']).replace('response.', ''));
const outputOf = (response: JsonObject) => response['output'] as JsonObject[];

test('text is told in the order of OpenAI, numbered from zero, with one id throughout', () => {
  const frames = framesOf([start, ...text(0, 'Hel', 'lo'), ...ending()]);
  expect(typesOf(frames)).toEqual([
    'created',
    'in_progress',
    'output_item.added',
    'content_part.added',
    'output_text.delta',
    'output_text.delta',
    'output_text.done',
    'content_part.done',
    'output_item.done',
    'completed',
  ]);
  expect(frames.map((frame) => frame['sequence_number'])).toEqual(frames.map((_, index) => index));
  const ids = frames.flatMap((frame) => (typeof frame['item_id'] === 'string' ? [frame['item_id']] : []));
  expect(new Set(ids).size).toBe(1);
  expect(ids[0]).toMatch(/^msg_/);
});

test('reasoning, text and calls each are an item with its own prefix', () => {
  const events: ModelEvent[] = [
    start,
    { type: 'reasoning-start', ...at(0) },
    { type: 'reasoning-delta', ...at(0), text: 'Hm' },
    { type: 'reasoning-end', ...at(0) },
    ...text(1, 'Let me look.'),
    ...call(2, 'look', '{"a"', ':1}'),
    ...ending('tool-calls'),
  ];
  expect(typesOf(framesOf(events)).slice(2, -1)).toEqual([
    'output_item.added',
    'reasoning_summary_part.added',
    'reasoning_summary_text.delta',
    'reasoning_summary_text.done',
    'reasoning_summary_part.done',
    'output_item.done',
    'output_item.added',
    'content_part.added',
    'output_text.delta',
    'output_text.done',
    'content_part.done',
    'output_item.done',
    'output_item.added',
    'function_call_arguments.delta',
    'function_call_arguments.delta',
    'function_call_arguments.done',
    'output_item.done',
  ]);
  const output = outputOf(dialect.writeDocument(events, plain));
  expect(output.map(({ id }) => String(id).slice(0, 3))).toEqual(['rs_', 'msg', 'fc_']);
  expect(output[2]).toMatchObject({ call_id: 'toolu_2', name: 'look', arguments: '{"a":1}', status: 'completed' });
});

test('the stream ends with the very response that a document would be', () => {
  const events = [start, ...text(0, 'Hi'), ...call(1, 'f', '{}'), ...ending('tool-calls')];
  const last = framesOf(events, encrypted).at(-1);
  expect(last?.['response']).toEqual(dialect.writeDocument(events, encrypted));
});

test('the response says back what the client asked for, and its usage is integers with both details', () => {
  const request = dialect.readRequest({
    model: 'asked',
    instructions: 'Be kind.',
    input: 'Hi',
    tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: false }, { type: 'web_search' }],
    tool_choice: { type: 'function', name: 'f' },
    temperature: 0.3,
    metadata: { a: 'b' },
    reasoning: { effort: 'low' },
    text: { format: { type: 'json_object' }, verbosity: 'low' },
    truncation: 'auto',
    store: false,
    max_output_tokens: 99,
    previous_response_id: 'resp_before',
  });
  const response = dialect.writeDocument([start, ...text(0, 'Hi'), ...ending()], { ...plain, request });
  expect(response).toMatchObject({
    id: 'resp_call_7',
    object: 'response',
    created_at: 1_700_000_000,
    status: 'completed',
    error: null,
    incomplete_details: null,
    model: 'asked',
    instructions: 'Be kind.',
    max_output_tokens: 99,
    metadata: { a: 'b' },
    parallel_tool_calls: true,
    previous_response_id: 'resp_before',
    reasoning: { effort: 'low', summary: null },
    store: false,
    temperature: 0.3,
    text: { format: { type: 'json_object' }, verbosity: 'low' },
    tool_choice: { type: 'function', name: 'f' },
    tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: false }, { type: 'web_search' }],
    top_p: 1,
    truncation: 'auto',
    usage: {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 15,
    },
  });
});

test('an answer cut off at its limit is incomplete, and so is the item it was cut off in', () => {
  const events = [start, ...text(0, 'Hi'), ...call(1, 'f', '{"a"'), ...ending('length')];
  const frames = framesOf(events);
  expect(frames.at(-1)).toMatchObject({
    type: 'response.incomplete',
    response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
  });
  const done = frames
    .filter(({ type }) => type === 'response.output_item.done')
    .map(({ item }) => (item as JsonObject)['status']);
  expect(done).toEqual(['completed', 'incomplete']);
});

test('a content filter is incomplete too, and a call that cannot be read is a failure', () => {
  expect(dialect.writeDocument([start, ...ending('content-filter')], plain)).toMatchObject({
    status: 'incomplete',
    incomplete_details: { reason: 'content_filter' },
  });
  expect(dialect.writeDocument([start, ...ending('malformed-tool-call')], plain)).toMatchObject({
    status: 'failed',
    error: { code: 'server_error' },
  });
});

test('without an end nothing that completes is written', () => {
  const cut = [start, ...text(0, 'Hi')];
  expect(typesOf(framesOf(cut))).not.toContain('completed');
  expect(collectResponse(cut, plain)).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
});

test('an error ends the stream with error and response.failed, and nothing follows', () => {
  const error: ModelEvent = {
    type: 'error',
    error: { kind: 'rate-limit', status: 429, message: 'Slow down.', retryAfterSeconds: 12.3 },
  };
  const frames = framesOf([start, ...text(0, 'Hi'), error, { type: 'end' }]);
  expect(typesOf(frames).slice(-2)).toEqual(['error', 'failed']);
  expect(frames.at(-1)).toMatchObject({
    sequence_number: frames.length - 1,
    response: {
      id: 'resp_call_7',
      status: 'failed',
      error: { code: 'rate_limit_exceeded', message: 'Slow down. Please try again in 12.3s.' },
    },
  });
});

test('neighbouring text blocks are parts of one message, and a call between them makes two', () => {
  const output = outputOf(
    dialect.writeDocument(
      [start, ...text(0, 'A'), ...text(1, 'B'), ...call(2, 'f'), ...text(3, 'C'), ...ending()],
      plain,
    ),
  );
  expect(output.map(({ type, content }) => [type, (content as JsonObject[] | undefined)?.length])).toEqual([
    ['message', 2],
    ['function_call', undefined],
    ['message', 1],
  ]);
});

test('a call without arguments has an empty object, told as a delta and as a whole', () => {
  const frames = framesOf([start, ...call(0, 'f'), ...ending()]);
  expect(frames.find(({ type }) => type === 'response.function_call_arguments.delta')?.['delta']).toBe('{}');
  expect(frames.find(({ type }) => type === 'response.function_call_arguments.done')?.['arguments']).toBe('{}');
});

test('overlapping calls keep apart by output_index', () => {
  const events: ModelEvent[] = [
    start,
    { type: 'tool-call-start', ...at(0), id: 'a', name: 'f' },
    { type: 'tool-call-start', ...at(1), id: 'b', name: 'g' },
    { type: 'tool-call-delta', ...at(1), arguments: '{"g":1}' },
    { type: 'tool-call-delta', ...at(0), arguments: '{"f":1}' },
    { type: 'tool-call-end', ...at(1) },
    { type: 'tool-call-end', ...at(0) },
    ...ending('tool-calls'),
  ];
  const deltas = framesOf(events).filter(({ type }) => type === 'response.function_call_arguments.delta');
  expect(deltas.map(({ output_index, delta }) => [output_index, delta])).toEqual([
    [1, '{"g":1}'],
    [0, '{"f":1}'],
  ]);
  expect(outputOf(dialect.writeDocument(events, plain)).map((item) => item['arguments'])).toEqual([
    '{"f":1}',
    '{"g":1}',
  ]);
});

test('names and ids that were rewritten for the provider are the client’s own again', () => {
  const context = { ...plain, toolNames: new Map([['f', 'my.tool']]), toolCallIds: new Map([['toolu_0', 'own']]) };
  expect(outputOf(dialect.writeDocument([start, ...call(0, 'f'), ...ending()], context))[0]).toMatchObject({
    name: 'my.tool',
    call_id: 'own',
  });
});

test('the tool that stands for JSON output is told as text', () => {
  const response = dialect.writeDocument([start, ...call(0, 'json', '{"a":1}'), ...ending()], {
    ...plain,
    jsonTool: 'json',
  });
  expect(outputOf(response)[0]).toMatchObject({ type: 'message', content: [{ type: 'output_text', text: '{"a":1}' }] });
});

test('a custom tool that the provider knew as a function is a custom call again', () => {
  const request = dialect.readRequest({ model: 'm', input: 'Hi', tools: [{ type: 'custom', name: 'patch' }] });
  const events = [start, ...call(0, 'patch', '{"inp', 'ut":"*** Begin"}'), ...ending()];
  const response = dialect.writeDocument(events, { ...plain, request });
  expect(outputOf(response)[0]).toMatchObject({ type: 'custom_tool_call', name: 'patch', input: '*** Begin' });
});

const thinking: ModelEvent[] = [
  { type: 'reasoning-start', ...at(0) },
  { type: 'reasoning-delta', ...at(0), text: 'Hm' },
  { type: 'reasoning-end', ...at(0), signature: 'sig==', boundTo: 'anthropic-messages' },
];

test('a signature of another provider travels in encrypted_content and comes back with its text', () => {
  const response = dialect.writeDocument([start, ...thinking, ...text(1, 'Hi'), ...ending()], encrypted);
  const [reasoning] = outputOf(response);
  expect(reasoning).toMatchObject({ summary: [{ type: 'summary_text', text: 'Hm' }] });
  const next = dialect.readRequest({
    model: 'm',
    input: [
      { ...reasoning, summary: [] },
      { role: 'user', content: 'On' },
    ],
  });
  expect(next.messages[0]?.parts[0]).toMatchObject({
    type: 'reasoning',
    text: 'Hm',
    signature: 'sig==',
    boundTo: 'anthropic-messages',
  });
});

test('redacted reasoning travels the same way', () => {
  const redacted: ModelEvent[] = [
    { type: 'reasoning-start', ...at(0) },
    { type: 'reasoning-end', ...at(0), redacted: 'blob', boundTo: 'anthropic-messages' },
  ];
  const [item] = outputOf(dialect.writeDocument([start, ...redacted, ...ending()], encrypted));
  expect(readSeal(String(item?.['encrypted_content']))).toEqual({ boundTo: 'anthropic-messages', redacted: 'blob' });
});

test('a thought signature of a call follows it and is given back to the call', () => {
  const events: ModelEvent[] = [
    start,
    ...call(0, 'f', '{}').slice(0, -1),
    { type: 'tool-call-end', ...at(0), signature: 'ts' },
    ...ending(),
  ];
  const output = outputOf(dialect.writeDocument(events, encrypted));
  expect(output.map(({ type }) => type)).toEqual(['function_call', 'reasoning']);
  const next = dialect.readRequest({
    model: 'm',
    input: [...output, { type: 'function_call_output', call_id: 'toolu_0', output: 'ok' }],
  });
  expect(next.messages[0]?.parts).toEqual([expect.objectContaining({ type: 'tool-call', signature: 'ts' })]);
});

test('a thought signature of a text is given back to the text', () => {
  const events: ModelEvent[] = [
    start,
    ...text(0, 'Hi').slice(0, -1),
    { type: 'text-end', ...at(0), signature: 'ts' },
    ...text(1, 'Ho'),
    ...ending(),
  ];
  const output = outputOf(dialect.writeDocument(events, encrypted));
  const next = dialect.readRequest({ model: 'm', input: output });
  const parts = next.messages[0]?.parts.map((part) =>
    part.type === 'text' ? [part.text, part.signature] : [part.type],
  );
  expect(parts).toEqual([
    ['Hi', 'ts'],
    ['Ho', undefined],
  ]);
});

test('secrets are left out unless the client asked, but can be kept for storing', () => {
  const events = [start, ...thinking, ...ending()];
  expect(outputOf(dialect.writeDocument(events, plain))[0]).not.toHaveProperty('encrypted_content');
  expect(outputOf(collectResponse(events, plain, { withEncrypted: true }))[0]).toHaveProperty('encrypted_content');
});

test('citations of other dialects are url_citations', () => {
  const citation = { url: 'https://a.example', title: 'A', origin: 'anthropic-messages', value: {} } as const;
  const events: ModelEvent[] = [
    start,
    ...text(0, 'Hello').slice(0, -1),
    { type: 'citation', ...at(0), citation },
    { type: 'text-end', ...at(0) },
    ...ending(),
  ];
  const expected = { type: 'url_citation', url: 'https://a.example', title: 'A', start_index: 0, end_index: 5 };
  expect(framesOf(events).find(({ type }) => type === 'response.output_text.annotation.added')).toMatchObject({
    annotation_index: 0,
    annotation: expected,
  });
  expect(outputOf(dialect.writeDocument(events, plain))[0]).toMatchObject({ content: [{ annotations: [expected] }] });
});

test('a refusal that the provider tells only as its reason is a refusal the client can see', () => {
  const events: ModelEvent[] = [
    start,
    { type: 'finish', choice: 0, reason: 'refusal', message: 'Not that.' },
    { type: 'end' },
  ];
  expect(outputOf(dialect.writeDocument(events, plain))[0]).toMatchObject({
    content: [{ type: 'refusal', refusal: 'Not that.' }],
  });
});

test('usage told twice is replaced field by field and never summed', () => {
  const events: ModelEvent[] = [
    start,
    { type: 'usage', usage: { inputTokens: 10, outputTokens: 1, cachedInputTokens: 4 } },
    { type: 'usage', usage: { inputTokens: 10, outputTokens: 7 } },
    { type: 'finish', choice: 0, reason: 'stop' },
    { type: 'end' },
  ];
  expect(dialect.writeDocument(events, plain)['usage']).toMatchObject({
    output_tokens: 7,
    total_tokens: 17,
    input_tokens_details: { cached_tokens: 4 },
  });
});

test('further choices are not mixed into the answer', () => {
  const other = text(5, 'other').map((event) => ({ ...event, choice: 1 }) as ModelEvent);
  expect(outputOf(dialect.writeDocument([start, ...text(0, 'one'), ...other, ...ending()], plain))).toHaveLength(1);
});

const piece = fc.string({ unit: 'grapheme', maxLength: 12 });
const somePiece = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const block = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), pieces: fc.array(piece, { minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: fc.constant('reasoning' as const), pieces: fc.array(somePiece, { minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: fc.constant('call' as const), pieces: fc.array(piece, { maxLength: 4 }) }),
);

test('whatever is said in any order of blocks is read again as it was written', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 6 }), fc.boolean(), (blocks, overlap) => {
      const rows = blocks.map(({ kind, pieces }, index): ModelEvent[] => {
        if (kind === 'text') return text(index, ...pieces);
        if (kind === 'call') return call(index, `f${index}`, ...pieces);
        return [
          { type: 'reasoning-start', ...at(index) },
          ...pieces.map((text): ModelEvent => ({ type: 'reasoning-delta', ...at(index), text })),
          { type: 'reasoning-end', ...at(index), signature: `s${index}`, boundTo: 'anthropic-messages' },
        ];
      });
      const body = overlap ? interleaved(rows) : rows.flat();
      const events = [start, ...body, ...ending('tool-calls')];
      const frames = framesOf(events, encrypted);
      const reader = dialect.createReader();
      const bytes = Buffer.from(frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join(''));
      const again = [...reader.push(bytes), ...reader.finish()];
      // A block of reasoning is told with its first text, so blocks that overlap may begin in another order.
      const told = overlap ? sorted : saidBy;
      expect(told(again)).toEqual(told(events));
      expect(saidBy(dialect.readDocument(dialect.writeDocument(events, encrypted)))).toEqual(saidBy(events));
      expect(again.at(-1)?.type).toBe('end');
    }),
    { seed: 20_261_120, numRuns: 150 },
  );
});

/** One event of each row in turn. */
function interleaved(rows: ModelEvent[][]): ModelEvent[] {
  const longest = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: longest }, (_, index) => rows.flatMap((row) => row[index] ?? [])).flat();
}

function sorted(events: ModelEvent[]): string[] {
  return saidBy(events)
    .map((said) => JSON.stringify(said, Object.keys(said).sort()))
    .sort();
}

/** The text of each kind of block, in the order in which they began; empty arguments are an empty object. */
function saidBy(events: ModelEvent[]) {
  const blocks = new Map<number, { kind: string; text: string; signature?: string | undefined }>();
  for (const event of events) {
    if (!('block' in event)) continue;
    const known = blocks.get(event.block);
    if (event.type.endsWith('-start')) blocks.set(event.block, { kind: event.type, text: '' });
    else if ('text' in event && known) known.text += event.text;
    else if ('arguments' in event && known) known.text += event.arguments;
    else if (event.type === 'reasoning-end' && known) known.signature = event.signature;
  }
  return [...blocks.values()].map((said) =>
    said.kind === 'tool-call-start' ? { ...said, text: said.text || '{}' } : said,
  );
}

test('the frames of a text piece are valid JSON for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (any) => {
      const frames = framesOf([start, ...text(0, any)]);
      expect(frames.find(({ type }) => type === 'response.output_text.delta')).toSatisfy(
        (frame) => isObject(frame) && (frame['delta'] === any || !any.isWellFormed()),
      );
    }),
    { seed: 20_261_120, numRuns: 100 },
  );
});
