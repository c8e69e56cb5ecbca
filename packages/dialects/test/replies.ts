import fc from 'fast-check';
import type { DialectName, ModelEvent, ReplyContext, Usage } from '../src/index.ts';
import { dialects } from '../src/index.ts';

export interface ToldReply {
  reasoning: string | undefined;
  texts: string[];
  calls: { id: string; name: string; arguments: string }[];
  usage: Usage;
  reason: 'stop' | 'length' | 'tool-calls';
}

const words = fc.stringMatching(/^[a-z ß漢😀"\\\n<>{}]{1,20}$/u).filter((text) => text.trim() !== '');

/** Answers as any provider may give them: reasoning, texts, several calls at once, and their counts. */
export const replies: fc.Arbitrary<ToldReply> = fc
  .record({
    reasoning: fc.option(words, { nil: undefined }),
    texts: fc.array(words, { maxLength: 2 }),
    calls: fc.array(fc.tuple(fc.constantFrom('look', 'read_file'), fc.jsonValue({ maxDepth: 2 })), { maxLength: 3 }),
    input: fc.nat(1000),
    cached: fc.nat(100),
    output: fc.nat(1000),
    isCut: fc.boolean(),
  })
  .map(({ reasoning, texts, calls, input, cached, output, isCut }) => ({
    reasoning,
    texts: texts.length + calls.length === 0 ? ['Yes.'] : texts,
    calls: calls.map(([name, value], at) => ({ id: `call_${at}`, name, arguments: JSON.stringify({ value }) })),
    usage: { inputTokens: input + cached, outputTokens: output, cachedInputTokens: cached },
    reason: isCut ? 'length' : calls.length > 0 ? 'tool-calls' : 'stop',
  }));

/** The events of the reply, with each text in pieces of a few characters. */
export function eventsOf({ reasoning, texts, calls, usage, reason }: ToldReply): ModelEvent[] {
  const events: ModelEvent[] = [{ type: 'start', id: 'answer_1', model: 'served', createdAtSeconds: 1_700_000_000 }];
  let block = 0;
  const at = () => ({ choice: 0, block });
  if (reasoning !== undefined) {
    events.push({ type: 'reasoning-start', ...at() });
    for (const text of pieces(reasoning)) events.push({ type: 'reasoning-delta', ...at(), text });
    events.push({ type: 'reasoning-end', ...at() });
    block += 1;
  }
  for (const told of texts) {
    events.push({ type: 'text-start', ...at() });
    for (const text of pieces(told)) events.push({ type: 'text-delta', ...at(), text });
    events.push({ type: 'text-end', ...at() });
    block += 1;
  }
  for (const { id, name, arguments: json } of calls) {
    events.push({ type: 'tool-call-start', ...at(), id, name });
    for (const piece of pieces(json)) events.push({ type: 'tool-call-delta', ...at(), arguments: piece });
    events.push({ type: 'tool-call-end', ...at() });
    block += 1;
  }
  return [...events, { type: 'usage', usage }, { type: 'finish', choice: 0, reason }, { type: 'end' }];
}

function pieces(text: string): string[] {
  // By characters, as a provider's tokens do: never through the middle of one.
  const characters = [...text];
  const cut: string[] = [];
  for (let from = 0; from < characters.length; from += 3) cut.push(characters.slice(from, from + 3).join(''));
  return cut;
}

/** What the events say, however they are cut into blocks and pieces. */
export function saidBy(events: ModelEvent[]) {
  const said = {
    reasoning: '',
    text: '',
    calls: new Map<number, { id: string; name: string; arguments: string }>(),
    usage: undefined as Usage | undefined,
    finish: undefined as string | undefined,
    error: undefined as string | undefined,
    isEnded: false,
  };
  for (const event of events) {
    if (event.type === 'reasoning-delta') said.reasoning += event.text;
    else if (event.type === 'text-delta') said.text += event.text;
    else if (event.type === 'tool-call-start') {
      said.calls.set(event.block, { id: event.id, name: event.name, arguments: '' });
    } else if (event.type === 'tool-call-delta') said.calls.get(event.block)!.arguments += event.arguments;
    else if (event.type === 'usage') said.usage = { ...said.usage, ...event.usage };
    else if (event.type === 'finish') said.finish = event.reason;
    else if (event.type === 'error') said.error = event.error.message;
    else if (event.type === 'end') said.isEnded = true;
  }
  const { inputTokens, outputTokens, cachedInputTokens } = said.usage ?? { inputTokens: -1, outputTokens: -1 };
  return {
    ...said,
    usage: { inputTokens, outputTokens, cachedInputTokens },
    calls: [...said.calls.values()].map((call) => ({
      ...call,
      arguments: JSON.parse(call.arguments || '{}') as unknown,
    })),
  };
}

/** Dialects that do not count what came from the cache. */
const COUNTS_NO_CACHE = new Set<DialectName>(['ollama-chat']);

/** What the events say, as far as a provider of the dialect can tell it. */
export function heardFrom(dialect: DialectName, events: ModelEvent[]) {
  const said = saidBy(events);
  return COUNTS_NO_CACHE.has(dialect) ? { ...said, usage: { ...said.usage, cachedInputTokens: undefined } } : said;
}

/** A client of the dialect that asked for reasoning, and wants what binds it. */
export function contextFor(dialect: DialectName): ReplyContext {
  return {
    model: 'asked',
    id: 'answer_0',
    nowSeconds: 1_700_000_000,
    wantsUsage: true,
    request: {
      model: 'asked',
      stream: true,
      messages: [],
      tools: [],
      reasoning: { effort: 'low', summary: 'auto', wantsEncrypted: true },
      origin: dialect,
      extras: {},
      unread: [],
    },
  };
}

/** The bytes of a stream of the dialect that tells the events. */
export function streamOf(dialect: DialectName, events: ModelEvent[]): Uint8Array {
  const writer = dialects[dialect].createWriter(contextFor(dialect));
  const text = events.map((event) => writer.write(event)).join('') + writer.finish();
  return Buffer.from(text, dialect === 'bedrock' ? 'latin1' : 'utf8');
}

export function readStream(dialect: DialectName, bytes: Uint8Array, cuts: number[] = []): ModelEvent[] {
  const reader = dialects[dialect].createReader();
  const events: ModelEvent[] = [];
  let from = 0;
  for (const cut of [...cuts.map((share) => share % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    events.push(...reader.push(bytes.subarray(from, cut)));
    from = cut;
  }
  return [...events, ...reader.finish()];
}
