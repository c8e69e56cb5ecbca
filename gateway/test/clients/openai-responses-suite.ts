import type { MediaPart } from '@xidao/dialects';
import { collect, onePixelPng, reply } from '@xidao/testkit';
import { zodTextFormat } from 'openai/helpers/zod';
import type { FunctionTool, ResponseInput } from 'openai/resources/responses/responses';
import { describe, expect } from 'vitest';
import { z } from 'zod';
import { mannersHold, type VoiceOptions } from './client-manners.ts';
import { crossTo, inTurn, type Lacks, MODEL, type ProviderDialect } from './crossing.ts';
import { connectOpenai, openaiErrors } from './openai-client.ts';
import { LONG_TEXT, TIME, TWO_CALLS, WEATHER } from './texts.ts';

const tools: FunctionTool[] = [WEATHER, TIME].map(({ name, description, schema }) => ({
  type: 'function',
  name,
  description,
  parameters: schema,
  strict: true,
}));

/** What the official OpenAI SDK does with responses, against a model behind a provider of this dialect. */
export function openaiResponsesSuite({ provider, lacks = {} }: { provider: ProviderDialect; lacks?: Lacks }): void {
  describe(`openai responses → ${provider}`, () => {
    const crossing = crossTo(provider, lacks);
    const { holds, lastAsked } = crossing;
    const connect = (options: VoiceOptions = {}) => connectOpenai(crossing, options);

    holds('answers a conversation', async () => {
      crossing.upstream.answer(reply({ text: 'Guten Tag!', usage: { input: 12, output: 3, cached: 4 } }));
      const answer = await connect().responses.create({
        model: MODEL,
        instructions: 'Speak German.',
        input: [
          { role: 'user', content: 'Hello' },
          { role: 'assistant', content: 'Hallo!' },
          { role: 'user', content: [{ type: 'input_text', text: 'Good day' }] },
        ],
        max_output_tokens: 100,
      });
      expect(answer).toMatchObject({ object: 'response', status: 'completed', output_text: 'Guten Tag!', error: null });
      expect(answer.id).toMatch(/^resp_/);
      expect(answer.output).toMatchObject([
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Guten Tag!' }] },
      ]);
      expect(answer.usage).toMatchObject({ input_tokens: 12, output_tokens: 3, total_tokens: 15 });
      expect(answer.usage?.input_tokens_details.cached_tokens).toBe(4);
      expect(lastAsked().maxOutputTokens).toBe(100);
      const texts = lastAsked().messages.flatMap(({ parts }) => parts.map((part) => part.type === 'text' && part.text));
      expect(texts).toEqual(['Speak German.', 'Hello', 'Hallo!', 'Good day']);
    });

    holds('streams the events of a text in their order', async () => {
      const stream = await connect().responses.create({ model: MODEL, input: LONG_TEXT, stream: true });
      const events = await collect(stream);
      const types = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
      expect(types).toEqual([
        'response.created',
        'response.in_progress',
        'response.output_item.added',
        'response.content_part.added',
        'response.output_text.delta',
        'response.output_text.done',
        'response.content_part.done',
        'response.output_item.done',
        'response.completed',
      ]);
      expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
      const deltas = events.flatMap((event) => (event.type === 'response.output_text.delta' ? [event.delta] : []));
      expect(deltas.join('')).toBe(LONG_TEXT);
      expect(deltas.length).toBeGreaterThan(5);
      const last = events.at(-1);
      if (last?.type !== 'response.completed') throw new Error('not completed');
      expect(last.response.usage?.total_tokens).toBeGreaterThan(0);
      expect(last.response.output).toMatchObject([{ type: 'message', content: [{ text: LONG_TEXT }] }]);
    });

    holds("lets the SDK's stream helper gather the whole", async () => {
      const heard: string[] = [];
      const stream = connect().responses.stream({ model: MODEL, input: LONG_TEXT });
      stream.on('response.output_text.delta', ({ delta }) => void heard.push(delta));
      const whole = await stream.finalResponse();
      expect(whole.output_text).toBe(LONG_TEXT);
      expect(heard.join('')).toBe(LONG_TEXT);
    });

    holds('calls a tool and takes its result', async () => {
      crossing.upstream.answer(
        inTurn(
          reply({ text: 'Let me look.', toolCalls: [{ name: WEATHER.name, arguments: { city: 'Bern' } }] }),
          reply({ text: 'Sunny in Bern.' }),
        ),
      );
      const client = connect();
      const input: ResponseInput = [{ role: 'user', content: 'Weather in Bern?' }];
      const first = await client.responses.create({ model: MODEL, input, tools });
      const call = first.output.find((item) => item.type === 'function_call');
      expect(call).toMatchObject({ name: WEATHER.name, status: 'completed' });
      expect(JSON.parse(call!.arguments)).toEqual({ city: 'Bern' });
      expect(first.output_text).toBe('Let me look.');
      expect(lastAsked().tools).toMatchObject([
        { type: 'function', name: WEATHER.name, description: WEATHER.description },
        { type: 'function', name: TIME.name },
      ]);

      const output = { type: 'function_call_output' as const, call_id: call!.call_id, output: '{"sky":"sunny"}' };
      const second = await client.responses.create({
        model: MODEL,
        input: [...input, ...(first.output as ResponseInput), output],
        tools,
      });
      expect(second.output_text).toBe('Sunny in Bern.');
      const parts = lastAsked().messages.flatMap((message) => message.parts);
      const sent = parts.find((part) => part.type === 'tool-call');
      const result = parts.find((part) => part.type === 'tool-result');
      expect(sent).toMatchObject({ name: WEATHER.name });
      expect(JSON.parse(sent!.arguments)).toEqual({ city: 'Bern' });
      expect(result?.callId).toBe(sent?.id);
      expect(JSON.stringify(result?.parts)).toContain('sunny');
    });

    holds('calls the tool that is demanded', async () => {
      const answer = await connect().responses.create({
        model: MODEL,
        input: 'Basel',
        tools,
        tool_choice: { type: 'function', name: TIME.name },
      });
      expect(answer.output).toMatchObject([
        { type: 'function_call', name: TIME.name, arguments: expect.stringContaining('Basel') },
      ]);
    });

    holds('streams parallel tool calls, each with its own arguments', async () => {
      crossing.upstream.answer(reply(TWO_CALLS));
      const stream = connect().responses.stream({ model: MODEL, input: 'Zürich?', tools });
      const pieces = new Map<number, string>();
      stream.on('response.function_call_arguments.delta', ({ output_index, delta }) => {
        pieces.set(output_index, (pieces.get(output_index) ?? '') + delta);
      });
      const whole = await stream.finalResponse();
      const calls = whole.output.filter((item) => item.type === 'function_call');
      expect(calls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([
        [WEATHER.name, { city: 'Zürich' }],
        [TIME.name, { zone: 'Europe/Zurich' }],
      ]);
      expect([...pieces.values()]).toEqual(calls.map((call) => call.arguments));
      expect(new Set(calls.map((call) => call.call_id)).size).toBe(2);
      expect(new Set(calls.map((call) => call.id)).size).toBe(2);
    });

    const imageIn = () => lastAsked().messages[0]?.parts.find((part): part is MediaPart => part.type === 'image');
    const askAbout = (image_url: string) =>
      connect().responses.create({
        model: MODEL,
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: 'What is it?' },
              { type: 'input_image', image_url, detail: 'auto' },
            ],
          },
        ],
      });

    holds('shows an image in base64', async () => {
      const data = onePixelPng;
      await askAbout(`data:image/png;base64,${data}`);
      expect(imageIn()?.source).toEqual({ kind: 'base64', mediaType: 'image/png', data });
    });

    holds('shows an image by its URL', async () => {
      await askAbout(crossing.image.url);
      expect(imageIn()?.source).toMatchObject(crossing.image.seen);
    });

    holds('parses structured output by a zod schema', async () => {
      const Person = z.object({ name: z.string(), age: z.number(), tags: z.array(z.string()) });
      const answer = await connect().responses.parse({
        model: MODEL,
        input: 'Ada',
        text: { format: zodTextFormat(Person, 'person') },
      });
      expect(answer.output_parsed).toEqual({ name: 'Ada', age: 1, tags: [] });
    });

    holds('tells reasoning in an item of its own, whole and streamed', async () => {
      crossing.upstream.answer(
        reply({ reasoning: 'Think it over.', text: 'Done.', usage: { output: 9, reasoning: 4 } }),
      );
      const ask = { model: MODEL, input: 'Think!', reasoning: { effort: 'low', summary: 'auto' } } as const;
      const answer = await connect().responses.create(ask);
      expect(answer.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
      expect(JSON.stringify(answer.output[0])).toContain('Think it over.');
      expect(answer.output_text).toBe('Done.');
      const streamed = await connect().responses.stream(ask).finalResponse();
      expect(streamed.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
      expect(JSON.stringify(streamed.output[0])).toContain('Think it over.');
    });

    holds('tells that the answer was cut for length', async () => {
      crossing.upstream.answer(reply({ text: 'One two', finish: 'length' }));
      const ask = { model: MODEL, input: 'Count', max_output_tokens: 16 };
      const cut = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output_text: 'One two' };
      expect(await connect().responses.create(ask)).toMatchObject(cut);
      expect(await connect().responses.stream(ask).finalResponse()).toMatchObject(cut);
    });

    mannersHold(crossing, {
      async ask(content, options = {}) {
        const body = { model: options.model ?? MODEL, input: [{ role: 'user' as const, content }] };
        return (await connect(options).responses.create(body, { signal: options.signal })).output_text;
      },
      async *stream(content, options = {}) {
        const stream = await connect(options).responses.create(
          { model: options.model ?? MODEL, input: [{ role: 'user', content }], stream: true },
          { signal: options.signal },
        );
        for await (const event of stream) {
          if (event.type === 'response.output_text.delta') yield event.delta;
        }
      },
      ...openaiErrors,
      closesWhenLeft: true,
      bases: ['/v1', '/v1/', '', '/', '/openai/v1', '/v1/v1', '/api/v1'],
    });
  });
}
