import { type Asked, choose, cutAfter, errorAfter, reply, startUpstream } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { aGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, type DialectCall, MODEL, providerAt, textOf } from './dialect-calls.ts';

const WHOLE = 'Es war einmal ein König, der hatte 3 Töchter;\n\nund alle waren “schön” – 美しい. The end.';

function resumed(first: string, second: string, call: DialectCall, resume = true): ConfigInput {
  return {
    providers: { first: providerAt(first, call.dialect), second: providerAt(second, 'openai-chat') },
    models: {
      both: {
        strategy: 'priority',
        resume,
        targets: [
          { provider: 'first', model: MODEL },
          { provider: 'second', model: MODEL },
        ],
      },
    },
  };
}

/** A model that does as it is told: repeats what stands between the marks, and goes on with the rest of the story. */
function takesUp(asked: Asked) {
  const anchor = /⟦([\s\S]*)⟧/.exec(asked.lastUserText)?.[1] ?? '';
  const at = WHOLE.indexOf(anchor) + anchor.length;
  return reply({ text: anchor + WHOLE.slice(at) });
}

describe.each(DIALECT_CALLS)('$dialect', (call) => {
  test('a text that is cut anywhere is gone on with elsewhere: no character lost, none told twice', async () => {
    await using first = await startUpstream();
    await using second = await startUpstream({ answer: choose(takesUp) });
    await using gateway = await aGateway(resumed(first.url, second.url, call));
    for (const words of [1, 2, 5, 9, 12]) {
      first.answer(cutAfter(`text ${words}`, reply({ text: WHOLE })));
      const response = await ask(gateway, call, { model: 'both', stream: true });
      const body = await response.text();
      expect(textOf(call.dialect, body), `after ${words}`).toBe(WHOLE);
      expect(body).toContain(call.endMark);
      const record = await gateway.record(response.headers.get('x-request-id')!);
      expect(record).toMatchObject({
        outcome: 'complete',
        provider: 'second',
        attempts: [{ provider: 'first' }, { provider: 'second' }],
      });
    }
  });

  test('an error in the middle of a text is made good in the same way', async () => {
    await using first = await startUpstream({ answer: errorAfter('text 3', { status: 529 }, reply({ text: WHOLE })) });
    await using second = await startUpstream({ answer: choose(takesUp) });
    await using gateway = await aGateway(resumed(first.url, second.url, call));
    const response = await ask(gateway, call, { model: 'both', stream: true });
    expect(textOf(call.dialect, await response.text())).toBe(WHOLE);
  });

  test('a model that does not take up the thread is not listened to, and the client is told of the break', async () => {
    await using first = await startUpstream({ answer: cutAfter('text 5', reply({ text: WHOLE })) });
    await using second = await startUpstream({ answer: reply({ text: 'I am sorry, what were we talking about?' }) });
    await using gateway = await aGateway(resumed(first.url, second.url, call));
    const response = await ask(gateway, call, { model: 'both', stream: true });
    const body = await response.text();
    expect(WHOLE.startsWith(textOf(call.dialect, body))).toBe(true);
    expect(body).not.toContain('sorry');
    expect(body).toContain('upstream_broke_off');
  });

  // Gemini tells a tool call in one piece: cut inside it, nobody has heard of it yet.
  test.skipIf(call.dialect === 'gemini')('half a tool call is never gone on with', async () => {
    const calling = reply({
      text: 'Let me look.',
      toolCalls: [{ name: 'look', arguments: { at: 'everything there is' } }],
    });
    await using first = await startUpstream({ answer: cutAfter('inside-tool-call', calling) });
    await using second = await startUpstream({ answer: choose(takesUp) });
    await using gateway = await aGateway(resumed(first.url, second.url, call));
    const response = await ask(gateway, call, { model: 'both', stream: true });
    expect(await response.text()).toContain('upstream_broke_off');
    expect(second.calls).toHaveLength(0);
  });
});

test('it is only done where it is asked for', async () => {
  const call = DIALECT_CALLS[0]!;
  await using first = await startUpstream({ answer: cutAfter('text 5', reply({ text: WHOLE })) });
  await using second = await startUpstream({ answer: choose(takesUp) });
  await using gateway = await aGateway(resumed(first.url, second.url, call, false));
  const response = await ask(gateway, call, { model: 'both', stream: true });
  expect(await response.text()).toContain('upstream_broke_off');
  expect(second.calls).toHaveLength(0);
});
