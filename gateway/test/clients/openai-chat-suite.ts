import type { MediaPart } from '@xidao/dialects';
import { collect, onePixelPng, reply } from '@xidao/testkit';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import type { ChatCompletionTool } from 'openai/resources/chat/completions';
import { describe, expect } from 'vitest';
import { z } from 'zod';
import { mannersHold, type VoiceOptions } from './client-manners.ts';
import { crossTo, inTurn, type Lacks, MODEL, type ProviderDialect } from './crossing.ts';
import { connectOpenai, openaiErrors } from './openai-client.ts';
import { LONG_TEXT, TIME, TWO_CALLS, WEATHER } from './texts.ts';

const tools: ChatCompletionTool[] = [WEATHER, TIME].map(({ name, description, schema }) => ({
  type: 'function',
  function: { name, description, parameters: schema },
}));

const hello = [{ role: 'user' as const, content: LONG_TEXT }];

/** What the official OpenAI SDK does with chat completions, against a model behind a provider of this dialect. */
export function openaiChatSuite({ provider, lacks = {} }: { provider: ProviderDialect; lacks?: Lacks }): void {
  describe(`openai chat completions → ${provider}`, () => {
    const crossing = crossTo(provider, lacks);
    const { holds, lastAsked } = crossing;
    const connect = (options: VoiceOptions = {}) => connectOpenai(crossing, options);

    holds('answers a conversation', async () => {
      crossing.upstream.answer(reply({ text: 'Guten Tag!', usage: { input: 12, output: 3, cached: 4 } }));
      const answer = await connect().chat.completions.create({
        model: MODEL,
        messages: [
          { role: 'system', content: 'Speak German.' },
          { role: 'user', content: 'Hello' },
          { role: 'assistant', content: 'Hallo!' },
          { role: 'user', content: [{ type: 'text', text: 'Good day' }] },
        ],
        max_completion_tokens: 100,
      });
      expect(answer.object).toBe('chat.completion');
      expect(answer.choices).toHaveLength(1);
      expect(answer.choices[0]).toMatchObject({
        index: 0,
        finish_reason: 'stop',
        message: { role: 'assistant', content: 'Guten Tag!' },
      });
      expect(answer.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 });
      expect(answer.usage?.prompt_tokens_details?.cached_tokens).toBe(4);
      expect(answer._request_id).toMatch(/^call_/);
      const asked = lastAsked();
      expect(asked.maxOutputTokens).toBe(100);
      expect(asked.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
      expect(asked.messages.flatMap(({ parts }) => parts)).toMatchObject(
        ['Speak German.', 'Hello', 'Hallo!', 'Good day'].map((text) => ({ type: 'text', text })),
      );
    });

    holds('streams a text piece by piece', async () => {
      const stream = await connect().chat.completions.create({ model: MODEL, messages: hello, stream: true });
      const chunks = await collect(stream);
      const pieces = chunks.map((chunk) => chunk.choices[0]?.delta.content).filter(Boolean);
      expect(pieces.join('')).toBe(LONG_TEXT);
      expect(pieces.length).toBeGreaterThan(5);
      expect(chunks.filter((chunk) => chunk.choices[0]?.finish_reason === 'stop')).toHaveLength(1);
      expect(chunks.every((chunk) => chunk.choices.length === 1 && !chunk.usage)).toBe(true);
      expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    });

    holds('tells the usage of a stream to those who ask', async () => {
      crossing.upstream.answer(reply({ text: 'Hi', usage: { input: 9, output: 2, cached: 5 } }));
      const stream = await connect().chat.completions.create({
        model: MODEL,
        messages: hello,
        stream: true,
        stream_options: { include_usage: true },
      });
      const last = (await collect(stream)).at(-1);
      expect(last?.choices).toEqual([]);
      expect(last?.usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 });
      expect(last?.usage?.prompt_tokens_details?.cached_tokens).toBe(5);
    });

    holds("lets the SDK's stream helper gather the whole", async () => {
      const heard: string[] = [];
      const stream = connect().chat.completions.stream({ model: MODEL, messages: hello });
      stream.on('content', (delta) => void heard.push(delta));
      const whole = await stream.finalChatCompletion();
      expect(whole.choices[0]?.message.content).toBe(LONG_TEXT);
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
      const question = { role: 'user' as const, content: 'Weather in Bern?' };
      const first = await client.chat.completions.create({ model: MODEL, messages: [question], tools });
      expect(first.choices[0]?.finish_reason).toBe('tool_calls');
      const said = first.choices[0]!.message;
      expect(said.content).toBe('Let me look.');
      expect(said.tool_calls).toMatchObject([{ type: 'function', function: { name: WEATHER.name } }]);
      const call = said.tool_calls![0]!;
      if (call.type !== 'function') throw new Error('not a function call');
      expect(JSON.parse(call.function.arguments)).toEqual({ city: 'Bern' });
      expect(lastAsked().tools).toMatchObject([
        { type: 'function', name: WEATHER.name, description: WEATHER.description },
        { type: 'function', name: TIME.name },
      ]);

      const second = await client.chat.completions.create({
        model: MODEL,
        messages: [question, said, { role: 'tool', tool_call_id: call.id, content: '{"sky":"sunny"}' }],
        tools,
      });
      expect(second.choices[0]?.message.content).toBe('Sunny in Bern.');
      const parts = lastAsked().messages.flatMap((message) => message.parts);
      const sent = parts.find((part) => part.type === 'tool-call');
      const result = parts.find((part) => part.type === 'tool-result');
      expect(sent).toMatchObject({ name: WEATHER.name });
      expect(JSON.parse(sent!.arguments)).toEqual({ city: 'Bern' });
      expect(result?.callId).toBe(sent?.id);
      expect(JSON.stringify(result?.parts)).toContain('sunny');
    });

    holds('calls the tool that is demanded', async () => {
      const answer = await connect().chat.completions.create({
        model: MODEL,
        messages: [{ role: 'user', content: 'Basel' }],
        tools,
        tool_choice: { type: 'function', function: { name: TIME.name } },
      });
      expect(answer.choices[0]?.message.tool_calls).toMatchObject([
        { function: { name: TIME.name, arguments: expect.stringContaining('Basel') } },
      ]);
    });

    holds('streams parallel tool calls, each with its own arguments', async () => {
      crossing.upstream.answer(reply(TWO_CALLS));
      const stream = connect().chat.completions.stream({ model: MODEL, messages: hello, tools });
      const whole = await stream.finalChatCompletion();
      expect(whole.choices[0]?.finish_reason).toBe('tool_calls');
      const calls = whole.choices[0]!.message.tool_calls!.filter((call) => call.type === 'function');
      expect(calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)])).toEqual([
        [WEATHER.name, { city: 'Zürich' }],
        [TIME.name, { zone: 'Europe/Zurich' }],
      ]);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    });

    holds("runs the SDK's own tool loop", async () => {
      // One after the other: the SDK reads strict tools as soon as the next call begins.
      crossing.upstream.answer(inTurn(reply({ ...TWO_CALLS, parallel: false }), reply({ text: 'Sunny, and noon.' })));
      const ran: unknown[] = [];
      const tool = (name: string, parameters: z.ZodObject) =>
        zodFunction({
          name,
          parameters,
          function: (given: unknown) => {
            ran.push(given);
            return `${name} ran`;
          },
        });
      const runner = connect().chat.completions.runTools({
        model: MODEL,
        stream: true,
        messages: [{ role: 'user', content: 'Zürich?' }],
        tools: [tool(WEATHER.name, z.object({ city: z.string() })), tool(TIME.name, z.object({ zone: z.string() }))],
      });
      expect(await runner.finalContent()).toBe('Sunny, and noon.');
      expect(ran).toEqual([{ city: 'Zürich' }, { zone: 'Europe/Zurich' }]);
      const results = lastAsked().messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'tool-result'));
      expect(results.map(({ parts }) => JSON.stringify(parts))).toEqual([
        expect.stringContaining('get_weather ran'),
        expect.stringContaining('get_time ran'),
      ]);
    });

    const imageIn = () => lastAsked().messages[0]?.parts.find((part): part is MediaPart => part.type === 'image');
    const askAbout = (url: string) =>
      connect().chat.completions.create({
        model: MODEL,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is it?' },
              { type: 'image_url', image_url: { url } },
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
      const answer = await connect().chat.completions.parse({
        model: MODEL,
        messages: [{ role: 'user', content: 'Ada' }],
        response_format: zodResponseFormat(Person, 'person'),
      });
      expect(answer.choices[0]?.message.parsed).toEqual({ name: 'Ada', age: 1, tags: [] });
    });

    holds('tells reasoning beside the text, whole and streamed', async () => {
      crossing.upstream.answer(
        reply({ reasoning: 'Think it over.', text: 'Done.', usage: { output: 9, reasoning: 4 } }),
      );
      const answer = await connect().chat.completions.create({ model: MODEL, messages: hello });
      expect(answer.choices[0]?.message).toMatchObject({ content: 'Done.', reasoning_content: 'Think it over.' });
      const stream = await connect().chat.completions.create({ model: MODEL, messages: hello, stream: true });
      const deltas = (await collect(stream)).map(({ choices }) => choices[0]?.delta as Record<string, unknown>);
      expect(deltas.map((delta) => delta?.['reasoning_content'] ?? '').join('')).toBe('Think it over.');
      expect(deltas.map((delta) => delta?.['content'] ?? '').join('')).toBe('Done.');
    });

    holds('tells that the answer was cut for length', async () => {
      crossing.upstream.answer(reply({ text: 'One two', finish: 'length' }));
      const answer = await connect().chat.completions.create({ model: MODEL, messages: hello, max_tokens: 2 });
      expect(answer.choices[0]?.finish_reason).toBe('length');
      const whole = await connect()
        .chat.completions.stream({ model: MODEL, messages: hello })
        .finalChatCompletion()
        .catch((error: unknown) => error);
      expect(whole).toMatchObject({ choices: [{ finish_reason: 'length' }] });
    });

    mannersHold(crossing, {
      async ask(content, options = {}) {
        const answer = await connect(options).chat.completions.create(
          { model: options.model ?? MODEL, messages: [{ role: 'user', content }] },
          { signal: options.signal },
        );
        return answer.choices[0]?.message.content ?? '';
      },
      async *stream(content, options = {}) {
        const stream = await connect(options).chat.completions.create(
          { model: options.model ?? MODEL, messages: [{ role: 'user', content }], stream: true },
          { signal: options.signal },
        );
        for await (const chunk of stream) yield chunk.choices[0]?.delta.content ?? '';
      },
      ...openaiErrors,
      closesWhenLeft: true,
      bases: ['/v1', '/v1/', '', '/', '/openai/v1', '/v1/v1', '/api/v1'],
    });
  });
}
