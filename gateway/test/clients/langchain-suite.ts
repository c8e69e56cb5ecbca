import { ChatAnthropic } from '@langchain/anthropic';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, AIMessageChunk, HumanMessage, SystemMessage, type ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { collect, reply, status } from '@xidao/testkit';
import { describe, expect } from 'vitest';
import { z } from 'zod';
import { type Crossing, crossTo, inTurn, type Lacks, MODEL, type ProviderDialect } from './crossing.ts';
import { LONG_TEXT, TIME, TWO_CALLS, WEATHER } from './texts.ts';

/** A chat model class of LangChain. */
export interface LangchainVoice {
  name: string;
  /** The model, at the base URL that the class's documentation asks for. */
  connect(crossing: Crossing): ChatOpenAI | ChatAnthropic;
}

const common = { model: MODEL, maxTokens: 4096, maxRetries: 0 };

export const langchainVoices: readonly LangchainVoice[] = [
  {
    name: 'ChatOpenAI',
    connect: ({ gateway }) =>
      new ChatOpenAI({ ...common, apiKey: gateway.key, configuration: { baseURL: `${gateway.url}/v1` } }),
  },
  {
    name: 'ChatOpenAI over Responses',
    connect: ({ gateway }) =>
      new ChatOpenAI({
        ...common,
        apiKey: gateway.key,
        configuration: { baseURL: `${gateway.url}/v1` },
        useResponsesApi: true,
      }),
  },
  {
    name: 'ChatAnthropic',
    connect: ({ gateway }) => new ChatAnthropic({ ...common, apiKey: gateway.key, anthropicApiUrl: gateway.url }),
  },
  {
    name: 'ChatAnthropic at /v1',
    connect: ({ gateway }) =>
      new ChatAnthropic({ ...common, apiKey: gateway.key, anthropicApiUrl: `${gateway.url}/v1` }),
  },
];

const Person = z.object({ name: z.string(), age: z.number(), tags: z.array(z.string()) });

/** What LangChain does through one of its chat models, against a model behind a provider of this dialect. */
export function langchainSuite(voice: LangchainVoice, provider: ProviderDialect, lacks: Lacks = {}): void {
  describe(`${voice.name} → ${provider}`, () => {
    const crossing = crossTo(provider, lacks);
    const { holds, lastAsked } = crossing;
    const connect = () => voice.connect(crossing);

    holds('answers a conversation', async () => {
      crossing.upstream.answer(reply({ text: 'Guten Tag!', usage: { input: 12, output: 3, cached: 4 } }));
      const answer = await connect().invoke([
        new SystemMessage('Speak German.'),
        new HumanMessage('Hello'),
        new AIMessage('Hallo!'),
        new HumanMessage('Good day'),
      ]);
      expect(answer.text).toBe('Guten Tag!');
      expect(answer.usage_metadata).toMatchObject({
        input_tokens: 12,
        output_tokens: 3,
        total_tokens: 15,
        input_token_details: { cache_read: 4 },
      });
      const asked = lastAsked();
      expect(asked.maxOutputTokens).toBe(4096);
      expect(asked.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
      expect(asked.messages.flatMap(({ parts }) => parts)).toMatchObject(
        ['Speak German.', 'Hello', 'Hallo!', 'Good day'].map((text) => ({ type: 'text', text })),
      );
    });

    holds('streams a text piece by piece', async () => {
      const chunks = await collect(await connect().stream(LONG_TEXT));
      const pieces = chunks.map(({ text }) => text).filter(Boolean);
      expect(pieces.join('')).toBe(LONG_TEXT);
      expect(pieces.length).toBeGreaterThan(5);
    });

    holds('tells the usage of a stream', async () => {
      crossing.upstream.answer(reply({ text: 'Hi', usage: { input: 9, output: 7 } }));
      const chunks = await collect(await connect().stream('Hello'));
      expect(whole(chunks).usage_metadata).toMatchObject({ input_tokens: 9, output_tokens: 7 });
    });

    const tools = [
      tool(({ city }) => `sunny in ${city}`, { ...WEATHER, schema: z.object({ city: z.string() }) }),
      tool(({ zone }) => `noon in ${zone}`, { ...TIME, schema: z.object({ zone: z.string() }) }),
    ] as const;
    const question = new HumanMessage('Weather and time in Zürich?');

    /** Calls the tools as the answer says, and hands their results back. */
    async function runTools(model: Pick<BaseChatModel, 'invoke'>, said: AIMessage): Promise<void> {
      expect(said.tool_calls).toMatchObject([
        { name: WEATHER.name, args: { city: 'Zürich' } },
        { name: TIME.name, args: { zone: 'Europe/Zurich' } },
      ]);
      const results: ToolMessage[] = [];
      for (const call of said.tool_calls!) {
        const named = tools.find(({ name }) => name === call.name)!;
        results.push(
          (await (named as { invoke(given: unknown): Promise<unknown> }).invoke({
            ...call,
            type: 'tool_call',
          })) as ToolMessage,
        );
      }
      const last = await model.invoke([question, said, ...results]);
      expect(last.text).toBe('Sunny, and noon.');
      const parts = lastAsked().messages.flatMap((message) => message.parts);
      const calls = parts.filter((part) => part.type === 'tool-call');
      const taken = parts.filter((part) => part.type === 'tool-result');
      expect(calls.map(({ name, arguments: given }) => [name, JSON.parse(given)])).toEqual([
        [WEATHER.name, { city: 'Zürich' }],
        [TIME.name, { zone: 'Europe/Zurich' }],
      ]);
      expect(taken.map(({ callId }) => callId)).toEqual(calls.map(({ id }) => id));
      expect(taken.map(({ parts }) => JSON.stringify(parts))).toEqual([
        expect.stringContaining('sunny in Zürich'),
        expect.stringContaining('noon in Europe/Zurich'),
      ]);
    }

    holds('runs a tool loop', async () => {
      crossing.upstream.answer(inTurn(reply(TWO_CALLS), reply({ text: 'Sunny, and noon.' })));
      const model = connect().bindTools([...tools]);
      await runTools(model as unknown as BaseChatModel, await model.invoke([question]));
    });

    holds('runs a tool loop over streams', async () => {
      crossing.upstream.answer(inTurn(reply(TWO_CALLS), reply({ text: 'Sunny, and noon.' })));
      const model = connect().bindTools([...tools]);
      await runTools(model as unknown as BaseChatModel, whole(await collect(await model.stream([question]))));
    });

    for (const method of ['jsonSchema', 'functionCalling'] as const) {
      holds(`gives an object by a zod schema (${method})`, async () => {
        const model = connect().withStructuredOutput(Person, { method });
        const given = await model.invoke('Ada');
        expect(given).toEqual({ name: 'Ada', age: 1, tags: [] });
      });
    }

    holds('raises an error that names its status', async () => {
      for (const code of [400, 404, 500]) {
        crossing.upstream.answer(status(code));
        await expect(connect().invoke('Hello')).rejects.toMatchObject({ status: code });
      }
    });
  });
}

function whole(chunks: AIMessageChunk[]): AIMessageChunk {
  return chunks.reduce((sum, chunk) => sum.concat(chunk), new AIMessageChunk(''));
}
