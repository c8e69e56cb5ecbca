import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { collect, reply, status } from '@xidao/testkit';
import { APICallError, generateText, isStepCount, jsonSchema, type LanguageModel, Output, streamText, tool } from 'ai';
import { describe, expect } from 'vitest';
import { z } from 'zod';
import { type Crossing, crossTo, inTurn, type Lacks, MODEL, type ProviderDialect } from './crossing.ts';
import { LONG_TEXT, TWO_CALLS, WEATHER } from './texts.ts';

/** A provider package of the Vercel AI SDK. */
export interface VercelVoice {
  name: string;
  /** Whether it reads a model's reasoning; of chat completions it reads none. */
  tellsReasoning: boolean;
  /** The model, at the base URL that the package's documentation asks for. */
  connect(crossing: Crossing): LanguageModel;
}

export const vercelVoices: readonly VercelVoice[] = [
  {
    name: '@ai-sdk/openai chat',
    tellsReasoning: false,
    connect: ({ gateway }) => createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key }).chat(MODEL),
  },
  {
    name: '@ai-sdk/openai responses',
    tellsReasoning: true,
    connect: ({ gateway }) => createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key }).responses(MODEL),
  },
  {
    name: '@ai-sdk/anthropic',
    tellsReasoning: true,
    connect: ({ gateway }) => createAnthropic({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key })(MODEL),
  },
  {
    name: '@ai-sdk/google',
    tellsReasoning: true,
    connect: ({ gateway }) => createGoogle({ baseURL: `${gateway.url}/v1beta`, apiKey: gateway.key })(MODEL),
  },
];

const Person = z.object({ name: z.string(), age: z.number(), tags: z.array(z.string()) });

/** What the Vercel AI SDK does through one of its provider packages, against a model behind a provider of this dialect. */
export function vercelSuite(voice: VercelVoice, provider: ProviderDialect, lacks: Lacks = {}): void {
  describe(`${voice.name} → ${provider}`, () => {
    const crossing = crossTo(provider, lacks);
    const { holds, lastAsked } = crossing;
    const ask = (prompt: string) => ({
      model: voice.connect(crossing),
      prompt,
      maxOutputTokens: 4096,
      maxRetries: 0,
    });

    holds('generates a text', async () => {
      crossing.upstream.answer(reply({ text: 'Guten Tag!', usage: { input: 12, output: 3, cached: 4 } }));
      const answer = await generateText({ ...ask('Good day'), instructions: 'Speak German.', maxOutputTokens: 100 });
      expect(answer.text).toBe('Guten Tag!');
      expect(answer.finishReason).toBe('stop');
      expect(answer.usage).toMatchObject({
        inputTokens: 12,
        outputTokens: 3,
        inputTokenDetails: { cacheReadTokens: 4 },
      });
      const asked = lastAsked();
      expect(asked.maxOutputTokens).toBe(100);
      expect(asked.messages.flatMap(({ parts }) => parts)).toMatchObject(
        ['Speak German.', 'Good day'].map((text) => ({ type: 'text', text })),
      );
    });

    holds('streams a text piece by piece', async () => {
      crossing.upstream.answer(reply({ text: LONG_TEXT, usage: { input: 9, output: 7 } }));
      const stream = streamText(ask('Count'));
      const pieces = await collect(stream.textStream);
      expect(pieces.join('')).toBe(LONG_TEXT);
      expect(pieces.length).toBeGreaterThan(5);
      expect(await stream.finishReason).toBe('stop');
      expect(await stream.usage).toMatchObject({ inputTokens: 9, outputTokens: 7 });
    });

    const ran: unknown[] = [];
    const tools = {
      [WEATHER.name]: tool({
        description: WEATHER.description,
        inputSchema: z.object({ city: z.string() }),
        execute: (input) => {
          ran.push(input);
          return { sky: 'sunny' };
        },
      }),
      get_time: tool({
        description: 'The time in a zone',
        inputSchema: jsonSchema<{ zone: string }>({ type: 'object', properties: { zone: { type: 'string' } } }),
        execute: (input) => {
          ran.push(input);
          return 'noon';
        },
      }),
    };
    const loop = () => ({ ...ask('Weather and time in Zürich?'), tools, stopWhen: isStepCount(3) });

    const loopHeld = () => {
      expect(ran.splice(0)).toEqual([{ city: 'Zürich' }, { zone: 'Europe/Zurich' }]);
      const parts = lastAsked().messages.flatMap((message) => message.parts);
      const calls = parts.filter((part) => part.type === 'tool-call');
      const results = parts.filter((part) => part.type === 'tool-result');
      expect(calls.map(({ name, arguments: given }) => [name, JSON.parse(given)])).toEqual([
        [WEATHER.name, { city: 'Zürich' }],
        ['get_time', { zone: 'Europe/Zurich' }],
      ]);
      expect(results.map(({ callId }) => callId)).toEqual(calls.map(({ id }) => id));
      expect(results.map(({ parts }) => JSON.stringify(parts))).toEqual([
        expect.stringContaining('sunny'),
        expect.stringContaining('noon'),
      ]);
    };

    holds('runs its tool loop', async () => {
      crossing.upstream.answer(inTurn(reply(TWO_CALLS), reply({ text: 'Sunny, and noon.' })));
      const answer = await generateText(loop());
      expect(answer.text).toBe('Sunny, and noon.');
      expect(answer.steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop']);
      loopHeld();
    });

    holds('runs its tool loop over streams', async () => {
      crossing.upstream.answer(inTurn(reply(TWO_CALLS), reply({ text: 'Sunny, and noon.' })));
      const stream = streamText(loop());
      expect((await collect(stream.textStream)).join('')).toBe('Sunny, and noon.');
      expect(await stream.finishReason).toBe('stop');
      loopHeld();
    });

    holds('gives an object by a zod schema, whole and streamed', async () => {
      const demand = { ...ask('Ada'), output: Output.object({ schema: Person }) };
      const ada = { name: 'Ada', age: 1, tags: [] };
      expect((await generateText(demand)).output).toEqual(ada);
      const stream = streamText(demand);
      expect((await collect(stream.partialOutputStream)).at(-1)).toEqual(ada);
      expect(await stream.output).toEqual(ada);
    });

    if (voice.tellsReasoning) {
      holds('tells reasoning apart from the text', async () => {
        crossing.upstream.answer(reply({ reasoning: 'Think it over.', text: 'Done.' }));
        const answer = await generateText({ ...ask('Think!'), reasoning: 'medium' });
        expect([answer.reasoningText, answer.text]).toEqual(['Think it over.', 'Done.']);
      });
    }

    holds('raises an error that says whether to try again', async () => {
      for (const [code, isRetryable] of [
        [400, false],
        [500, true],
      ] as const) {
        crossing.upstream.answer(status(code));
        const error = await generateText(ask('Hello')).catch((e: unknown) => e);
        expect(APICallError.isInstance(error)).toBe(true);
        expect(error).toMatchObject({ statusCode: code, isRetryable });
      }
    });
  });
}
