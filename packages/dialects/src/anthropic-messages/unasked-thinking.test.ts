import { describe, expect, test } from 'vitest';
import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { anthropicMessages as dialect } from './index.ts';

const at = { choice: 0, block: 0 };
const answer = (end: object): ModelEvent[] => [
  { type: 'start', id: 'a' },
  { type: 'reasoning-start', ...at },
  { type: 'reasoning-delta', ...at, text: 'Hm.' },
  { type: 'reasoning-end', ...at, ...end } as ModelEvent,
  { type: 'text-start', choice: 0, block: 1 },
  { type: 'text-delta', choice: 0, block: 1, text: 'Hi' },
  { type: 'text-end', choice: 0, block: 1, signature: 'dGhvdWdodA==' },
  { type: 'finish', choice: 0, reason: 'stop' },
  { type: 'end' },
];
const foreign = answer({});
const own = answer({ signature: 's', boundTo: 'anthropic-messages' });

function contextOf(settings: JsonObject): ReplyContext {
  const body = { model: 'm', max_tokens: 9000, messages: [{ role: 'user', content: 'Hi' }], ...settings };
  return { model: 'm', id: 'x', nowSeconds: 0, wantsUsage: true, request: dialect.readRequest(body) };
}

function blocksOf(events: ModelEvent[], context: ReplyContext): [document: string[], stream: string[]] {
  const { content } = dialect.writeDocument(events, context) as { content: JsonObject[] };
  const writer = dialect.createWriter(context);
  const stream = events.map((event) => writer.write(event)).join('');
  const started = [...stream.matchAll(/"content_block":\{"type":"(\w+)"/g)].map(([, type = '']) => type);
  return [content.map(({ type }) => String(type)), started];
}

const nothing = ['text'];

describe("another provider's thinking", () => {
  test.each([
    ['nothing of it', {}],
    ['that it be off', { thinking: { type: 'disabled' } }],
  ])('is not told to a client that said %s, which may read the first block as the text', (_, settings) => {
    expect(blocksOf(foreign, contextOf(settings))).toEqual([nothing, nothing]);
  });

  test.each([
    ['a budget', { thinking: { type: 'enabled', budget_tokens: 2000 } }],
    ['that the model decide', { thinking: { type: 'adaptive' } }],
    ['an effort', { output_config: { effort: 'low' } }],
  ])("is told to a client that said %s, with the text's signature behind the text", (_, settings) => {
    const blocks = ['thinking', 'text', 'thinking'];
    expect(blocksOf(foreign, contextOf(settings))).toEqual([blocks, blocks]);
  });
});

test("this dialect's own thinking is told as it came, asked for or not", () => {
  expect(blocksOf(own, contextOf({}))).toEqual([
    ['thinking', 'text'],
    ['thinking', 'text'],
  ]);
});
