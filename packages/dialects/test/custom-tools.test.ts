import { describe, expect, test } from 'vitest';
import { type DialectName, dialects, type JsonObject, type ModelEvent, type ReplyContext } from '../src/index.ts';
import { TARGETS } from './ordinary-requests.ts';

const format = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' };
const CLIENTS: [DialectName, JsonObject][] = [
  [
    'openai-chat',
    {
      model: 'm',
      messages: [{ role: 'user', content: 'Patch.' }],
      tools: [{ type: 'custom', custom: { name: 'patch', description: 'Patches.' } }],
    },
  ],
  ['openai-responses', { model: 'm', input: 'Patch.', tools: [{ type: 'custom', name: 'patch', format }] }],
];
const PROVIDERS: DialectName[] = ['anthropic-messages', 'gemini', 'bedrock', 'cohere-chat', 'ollama-chat', 'dashscope'];
const patch = 'line "one"\n漢\\n';

/** The provider's model calls the function that the custom tool became. */
function calledWith(json: string): ModelEvent[] {
  const at = { choice: 0, block: 0 };
  return [
    { type: 'start' },
    { type: 'tool-call-start', ...at, id: 'call_1', name: 'patch' },
    ...[...json].map((piece): ModelEvent => ({ type: 'tool-call-delta', ...at, arguments: piece })),
    { type: 'tool-call-end', ...at },
    { type: 'finish', choice: 0, reason: 'tool-calls' },
    { type: 'end' },
  ];
}

/** The custom calls that a client of the dialect reads. */
function callsIn(events: ModelEvent[]) {
  let text = '';
  for (const event of events) if (event.type === 'tool-call-delta') text += event.arguments;
  const starts = events.filter((event) => event.type === 'tool-call-start');
  return { text, calls: starts.map(({ id, name, custom }) => ({ id, name, custom })) };
}

describe.each(CLIENTS)('a custom tool of %s', (client, body) => {
  const request = dialects[client].readRequest(body);
  const context: ReplyContext = { model: 'm', id: 'x', nowSeconds: 0, wantsUsage: true, request };
  const expected = { text: patch, calls: [{ id: 'call_1', name: 'patch', custom: true }] };

  test.each(PROVIDERS)('goes to %s as a function of one text, and is called as what it was', (provider) => {
    const { body: sent, receipt } = dialects[provider].writeRequest(request, TARGETS[provider]);
    expect(JSON.stringify(sent)).toContain('"input":{"type":"string"}');
    expect(receipt.changed.join()).toMatch(/custom( tool)?→function/);
    const events = calledWith(JSON.stringify({ input: patch }));
    const { createReader, createWriter, readDocument, writeDocument } = dialects[client];
    expect(callsIn(readDocument(writeDocument(events, context)))).toEqual(expected);
    const writer = createWriter(context);
    const stream = events.map((event) => writer.write(event)).join('') + writer.finish();
    const reader = createReader();
    expect(callsIn([...reader.push(Buffer.from(stream)), ...reader.finish()])).toEqual(expected);
  });

  test('gets arguments of another shape as they are, rather than nothing', () => {
    const events = calledWith('{"input":1}');
    expect(callsIn(dialects[client].readDocument(dialects[client].writeDocument(events, context))).text).toBe(
      '{"input":1}',
    );
  });
});
