import type { Message, ModelRequest } from '@xidao/dialects';
import { expect, test } from 'vitest';
import { MOST_CHARACTERS, readSignals } from './signals.ts';

function request(messages: Message[], more: Partial<ModelRequest> = {}): ModelRequest {
  return { model: 'auto', stream: false, messages, tools: [], origin: 'openai-chat', extras: {}, unread: [], ...more };
}

const says = (role: Message['role'], text: string): Message => ({ role, parts: [{ type: 'text', text }] });

test('the last user turn is looked at, not what the assistant or an earlier turn said', () => {
  const source = readSignals(
    request([says('system', 'Be brief.'), says('user', 'one'), says('assistant', 'two'), says('user', 'three')]),
    12,
  );
  expect(source).toMatchObject({
    text: 'three',
    previousText: 'one',
    systemText: 'Be brief.',
    userTurns: 2,
    inputTokens: 12,
  });
});

test('of a long turn the beginning and the end are kept', () => {
  const { text } = readSignals(request([says('user', `Translate this: ${'x'.repeat(100_000)} thank you`)]), 0);
  expect(text).toHaveLength(MOST_CHARACTERS);
  expect(text.startsWith('Translate this:') && text.endsWith('thank you')).toBe(true);
});

test("a tool's result is the middle of a loop and no turn of the user's", () => {
  const result: Message = {
    role: 'user',
    parts: [{ type: 'tool-result', callId: '1', parts: [{ type: 'text', text: 'sunny' }] }],
  };
  expect(readSignals(request([says('user', 'weather?'), result]), 0)).toMatchObject({
    text: 'weather?',
    userTurns: 1,
    isInToolLoop: true,
  });
});

test('images count wherever they are, and tools do not when they are switched off', () => {
  const image: Message = { role: 'user', parts: [{ type: 'image', source: { kind: 'url', url: 'https://x/y.png' } }] };
  const tools: ModelRequest['tools'] = [{ type: 'function', name: 'look' }];
  expect(
    readSignals(request([image, says('user', 'and now?')], { tools, toolChoice: { type: 'none' } }), 0),
  ).toMatchObject({ media: ['image'], tools: 0 });
});

test('a request without a user turn is no fault', () => {
  expect(readSignals(request([]), 0)).toMatchObject({ text: '', userTurns: 0, isInToolLoop: false });
});
