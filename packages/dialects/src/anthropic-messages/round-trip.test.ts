import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import type { Message, ModelRequest, Part } from '../request.ts';
import { anthropicMessages as dialect } from './index.ts';

const settings = { seed: 20_261_120, numRuns: 200 };
const context = { model: 'm', id: 'msg_0', nowSeconds: 0, wantsUsage: true };

const word = fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }).filter((text) => text.isWellFormed());
const visible = word.map((text) => `a${text}b`);
const args = fc.dictionary(fc.constantFrom('path', 'deep', 'ü'), fc.jsonValue({ maxDepth: 2 }));
const id = fc.oneof(fc.constantFrom('', 'call_0', 'call_1'), fc.string({ minLength: 1, maxLength: 6 }));

const userPart: fc.Arbitrary<Part> = fc.oneof(
  visible.map((text): Part => ({ type: 'text', text })),
  fc.constant<Part>({ type: 'text', text: '' }),
  fc.constant<Part>({ type: 'image', source: { kind: 'base64', data: 'AA', mediaType: 'image/png' } }),
  fc.constant<Part>({ type: 'audio', source: { kind: 'base64', data: 'AA', mediaType: 'audio/wav' } }),
);
const callPart: fc.Arbitrary<Part> = fc
  .tuple(id, fc.constantFrom('read', 'fs.write', 'ü'), args)
  .map(([callId, name, value]) => ({ type: 'tool-call', id: callId, name, arguments: JSON.stringify(value) }));
const assistantPart: fc.Arbitrary<Part> = fc.oneof(
  visible.map((text): Part => ({ type: 'text', text })),
  visible.map((text): Part => ({ type: 'reasoning', text })),
  visible.map((text): Part => ({ type: 'reasoning', text, signature: text, boundTo: 'anthropic-messages' })),
  fc.constant<Part>({ type: 'text', text: ' \n' }),
  callPart,
);
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.array(userPart, { maxLength: 3 }).map((parts): Message => ({ role: 'user', parts })),
  fc.array(assistantPart, { maxLength: 4 }).map((parts): Message => ({ role: 'assistant', parts })),
  visible.map((text): Message => ({ role: 'system', parts: [{ type: 'text', text }] })),
  fc.tuple(id, visible).map(
    ([callId, text]): Message => ({
      role: 'tool',
      parts: [{ type: 'tool-result', callId, parts: [{ type: 'text', text }] }],
    }),
  ),
);
/** Half of the calls are answered in their place, half by chance or never. */
const conversation = fc.array(fc.tuple(message, fc.boolean()), { minLength: 1, maxLength: 8 }).map((entries) =>
  entries.flatMap(([said, isAnswered]): Message[] => {
    const calls = said.parts.filter((part) => part.type === 'tool-call');
    if (!isAnswered || calls.length === 0) return [said];
    const results = calls.map((call): Part => ({ type: 'tool-result', callId: call.id, parts: [] }));
    return [said, { role: 'tool', parts: results }];
  }),
);

function ask(messages: Message[]): ModelRequest {
  const reasoning = { effort: 'low' as const };
  return { model: 'm', stream: true, messages, tools: [], origin: 'openai-chat', extras: {}, unread: [], reasoning };
}

const blocksOf = ({ content }: JsonObject) =>
  (typeof content === 'string' ? [{ type: 'text', text: content }] : content) as JsonObject[];

test('whatever the conversation, what is sent keeps the rules of the API', () => {
  fc.assert(
    fc.property(conversation, (messages) => {
      const { body } = dialect.writeRequest(ask(messages), { model: 'm', reasoning: 'budget' });
      const turns = body['messages'] as JsonObject[];
      expect(turns[0]?.['role']).toBe('user');
      const seen = new Set<unknown>();
      for (const [index, turn] of turns.entries()) {
        const blocks = blocksOf(turn);
        expect(blocks.length).toBeGreaterThan(0);
        expect(turn['role']).toBe(index % 2 === 0 ? 'user' : 'assistant');
        for (const block of blocks) {
          if (block['type'] === 'text') expect(String(block['text']).trim()).not.toBe('');
          if (block['type'] === 'thinking') expect(String(block['signature'])).not.toBe('');
          if (block['type'] !== 'tool_use') continue;
          expect(block['id']).toMatch(/^[a-zA-Z0-9_-]+$/);
          expect(block['name']).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
          expect(seen.has(block['id'])).toBe(false);
          seen.add(block['id']);
        }
        const before = turns[index - 1];
        const calls = before === undefined ? [] : blocksOf(before).filter(({ type }) => type === 'tool_use');
        const results = blocks.slice(0, calls.length).map((block) => block['tool_use_id']);
        expect(results).toEqual(calls.map((call) => call['id']));
        expect(blocks.slice(calls.length).every(({ type }) => type !== 'tool_result')).toBe(true);
      }
      expect(blocksOf(turns.at(-1) ?? {}).some(({ type }) => type === 'tool_use')).toBe(false);
      if (seen.size > 0) expect(body['tools']).not.toEqual([]);
    }),
    settings,
  );
});

test('a request of this dialect, read and written, is read the same', () => {
  fc.assert(
    fc.property(conversation, (messages) => {
      const { body } = dialect.writeRequest(ask(messages), { model: 'm', reasoning: 'adaptive' });
      const request = dialect.readRequest(body);
      const written = dialect.writeRequest(request, { model: 'm' });
      expect(written.body).toEqual(body);
      expect(JSON.stringify(written.body)).toBe(JSON.stringify(body));
      expect(written.receipt).toEqual({ dropped: [], changed: [] });
    }),
    settings,
  );
});

interface Block {
  kind: 'text' | 'reasoning' | 'call';
  pieces: string[];
}

const block: fc.Arbitrary<Block> = fc.oneof(
  fc.array(word, { minLength: 1, maxLength: 4 }).map((pieces): Block => ({ kind: 'text', pieces })),
  fc.array(word, { minLength: 1, maxLength: 4 }).map((pieces): Block => ({ kind: 'reasoning', pieces })),
  fc.tuple(args, fc.nat(5)).map(([value, at]): Block => {
    const text = JSON.stringify(value);
    return { kind: 'call', pieces: [text.slice(0, at), text.slice(at)] };
  }),
);

function eventsOf({ kind, pieces }: Block, number: number): ModelEvent[] {
  const at = { choice: 0, block: number };
  if (kind === 'text') {
    return [
      { type: 'text-start', ...at },
      ...pieces.map((text): ModelEvent => ({ type: 'text-delta', ...at, text })),
      { type: 'text-end', ...at },
    ];
  }
  if (kind === 'call') {
    return [
      { type: 'tool-call-start', ...at, id: `call_${number}`, name: 'read' },
      ...pieces.map((piece): ModelEvent => ({ type: 'tool-call-delta', ...at, arguments: piece })),
      { type: 'tool-call-end', ...at },
    ];
  }
  return [
    { type: 'reasoning-start', ...at },
    ...pieces.map((text): ModelEvent => ({ type: 'reasoning-delta', ...at, text })),
    { type: 'reasoning-end', ...at, signature: 's', boundTo: 'anthropic-messages' },
  ];
}

/** The events of several blocks, shuffled among the blocks and in order within each. */
function interleaved(blocks: Block[], choices: number[]): ModelEvent[] {
  const rows = blocks.map(eventsOf);
  const begun = rows.flatMap((row) => row.splice(0, 1));
  const events: ModelEvent[] = [...begun];
  for (let turn = 0; rows.some((row) => row.length > 0); turn += 1) {
    const live = rows.filter((row) => row.length > 0);
    const row = live[(choices[turn % choices.length] ?? 0) % live.length];
    events.push(...(row?.splice(0, 1) ?? []));
  }
  return events;
}

/** What each block says, by kind. */
function saidIn(events: ModelEvent[]): [string, string][] {
  const said = new Map<number, [string, string]>();
  for (const event of events) {
    if (!('block' in event)) continue;
    if (event.type.endsWith('-start')) said.set(event.block, [event.type, '']);
    const entry = said.get(event.block);
    if (entry === undefined) continue;
    if (event.type === 'text-delta' || event.type === 'reasoning-delta') entry[1] += event.text;
    if (event.type === 'tool-call-delta') entry[1] += event.arguments;
  }
  return [...said.values()];
}

test('blocks that overlap in any way are told whole and in order, streamed or not', () => {
  const choices = fc.array(fc.nat(7), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 4 }), choices, fc.nat(), (blocks, order, cut) => {
      const events: ModelEvent[] = [
        { type: 'start', id: 'msg_1' },
        ...interleaved(blocks, order),
        { type: 'usage', usage: { inputTokens: 3, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 2 } },
        { type: 'finish', choice: 0, reason: 'length', raw: 'max_tokens' },
        { type: 'end' },
      ];
      const writer = dialect.createWriter(context);
      const bytes = Buffer.from(events.map((event) => writer.write(event)).join('') + writer.finish());
      const reader = dialect.createReader();
      const at = cut % bytes.length;
      const again = [...reader.push(bytes.subarray(0, at)), ...reader.push(bytes.subarray(at)), ...reader.finish()];
      expect(saidIn(again)).toEqual(saidIn(events));
      expect(again.slice(-2)).toEqual(events.slice(-2));
      expect(saidIn(dialect.readDocument(dialect.writeDocument(events, context)))).toEqual(saidIn(events));
    }),
    settings,
  );
});
