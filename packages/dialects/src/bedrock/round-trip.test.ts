import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ModelEvent } from '../events.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { Message, ModelRequest, Part } from '../request.ts';
import { bedrock as dialect } from './index.ts';

const settings = { seed: 20_261_120, numRuns: 200 };
const context = { model: 'm', id: 'id_0', nowSeconds: 0, wantsUsage: true };
const CLAUDE = 'anthropic.claude-haiku-4-5-20251001-v1:0';

const word = fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }).filter((text) => text.isWellFormed());
const visible = word.map((text) => `a${text}b`);
const args = fc.dictionary(fc.constantFrom('path', 'deep', 'ü'), fc.jsonValue({ maxDepth: 2 }));
const id = fc.oneof(fc.constantFrom('', 'call_0', 'call_1'), fc.string({ minLength: 1, maxLength: 90 }));
const mark = fc.constantFrom({}, { cache: {} }, { cache: { ttl: '1h' as const } });

const userPart: fc.Arbitrary<Part> = fc.oneof(
  fc.tuple(visible, mark).map(([text, cache]): Part => ({ type: 'text', text, ...cache })),
  fc.constant<Part>({ type: 'text', text: '' }),
  fc.constant<Part>({ type: 'image', source: { kind: 'base64', data: 'AA', mediaType: 'image/png' } }),
  fc.constant<Part>({ type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } }),
  word.map((filename): Part => ({ type: 'file', filename, source: { kind: 'text', text: 'x' } })),
);
const callPart: fc.Arbitrary<Part> = fc
  .tuple(id, fc.constantFrom('read', 'fs.write', 'ü', 'x'.repeat(80)), args)
  .map(([callId, name, value]) => ({ type: 'tool-call', id: callId, name, arguments: JSON.stringify(value) }));
const assistantPart: fc.Arbitrary<Part> = fc.oneof(
  visible.map((text): Part => ({ type: 'text', text })),
  visible.map((text): Part => ({ type: 'reasoning', text })),
  visible.map((text): Part => ({ type: 'reasoning', text, signature: text, boundTo: 'bedrock' })),
  fc.constant<Part>({ type: 'text', text: ' \n' }),
  callPart,
);
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.array(userPart, { maxLength: 3 }).map((parts): Message => ({ role: 'user', parts })),
  fc.array(assistantPart, { maxLength: 4 }).map((parts): Message => ({ role: 'assistant', parts })),
  visible.map((text): Message => ({ role: 'system', parts: [{ type: 'text', text }] })),
  fc.tuple(id, visible, mark).map(
    ([callId, text, cache]): Message => ({
      role: 'tool',
      parts: [{ type: 'tool-result', callId, parts: [{ type: 'text', text }], ...cache }],
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

const blocksOf = (turn: JsonObject | undefined) => (turn?.['content'] ?? []) as JsonObject[];
const inside = (blocks: JsonObject[], name: string) =>
  blocks.flatMap((block) => (isObject(block[name]) ? [block[name]] : []));

test('whatever the conversation, what is sent keeps the rules of the API', () => {
  fc.assert(
    fc.property(conversation, (messages) => {
      const { body, toolNames, toolCallIds } = dialect.writeRequest(ask(messages), {
        model: CLAUDE,
        reasoning: 'budget',
      });
      const turns = body['messages'] as JsonObject[];
      const seen = new Set<unknown>();
      const names = new Set<unknown>();
      for (const [index, turn] of turns.entries()) {
        const blocks = blocksOf(turn);
        expect(turn['role']).toBe(index % 2 === 0 ? 'user' : 'assistant');
        expect(blocks.length).toBeGreaterThan(0);
        for (const { text } of blocks) if (typeof text === 'string') expect(text.trim()).not.toBe('');
        for (const { reasoningText } of inside(blocks, 'reasoningContent'))
          expect(reasoningText).toHaveProperty('signature');
        for (const { name } of inside(blocks, 'document')) {
          expect(name).toMatch(/^[a-zA-Z0-9\-()[\] ]{1,210}$/);
          expect(names.has(name)).toBe(false);
          names.add(name);
        }
        if (inside(blocks, 'document').length > 0) expect(blocks.some(({ text }) => text !== undefined)).toBe(true);
        for (const { toolUseId, name } of inside(blocks, 'toolUse')) {
          expect(toolUseId).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
          expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
          expect(seen.has(toolUseId)).toBe(false);
          seen.add(toolUseId);
        }
        const calls = inside(blocksOf(turns[index - 1]), 'toolUse').map(({ toolUseId }) => toolUseId);
        expect(inside(blocks, 'toolResult').map(({ toolUseId }) => toolUseId)).toEqual(calls);
        const firstOther = blocks.findIndex(
          ({ toolResult, cachePoint }) => toolResult === undefined && cachePoint === undefined,
        );
        const lastResult = blocks.findLastIndex(({ toolResult }) => toolResult !== undefined);
        if (firstOther !== -1) expect(lastResult).toBeLessThan(firstOther);
      }
      expect(inside(blocksOf(turns.at(-1)), 'toolUse')).toEqual([]);
      expect(body['toolConfig'] !== undefined).toBe(seen.size > 0);
      expect(JSON.stringify(body).split('"cachePoint":').length - 1).toBeLessThanOrEqual(4);
      const own = new Set(
        messages.flatMap(({ parts }) =>
          parts.flatMap((part) => (part.type === 'tool-call' ? [part.id, part.name] : [])),
        ),
      );
      for (const said of [...(toolNames?.values() ?? []), ...(toolCallIds?.values() ?? [])])
        expect(own.has(said)).toBe(true);
    }),
    settings,
  );
});

test('a request of this dialect, read and written, is read the same', () => {
  fc.assert(
    fc.property(conversation, (messages) => {
      const { body } = dialect.writeRequest(ask(messages), { model: CLAUDE, reasoning: 'adaptive' });
      const written = dialect.writeRequest(dialect.readRequest(body), { model: CLAUDE });
      expect(JSON.stringify(written.body)).toBe(JSON.stringify(body));
      expect(written.receipt).toEqual({ dropped: [], changed: [] });
    }),
    settings,
  );
});

test('the turns before are the same bytes, however the conversation goes on', () => {
  fc.assert(
    fc.property(conversation, visible, (messages, more) => {
      const traits = { model: CLAUDE };
      const longer: Message[] = [...messages, { role: 'user', parts: [{ type: 'text', text: more }] }];
      const plain = (list: Message[]) =>
        list.map((said) => ({
          ...said,
          parts: said.parts.map((part) => ({ ...part, cache: undefined }) as unknown as Part),
        }));
      const turnsOf = (list: Message[]) =>
        dialect.writeRequest(ask(plain(list)), traits).body['messages'] as JsonObject[];
      const before = turnsOf(messages);
      // The last turn, and white space at its end, may yet be added to.
      const settled = before.slice(0, -2);
      expect(JSON.stringify(turnsOf(longer).slice(0, settled.length))).toBe(JSON.stringify(settled));
    }),
    settings,
  );
});

interface Block {
  kind: 'text' | 'reasoning' | 'call';
  pieces: string[];
}

const pieces = fc.array(word, { minLength: 1, maxLength: 4 });
const block: fc.Arbitrary<Block> = fc.oneof(
  pieces.map((told): Block => ({ kind: 'text', pieces: told })),
  pieces.map((told): Block => ({ kind: 'reasoning', pieces: told })),
  fc.tuple(args, fc.nat(5)).map(([value, at]): Block => {
    const text = JSON.stringify(value);
    return { kind: 'call', pieces: [text.slice(0, at), text.slice(at)].filter((piece) => piece !== '') };
  }),
);

function eventsOf({ kind, pieces: told }: Block, number: number): ModelEvent[] {
  const at = { choice: 0, block: number };
  if (kind === 'text') {
    return [
      { type: 'text-start', ...at },
      ...told.map((text): ModelEvent => ({ type: 'text-delta', ...at, text })),
      { type: 'text-end', ...at },
    ];
  }
  if (kind === 'call') {
    return [
      { type: 'tool-call-start', ...at, id: `call_${number}`, name: 'read' },
      ...told.map((piece): ModelEvent => ({ type: 'tool-call-delta', ...at, arguments: piece })),
      { type: 'tool-call-end', ...at },
    ];
  }
  return [
    { type: 'reasoning-start', ...at },
    ...told.map((text): ModelEvent => ({ type: 'reasoning-delta', ...at, text })),
    { type: 'reasoning-end', ...at, signature: 's', boundTo: 'bedrock' },
  ];
}

test('an answer in frames, cut in three anywhere, is the same events, and the same document', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 4 }), fc.nat(), fc.nat(), (blocks, one, two) => {
      const events: ModelEvent[] = [
        { type: 'start' },
        ...blocks.flatMap(eventsOf),
        { type: 'usage', usage: { inputTokens: 3, cachedInputTokens: 1, cacheWriteTokens: 0, outputTokens: 2 } },
        { type: 'finish', choice: 0, reason: 'length', raw: 'max_tokens' },
        { type: 'end' },
      ];
      const writer = dialect.createWriter(context);
      const bytes = Buffer.from(events.map((event) => writer.write(event)).join('') + writer.finish(), 'latin1');
      const [first = 0, second = 0] = [one % bytes.length, two % bytes.length].toSorted((a, b) => a - b);
      const reader = dialect.createReader();
      const cut = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
      expect([...cut.flatMap((piece) => reader.push(piece)), ...reader.finish()]).toEqual(events);
      const document = dialect.writeDocument(events, context);
      expect(dialect.writeDocument(dialect.readDocument(document), context)).toEqual(document);
    }),
    settings,
  );
});
