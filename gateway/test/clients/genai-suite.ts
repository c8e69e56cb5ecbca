import { ApiError, FunctionCallingConfigMode, type FunctionDeclaration, GoogleGenAI, Type } from '@google/genai';
import type { MediaPart } from '@xidao/dialects';
import { collect, onePixelPng, reply } from '@xidao/testkit';
import { describe, expect } from 'vitest';
import { mannersHold, type VoiceOptions } from './client-manners.ts';
import { crossTo, inTurn, type Lacks, MODEL, type ProviderDialect } from './crossing.ts';
import { LONG_TEXT, TIME, TWO_CALLS, WEATHER } from './texts.ts';

const functionDeclarations: FunctionDeclaration[] = [WEATHER, TIME].map(({ name, description, schema }) => ({
  name,
  description,
  parametersJsonSchema: schema,
}));
const tools = [{ functionDeclarations }];

/** What Google's official SDK does with generateContent, against a model behind a provider of this dialect. */
export function genaiSuite({ provider, lacks = {} }: { provider: ProviderDialect; lacks?: Lacks }): void {
  describe(`google genai → ${provider}`, () => {
    const crossing = crossTo(provider, lacks);
    const { holds, lastAsked } = crossing;
    const connect = ({ base = '', apiKey = crossing.gateway.key, fetch, maxRetries = 0 }: VoiceOptions = {}) =>
      new GoogleGenAI({
        apiKey,
        httpOptions: {
          baseUrl: crossing.gateway.url + base,
          retryOptions: { attempts: maxRetries + 1, initialDelay: 0.001 },
          ...(fetch !== undefined && { fetch }),
        },
      });

    holds('answers a conversation', async () => {
      crossing.upstream.answer(reply({ text: 'Guten Tag!', usage: { input: 12, output: 3, cached: 4 } }));
      const answer = await connect().models.generateContent({
        model: MODEL,
        contents: [
          { role: 'user', parts: [{ text: 'Hello' }] },
          { role: 'model', parts: [{ text: 'Hallo!' }] },
          { role: 'user', parts: [{ text: 'Good day' }] },
        ],
        config: { systemInstruction: 'Speak German.', maxOutputTokens: 100 },
      });
      expect(answer.text).toBe('Guten Tag!');
      expect(answer.candidates).toMatchObject([{ finishReason: 'STOP', content: { role: 'model' } }]);
      expect(answer.usageMetadata).toMatchObject({
        promptTokenCount: 12,
        candidatesTokenCount: 3,
        totalTokenCount: 15,
        cachedContentTokenCount: 4,
      });
      const asked = lastAsked();
      expect(asked.maxOutputTokens).toBe(100);
      expect(asked.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
      expect(asked.messages.flatMap(({ parts }) => parts)).toMatchObject(
        ['Speak German.', 'Hello', 'Hallo!', 'Good day'].map((text) => ({ type: 'text', text })),
      );
    });

    holds('streams a text piece by piece', async () => {
      crossing.upstream.answer(reply({ text: LONG_TEXT, usage: { input: 9, output: 7 } }));
      const stream = await connect().models.generateContentStream({ model: MODEL, contents: 'Go' });
      const chunks = await collect(stream);
      expect(chunks.map(({ text }) => text ?? '').join('')).toBe(LONG_TEXT);
      expect(chunks.length).toBeGreaterThan(5);
      expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
      expect(chunks.at(-1)?.usageMetadata).toMatchObject({ promptTokenCount: 9, candidatesTokenCount: 7 });
    });

    holds("keeps a conversation in the SDK's chat", async () => {
      const chat = connect().chats.create({ model: MODEL });
      expect((await chat.sendMessage({ message: 'First' })).text).toBe('First');
      const second = await collect(await chat.sendMessageStream({ message: 'Second and last' }));
      expect(second.map(({ text }) => text ?? '').join('')).toBe('Second and last');
      expect(lastAsked().messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    });

    holds('calls a function and takes its response', async () => {
      crossing.upstream.answer(
        inTurn(
          reply({ text: 'Let me look.', toolCalls: [{ name: WEATHER.name, arguments: { city: 'Bern' } }] }),
          reply({ text: 'Sunny in Bern.' }),
        ),
      );
      const client = connect();
      const question = { role: 'user', parts: [{ text: 'Weather in Bern?' }] };
      const first = await client.models.generateContent({ model: MODEL, contents: [question], config: { tools } });
      expect(first.functionCalls).toMatchObject([{ name: WEATHER.name, args: { city: 'Bern' } }]);
      expect(first.candidates?.[0]?.content?.parts?.[0]).toMatchObject({ text: 'Let me look.' });
      expect(lastAsked().tools).toMatchObject([
        { type: 'function', name: WEATHER.name, description: WEATHER.description },
        { type: 'function', name: TIME.name },
      ]);
      const { id } = first.functionCalls![0]!;
      const functionResponse = { ...(id !== undefined && { id }), name: WEATHER.name, response: { sky: 'sunny' } };
      const second = await client.models.generateContent({
        model: MODEL,
        contents: [question, first.candidates![0]!.content!, { role: 'user', parts: [{ functionResponse }] }],
        config: { tools },
      });
      expect(second.text).toBe('Sunny in Bern.');
      const parts = lastAsked().messages.flatMap((message) => message.parts);
      const sent = parts.find((part) => part.type === 'tool-call');
      const taken = parts.find((part) => part.type === 'tool-result');
      expect(sent).toMatchObject({ name: WEATHER.name });
      expect(JSON.parse(sent!.arguments)).toEqual({ city: 'Bern' });
      expect(taken?.callId).toBe(sent?.id);
      expect(JSON.stringify(taken?.parts)).toContain('sunny');
    });

    holds('calls the function that is demanded', async () => {
      const mode = FunctionCallingConfigMode.ANY;
      const answer = await connect().models.generateContent({
        model: MODEL,
        contents: 'Basel',
        config: { tools, toolConfig: { functionCallingConfig: { mode, allowedFunctionNames: [TIME.name] } } },
      });
      expect(answer.functionCalls).toMatchObject([{ name: TIME.name, args: { zone: 'Basel' } }]);
    });

    holds('streams parallel function calls, each with its own arguments', async () => {
      crossing.upstream.answer(reply(TWO_CALLS));
      const stream = await connect().models.generateContentStream({ model: MODEL, contents: 'Go', config: { tools } });
      const calls = (await collect(stream)).flatMap((chunk) => chunk.functionCalls ?? []);
      expect(calls.map(({ name, args }) => [name, args])).toEqual([
        [WEATHER.name, { city: 'Zürich' }],
        [TIME.name, { zone: 'Europe/Zurich' }],
      ]);
    });

    const imageIn = () => lastAsked().messages[0]?.parts.find((part): part is MediaPart => part.type === 'image');

    holds('shows an image in base64', async () => {
      const data = onePixelPng;
      await connect().models.generateContent({
        model: MODEL,
        contents: [{ inlineData: { mimeType: 'image/png', data } }, { text: 'What is it?' }],
      });
      expect(imageIn()?.source).toEqual({ kind: 'base64', mediaType: 'image/png', data });
    });

    holds('shows an image by its URL', async () => {
      const fileUri = crossing.image.url;
      await connect().models.generateContent({
        model: MODEL,
        contents: [{ fileData: { mimeType: 'image/png', fileUri } }, { text: 'What is it?' }],
      });
      // Between a client and a provider of one dialect nothing is changed.
      const seen = provider === 'gemini' ? { kind: 'url', url: fileUri } : crossing.image.seen;
      expect(imageIn()?.source).toMatchObject(seen);
    });

    holds('gives structured output by a response schema', async () => {
      const answer = await connect().models.generateContent({
        model: MODEL,
        contents: 'Ada',
        config: {
          responseMimeType: 'application/json',
          responseSchema: {
            type: Type.OBJECT,
            properties: { name: { type: Type.STRING }, age: { type: Type.INTEGER } },
            required: ['name', 'age'],
          },
        },
      });
      expect(JSON.parse(answer.text ?? '')).toEqual({ name: 'Ada', age: 1 });
    });

    holds('gives structured output by a JSON schema', async () => {
      const answer = await connect().models.generateContent({
        model: MODEL,
        contents: 'Ada',
        config: {
          responseMimeType: 'application/json',
          responseJsonSchema: {
            type: 'object',
            properties: { name: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
            required: ['name', 'tags'],
          },
        },
      });
      expect(JSON.parse(answer.text ?? '')).toEqual({ name: 'Ada', tags: [] });
    });

    holds('tells thoughts apart from the text', async () => {
      crossing.upstream.answer(
        reply({ reasoning: 'Think it over.', text: 'Done.', usage: { output: 9, reasoning: 4 } }),
      );
      const ask = { model: MODEL, contents: 'Think!', config: { thinkingConfig: { includeThoughts: true } } };
      const answer = await connect().models.generateContent(ask);
      expect(answer.text).toBe('Done.');
      expect(answer.candidates?.[0]?.content?.parts).toMatchObject([
        { thought: true, text: 'Think it over.' },
        { text: 'Done.' },
      ]);
      const stream = await collect(await connect().models.generateContentStream(ask));
      const parts = stream.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
      expect(parts.flatMap(({ thought, text }) => (thought ? [text] : [])).join('')).toBe('Think it over.');
      expect(parts.flatMap(({ thought, text }) => (thought ? [] : [text])).join('')).toBe('Done.');
      // Bedrock does not count them apart.
      if (provider !== 'bedrock') expect(stream.at(-1)?.usageMetadata?.thoughtsTokenCount).toBe(4);
    });

    holds('tells that the answer was cut for length', async () => {
      crossing.upstream.answer(reply({ text: 'One two', finish: 'length' }));
      const ask = { model: MODEL, contents: 'Count', config: { maxOutputTokens: 2 } };
      expect((await connect().models.generateContent(ask)).candidates?.[0]?.finishReason).toBe('MAX_TOKENS');
      const stream = await collect(await connect().models.generateContentStream(ask));
      expect(stream.at(-1)?.candidates?.[0]?.finishReason).toBe('MAX_TOKENS');
    });

    holds('counts the tokens of a request', async () => {
      const counted = await connect().models.countTokens({ model: MODEL, contents: LONG_TEXT });
      expect(counted.totalTokens).toBeGreaterThan(8);
      expect(counted.totalTokens).toBeLessThan(60);
    });

    mannersHold(crossing, {
      async ask(content, options = {}) {
        const answer = await connect(options).models.generateContent({
          model: options.model ?? MODEL,
          contents: content,
          ...(options.signal !== undefined && { config: { abortSignal: options.signal } }),
        });
        return answer.text ?? '';
      },
      async *stream(content, options = {}) {
        const stream = await connect(options).models.generateContentStream({
          model: options.model ?? MODEL,
          contents: content,
          ...(options.signal !== undefined && { config: { abortSignal: options.signal } }),
        });
        for await (const chunk of stream) yield chunk.text ?? '';
      },
      // One class for all; what tells them apart is the status.
      errorClasses: [400, 401, 403, 404, 429, 500, 503].map((code) => [code, ApiError] as const),
      streamError: Error,
      abortError: Error,
      connectionError: Error,
      closesWhenLeft: false,
      bases: ['', '/', '/gemini'],
    });
  });
}
