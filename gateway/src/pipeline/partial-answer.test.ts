import type { ModelRequest, Usage } from '@xidao/dialects';
import { describe, expect, test } from 'vitest';
import { aPrompt } from '../../test/a-prompt.ts';
import type { Trail } from '../core/trail.ts';
import { partialOfBytes, partialOfEvents } from './partial-answer.ts';
import { ToldSoFar } from './told-so-far.ts';
import { FrameTail } from './whole-frames.ts';

const trail = (usage?: Usage) => ({ record: { usage } }) as Trail;

function tailOf(...frames: string[]): FrameTail {
  const tail = new FrameTail();
  for (const frame of frames) tail.see(Buffer.from(frame));
  return tail;
}

const isResumable = (tail: FrameTail, request: Partial<ModelRequest> = {}) =>
  partialOfBytes(tail, aPrompt({ request }), trail()).resumable;

const SAYS = 'data: {"choices":[{"index":0,"delta":{"content":"Hello there"}}]}\n\n';

describe('bytes that passed unread', () => {
  test.each([
    ['chat', 'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}}]}\n\n'],
    ['Responses', 'data: {"type":"response.function_call_arguments.delta","delta":"{"}\n\n'],
    [
      'Messages',
      'data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{"}}\n\n',
    ],
    [
      'Messages, sealed',
      'data: {"type":"content_block_delta","delta":{"type":"signature_delta","signature":"Ab"}}\n\n',
    ],
    ['Gemini', 'data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"look"}}]}}]}\n\n'],
    ['Gemini, sealed', 'data: {"candidates":[{"content":{"parts":[{"text":"a","thoughtSignature":"Ab"}]}}]}\n\n'],
    ['a refusal', 'data: {"choices":[{"delta":{"refusal":"I can"}}]}\n\n'],
  ])('%s: what is more than text is not resumable', (_, frame) => {
    expect(isResumable(tailOf(SAYS, frame))).toBe(false);
  });

  test('text is, also where it speaks of such things, and where a host tells them empty', () => {
    expect(isResumable(tailOf(SAYS))).toBe(true);
    const quoting = { choices: [{ delta: { content: '"tool_calls": [ "type": "function_call" "signature": "x"' } }] };
    expect(isResumable(tailOf(`data: ${JSON.stringify(quoting)}\n\n`))).toBe(true);
    expect(
      isResumable(tailOf('data: {"choices":[{"delta":{"content":"a","tool_calls":null,"refusal":null}}]}\n\n')),
    ).toBe(true);
  });

  test('a form, several answers, and a request that cannot be read are not', () => {
    expect(isResumable(tailOf(SAYS), { output: { type: 'json-object' } as never })).toBe(false);
    expect(isResumable(tailOf(SAYS), { choices: 2 })).toBe(false);
    const prompt = {
      ...aPrompt(),
      request: () => {
        throw new Error('no');
      },
    };
    expect(partialOfBytes(tailOf(SAYS), prompt, trail()).resumable).toBe(false);
  });

  test('where more went by than is kept, tools that were offered may have been called', () => {
    const long = tailOf(...Array.from({ length: 200 }, () => SAYS));
    expect(long.isWhole).toBe(false);
    const tools = [{ type: 'function', name: 'look' }] as never;
    expect(isResumable(long)).toBe(true);
    expect(isResumable(long, { tools })).toBe(false);
    expect(isResumable(long, { reasoning: { effort: 'high' } })).toBe(false);
    expect(isResumable(tailOf(SAYS), { tools })).toBe(true);
  });

  test('counts are estimated by all that went by, unless the provider told them', () => {
    const few = partialOfBytes(tailOf(SAYS), aPrompt({ inputTokens: 7 }), trail());
    expect(few).toMatchObject({ usage: { inputTokens: 7 }, isEstimated: true });
    const many = partialOfBytes(tailOf(...Array.from({ length: 200 }, () => SAYS)), aPrompt(), trail());
    expect(many.usage!.outputTokens / few.usage!.outputTokens).toBeGreaterThan(130);
    expect(many.usage!.outputTokens / few.usage!.outputTokens).toBeLessThanOrEqual(200);
    const told = { inputTokens: 5, outputTokens: 3 };
    expect(partialOfBytes(tailOf(SAYS), aPrompt(), trail(told))).toEqual({ resumable: true, usage: told });
    // As `message_start` tells it: the output as it was before the first word.
    const early = partialOfBytes(
      tailOf(...Array.from({ length: 20 }, () => SAYS)),
      aPrompt(),
      trail({ ...told, outputTokens: 1 }),
    );
    expect(early).toMatchObject({ usage: { inputTokens: 5 }, isEstimated: true });
    expect(early.usage!.outputTokens).toBeGreaterThan(20);
  });
});

test('of events: text and open reasoning can be gone on from, a call and a seal cannot', () => {
  const place = { choice: 0, block: 0 };
  const told = (...events: Parameters<ToldSoFar['note']>[0]) => {
    const so = new ToldSoFar();
    so.note(events);
    return partialOfEvents(so, aPrompt({ inputTokens: 7 }), trail());
  };
  const text = { type: 'text-delta', ...place, text: 'Hello there, my friend' } as const;
  expect(told(text)).toMatchObject({ resumable: true, usage: { inputTokens: 7 }, isEstimated: true });
  expect(told({ type: 'reasoning-end', ...place }, text).resumable).toBe(true);
  expect(told({ type: 'reasoning-end', ...place, signature: 'Ab' }, text).resumable).toBe(false);
  expect(told(text, { type: 'tool-call-start', ...place, id: '1', name: 'look' }).resumable).toBe(false);
  const usage = { inputTokens: 9, outputTokens: 6 };
  expect(told({ type: 'usage', usage }, text)).toEqual({ resumable: true, usage });
});
