import { corpusIsThere, loadCorpus, replayModel, replayUpstream, reply, splitAt, startUpstream } from '@xidao/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, framesOf, MODEL, only, post } from './dialect-calls.ts';

const SPOKEN = reply({
  text: 'Grüße 杭州 🙂 "[DONE]"\n\ndata: x',
  toolCalls: [{ name: 'look', arguments: { city: '杭州' } }],
  usage: { input: 3, output: 5 },
});

/** A client that asked for no usage, so that a chunk must be taken out of the bytes. */
const withoutUsage = { stream: true, stream_options: { include_usage: false } };

test.each(DIALECT_CALLS)('$dialect: wherever the upstream’s bytes are cut, the client’s are the same', async (call) => {
  await using upstream = await startUpstream({ answer: SPOKEN });
  await using gateway = await aGateway(only(upstream, call.dialect));
  const send = async (cuts: number[] | 'every-byte') => {
    upstream.next(splitAt(cuts, SPOKEN));
    const response = await post(
      gateway,
      call.path(MODEL, true),
      { ...call.body(MODEL, 'Hi', true), ...(call.dialect === 'openai-chat' && withoutUsage) },
      call.headers,
    );
    // Ids are numbered by call.
    return (await response.text()).replace(/0000\d{4}/g, '');
  };
  const whole = await send([]);
  expect(framesOf(whole).rest).toBe('');
  expect(await send('every-byte')).toBe(whole);
  const offset = fc.integer({ min: 1, max: whole.length + 200 });
  await fc.assert(
    fc.asyncProperty(fc.array(offset, { minLength: 1, maxLength: 5 }), async (cuts) => {
      expect(await send(cuts)).toBe(whole);
    }),
    { seed: 20261120, numRuns: 40 },
  );
});

// One recording of each kind: the ones with tool calls say the most.
const KINDS = [
  ['chat', '/v1/chat/completions', 'openai-chat', /\[DONE\]/],
  ['responses', '/v1/responses', 'openai-responses', /^event: response\.completed/m],
  ['messages', '/v1/messages', 'anthropic-messages', /^event: message_stop/m],
  ['gemini_stream', undefined, 'gemini', /^data: [\s\S]*"finishReason"/],
] as const;

if (!corpusIsThere()) console.log('The corpus is not there: recorded streams are not split.');

test.skipIf(!corpusIsThere()).each(KINDS)(
  'recorded %s streams give the same bytes whole and byte by byte',
  async (api, path, dialect, endMark) => {
    const recordings = loadCorpus({ api, stream: true })
      .filter(({ status, body = '' }) => status === 200 && body.length < 20_000 && endMark.test(body))
      .filter((_, index) => index % 5 === 0)
      .slice(0, 4);
    expect(recordings.length).toBeGreaterThan(0);
    await using upstream = await replayUpstream(recordings, { fault: (cue) => splitAt('every-byte', cue) });
    await using gateway = await aGateway(only(upstream, dialect, { models: recordings.map(replayModel) }));
    for (const recording of recordings) {
      const model = replayModel(recording);
      const response = await post(gateway, path ?? `/v1beta/models/${model}:streamGenerateContent?alt=sse`, {
        model,
        stream: true,
        stream_options: { include_usage: true },
        max_tokens: 1,
        messages: [],
        contents: [],
        input: '',
      });
      expect(await response.text(), recording.id).toBe(recording.body);
      expect(await gateway.record(response.headers.get('x-request-id')!)).toMatchObject({ outcome: 'complete' });
    }
  },
);

test('a document that comes byte by byte is the same document', async () => {
  for (const call of DIALECT_CALLS) {
    await using upstream = await startUpstream({ answer: splitAt('every-byte', reply({ text: 'Grüße' })) });
    await using gateway = await aGateway(only(upstream, call.dialect));
    const response = await ask(gateway, call);
    const direct = await fetch(upstream.url + call.path(MODEL, false), {
      method: 'POST',
      body: JSON.stringify(call.body(MODEL, 'Hello', false)),
    });
    const anyId = (text: string) => text.replace(/0000\d{4}/g, '');
    expect(anyId(await response.text())).toBe(anyId(await direct.text()));
  }
});
