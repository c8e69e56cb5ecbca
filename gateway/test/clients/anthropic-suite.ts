import Anthropic from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import type { MediaPart } from '@xidao/dialects';
import { collect, onePixelPng, reply } from '@xidao/testkit';
import { describe, expect } from 'vitest';
import { z } from 'zod';
import { mannersHold, type VoiceOptions } from './client-manners.ts';
import { crossTo, inTurn, type Lacks, MODEL, type ProviderDialect } from './crossing.ts';
import { LONG_TEXT, TIME, TWO_CALLS, WEATHER } from './texts.ts';

const tools: Anthropic.Tool[] = [WEATHER, TIME].map(({ name, description, schema }) => ({
  name,
  description,
  input_schema: schema,
}));

const hello: Anthropic.MessageParam[] = [{ role: 'user', content: LONG_TEXT }];

/** What the official Anthropic SDK does with messages, against a model behind a provider of this dialect. */
export function anthropicSuite({ provider, lacks = {} }: { provider: ProviderDialect; lacks?: Lacks }): void {
  describe(`anthropic messages → ${provider}`, () => {
    const crossing = crossTo(provider, lacks);
    const { holds, lastAsked } = crossing;
    const connect = ({ base = '', apiKey = crossing.gateway.key, maxRetries = 0, fetch }: VoiceOptions = {}) =>
      new Anthropic({
        baseURL: crossing.gateway.url + base,
        apiKey,
        maxRetries,
        ...(fetch !== undefined && { fetch }),
      });

    holds('answers a conversation', async () => {
      crossing.upstream.answer(reply({ text: 'Guten Tag!', usage: { input: 12, output: 3, cached: 4 } }));
      const answer = await connect().messages.create({
        model: MODEL,
        max_tokens: 100,
        system: [{ type: 'text', text: 'Speak German.', cache_control: { type: 'ephemeral' } }],
        messages: [
          { role: 'user', content: 'Hello' },
          { role: 'assistant', content: 'Hallo!' },
          { role: 'user', content: [{ type: 'text', text: 'Good day' }] },
        ],
      });
      expect(answer).toMatchObject({
        type: 'message',
        role: 'assistant',
        stop_reason: 'end_turn',
        content: [{ type: 'text', text: 'Guten Tag!' }],
      });
      expect(answer.usage).toMatchObject({ input_tokens: 8, cache_read_input_tokens: 4, output_tokens: 3 });
      expect(answer._request_id).toMatch(/^call_/);
      const asked = lastAsked();
      expect(asked.maxOutputTokens).toBe(100);
      expect(asked.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
      expect(asked.messages.flatMap(({ parts }) => parts)).toMatchObject(
        ['Speak German.', 'Hello', 'Hallo!', 'Good day'].map((text) => ({ type: 'text', text })),
      );
    });

    holds('streams the events of a text in their order', async () => {
      crossing.upstream.answer(reply({ text: LONG_TEXT, usage: { input: 9, output: 7, cached: 2 } }));
      const stream = await connect().messages.create({ model: MODEL, max_tokens: 99, messages: hello, stream: true });
      const events = await collect(stream);
      const types = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
      expect(types).toEqual([
        'message_start',
        'content_block_start',
        'content_block_delta',
        'content_block_stop',
        'message_delta',
        'message_stop',
      ]);
      const deltas = events.flatMap((event) =>
        event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? [event.delta.text] : [],
      );
      expect(deltas.join('')).toBe(LONG_TEXT);
      expect(deltas.length).toBeGreaterThan(5);
      const delta = events.find((event) => event.type === 'message_delta');
      expect(delta).toMatchObject({ delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } });
    });

    holds("lets the SDK's stream helper gather the whole", async () => {
      crossing.upstream.answer(reply({ text: LONG_TEXT, usage: { input: 9, output: 7, cached: 2 } }));
      const heard: string[] = [];
      const stream = connect().messages.stream({ model: MODEL, max_tokens: 99, messages: hello });
      stream.on('text', (delta) => void heard.push(delta));
      const whole = await stream.finalMessage();
      expect(whole).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: LONG_TEXT }] });
      expect(whole.usage).toMatchObject({ input_tokens: 7, cache_read_input_tokens: 2, output_tokens: 7 });
      expect(heard.join('')).toBe(LONG_TEXT);
    });

    holds('calls a tool and takes its result, an image', async () => {
      crossing.upstream.answer(
        inTurn(
          reply({ text: 'Let me look.', toolCalls: [{ name: WEATHER.name, arguments: { city: 'Bern' } }] }),
          reply({ text: 'Sunny in Bern.' }),
        ),
      );
      const client = connect();
      const question: Anthropic.MessageParam = { role: 'user', content: 'Weather in Bern?' };
      const first = await client.messages.create({ model: MODEL, max_tokens: 99, messages: [question], tools });
      expect(first.stop_reason).toBe('tool_use');
      expect(first.content).toMatchObject([
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', name: WEATHER.name, input: { city: 'Bern' } },
      ]);
      expect(lastAsked().tools).toMatchObject([
        { type: 'function', name: WEATHER.name, description: WEATHER.description },
        { type: 'function', name: TIME.name },
      ]);
      const call = first.content.find((block) => block.type === 'tool_use')!;
      const data = onePixelPng;
      const result: Anthropic.ToolResultBlockParam = {
        type: 'tool_result',
        tool_use_id: call.id,
        content: [
          { type: 'text', text: 'The sky:' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
        ],
      };
      const second = await client.messages.create({
        model: MODEL,
        max_tokens: 99,
        messages: [question, { role: 'assistant', content: first.content }, { role: 'user', content: [result] }],
        tools,
      });
      expect(second.content).toMatchObject([{ type: 'text', text: 'Sunny in Bern.' }]);
      const parts = lastAsked().messages.flatMap((message) => message.parts);
      const sent = parts.find((part) => part.type === 'tool-call');
      const taken = parts.find((part) => part.type === 'tool-result');
      expect(sent).toMatchObject({ name: WEATHER.name });
      expect(JSON.parse(sent!.arguments)).toEqual({ city: 'Bern' });
      expect(taken?.callId).toBe(sent?.id);
      expect(JSON.stringify(taken?.parts)).toContain('The sky:');
      expect(JSON.stringify(parts)).toContain(data);
    });

    holds('calls the tool that is demanded', async () => {
      const answer = await connect().messages.create({
        model: MODEL,
        max_tokens: 99,
        messages: [{ role: 'user', content: 'Basel' }],
        tools,
        tool_choice: { type: 'tool', name: TIME.name },
      });
      expect(answer.content).toMatchObject([{ type: 'tool_use', name: TIME.name, input: { zone: 'Basel' } }]);
    });

    holds('streams parallel tool calls, each with its own input', async () => {
      crossing.upstream.answer(reply(TWO_CALLS));
      const pieces: string[] = [];
      const stream = connect().messages.stream({ model: MODEL, max_tokens: 99, messages: hello, tools });
      stream.on('inputJson', (piece) => void pieces.push(piece));
      const whole = await stream.finalMessage();
      expect(whole.stop_reason).toBe('tool_use');
      const calls = whole.content.filter((block) => block.type === 'tool_use');
      expect(calls.map(({ name, input }) => [name, input])).toEqual([
        [WEATHER.name, { city: 'Zürich' }],
        [TIME.name, { zone: 'Europe/Zurich' }],
      ]);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
      expect(pieces.join('')).toBe('{"city":"Zürich"}{"zone":"Europe/Zurich"}');
    });

    holds("runs the SDK's own tool loop", async () => {
      crossing.upstream.answer(inTurn(reply(TWO_CALLS), reply({ text: 'Sunny, and noon.' })));
      const ran: unknown[] = [];
      const tool = (name: string, inputSchema: z.ZodObject) =>
        betaZodTool({
          name,
          description: name,
          inputSchema,
          run: (given: unknown) => {
            ran.push(given);
            return `${name} ran`;
          },
        });
      const last = await connect().beta.messages.toolRunner({
        model: MODEL,
        max_tokens: 99,
        messages: [{ role: 'user', content: 'Zürich?' }],
        tools: [tool(WEATHER.name, z.object({ city: z.string() })), tool(TIME.name, z.object({ zone: z.string() }))],
      });
      expect(last.content).toMatchObject([{ type: 'text', text: 'Sunny, and noon.' }]);
      expect(ran).toEqual([{ city: 'Zürich' }, { zone: 'Europe/Zurich' }]);
      // The runner leaves the conversation to the provider (`thread`) and sends only what is new; elsewhere it must not be lost.
      const parts = lastAsked().messages.flatMap((message) => message.parts);
      if (provider !== 'anthropic-messages')
        expect(parts.map(({ type }) => type)).toEqual(['text', 'tool-call', 'tool-call', 'tool-result', 'tool-result']);
      const results = parts.filter((part) => part.type === 'tool-result');
      expect(results.map(({ parts }) => JSON.stringify(parts))).toEqual([
        expect.stringContaining('get_weather ran'),
        expect.stringContaining('get_time ran'),
      ]);
    });

    const imageIn = () => lastAsked().messages[0]?.parts.find((part): part is MediaPart => part.type === 'image');
    const askAbout = (source: Anthropic.ImageBlockParam['source']) =>
      connect().messages.create({
        model: MODEL,
        max_tokens: 99,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', source },
              { type: 'text', text: 'What is it?' },
            ],
          },
        ],
      });

    holds('shows an image in base64', async () => {
      const data = onePixelPng;
      await askAbout({ type: 'base64', media_type: 'image/png', data });
      expect(imageIn()?.source).toEqual({ kind: 'base64', mediaType: 'image/png', data });
    });

    holds('shows an image by its URL', async () => {
      await askAbout({ type: 'url', url: crossing.image.url });
      expect(imageIn()?.source).toMatchObject(crossing.image.seen);
    });

    holds('parses structured output by a zod schema', async () => {
      const Person = z.object({ name: z.string(), age: z.number(), tags: z.array(z.string()) });
      const ask = {
        model: MODEL,
        max_tokens: 99,
        messages: [{ role: 'user' as const, content: 'Ada' }],
        output_config: { format: zodOutputFormat(Person) },
      };
      const ada = { name: 'Ada', age: 1, tags: [] };
      expect((await connect().messages.parse(ask)).parsed_output).toEqual(ada);
      expect((await connect().messages.stream(ask).finalMessage()).parsed_output).toEqual(ada);
    });

    holds('tells thinking before the text, whole and streamed', async () => {
      crossing.upstream.answer(
        reply({ reasoning: 'Think it over.', text: 'Done.', usage: { output: 9, reasoning: 4 } }),
      );
      const ask: Anthropic.MessageCreateParamsNonStreaming = {
        model: MODEL,
        max_tokens: 4096,
        messages: [{ role: 'user', content: 'Think!' }],
        thinking: { type: 'enabled', budget_tokens: 2048 },
      };
      const content = [
        { type: 'thinking', thinking: 'Think it over.', signature: expect.any(String) },
        { type: 'text', text: 'Done.' },
      ];
      const answer = await connect().messages.create(ask);
      expect(answer.content).toMatchObject(content);
      expect((await connect().messages.stream(ask).finalMessage()).content).toMatchObject(content);
      // What was thought goes back with the next turn.
      crossing.upstream.answer(reply({ text: 'Done again.' }));
      const next = await connect().messages.create({
        ...ask,
        messages: [
          ...ask.messages,
          { role: 'assistant', content: answer.content },
          { role: 'user', content: 'Again!' },
        ],
      });
      expect(next.content).toMatchObject([{ type: 'text', text: 'Done again.' }]);
    });

    holds('tells that the answer was cut for length', async () => {
      crossing.upstream.answer(reply({ text: 'One two', finish: 'length' }));
      const ask = { model: MODEL, max_tokens: 2, messages: hello };
      expect((await connect().messages.create(ask)).stop_reason).toBe('max_tokens');
      expect((await connect().messages.stream(ask).finalMessage()).stop_reason).toBe('max_tokens');
    });

    holds('counts the tokens of a request', async () => {
      const counted = await connect().messages.countTokens({ model: MODEL, system: 'You are kind.', messages: hello });
      expect(counted.input_tokens).toBeGreaterThan(10);
      expect(counted.input_tokens).toBeLessThan(60);
    });

    holds('tells a refusal as such', async () => {
      crossing.upstream.answer(reply({ refusal: 'I will not.', finish: 'refusal' }));
      const answer = await connect().messages.create({ model: MODEL, max_tokens: 99, messages: hello });
      expect(answer.stop_reason).toBe('refusal');
    });

    mannersHold(crossing, {
      async ask(content, options = {}) {
        const answer = await connect(options).messages.create(
          { model: options.model ?? MODEL, max_tokens: 999, messages: [{ role: 'user', content }] },
          { signal: options.signal },
        );
        return answer.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
      },
      async *stream(content, options = {}) {
        const stream = await connect(options).messages.create(
          { model: options.model ?? MODEL, max_tokens: 999, messages: [{ role: 'user', content }], stream: true },
          { signal: options.signal },
        );
        for await (const event of stream) {
          if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield event.delta.text;
        }
      },
      errorClasses: [
        [400, Anthropic.BadRequestError],
        [401, Anthropic.AuthenticationError],
        [403, Anthropic.PermissionDeniedError],
        [404, Anthropic.NotFoundError],
        [413, Anthropic.APIError],
        [429, Anthropic.RateLimitError],
        [500, Anthropic.InternalServerError],
        ...(provider === 'anthropic-messages' ? ([[529, Anthropic.InternalServerError]] as const) : []),
      ],
      streamError: Anthropic.APIError,
      abortError: Anthropic.APIUserAbortError,
      connectionError: Anthropic.APIConnectionError,
      closesWhenLeft: true,
      bases: ['', '/', '/v1', '/v1/', '/anthropic', '/api'],
    });
  });
}
