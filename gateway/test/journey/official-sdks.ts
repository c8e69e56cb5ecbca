import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import type { ClientDialectName } from '@xidao/dialects';
import OpenAI from 'openai';
import { KEY } from '../a-gateway.ts';

/** What an official SDK made of a whole stream. */
export interface Heard {
  text: string;
  /** Arguments of tool calls, joined. */
  toolArguments: string;
  /** What it threw, if it did. */
  error: (Error & { status?: number; code?: unknown; type?: unknown }) | undefined;
}

interface Listening {
  url: string;
  model: string;
  text?: string;
}

type Pieces = AsyncGenerator<{ text?: string | undefined; toolArguments?: string | undefined }>;

const OFFERED = { name: 'look', description: 'Looks', parameters: { type: 'object', properties: {} } };

const LISTENERS: Record<ClientDialectName, (listening: Listening) => Pieces> = {
  async *'openai-chat'({ url, model, text = 'Hello' }) {
    const client = new OpenAI({ apiKey: KEY, baseURL: `${url}/v1`, maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: text }],
      stream: true,
      tools: [{ type: 'function', function: OFFERED }],
    });
    for await (const { choices } of stream) {
      const delta = choices[0]?.delta;
      yield { text: delta?.content ?? '', toolArguments: delta?.tool_calls?.[0]?.function?.arguments };
    }
  },
  async *'openai-responses'({ url, model, text = 'Hello' }) {
    const client = new OpenAI({ apiKey: KEY, baseURL: `${url}/v1`, maxRetries: 0 });
    const stream = await client.responses.create({ model, input: text, stream: true });
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') yield { text: event.delta };
      if (event.type === 'response.function_call_arguments.delta') yield { toolArguments: event.delta };
    }
  },
  async *'anthropic-messages'({ url, model, text = 'Hello' }) {
    const client = new Anthropic({ apiKey: KEY, baseURL: url, maxRetries: 0 });
    const stream = await client.messages.create({
      model,
      max_tokens: 100,
      messages: [{ role: 'user', content: text }],
      stream: true,
    });
    for await (const event of stream) {
      if (event.type !== 'content_block_delta') continue;
      if (event.delta.type === 'text_delta') yield { text: event.delta.text };
      if (event.delta.type === 'input_json_delta') yield { toolArguments: event.delta.partial_json };
    }
  },
  async *gemini({ url, model, text = 'Hello' }) {
    const client = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: url } });
    for await (const chunk of await client.models.generateContentStream({ model, contents: text }))
      yield { text: chunk.text, toolArguments: JSON.stringify(chunk.functionCalls?.[0]?.args) };
  },
};

/** Streams a chat through the official SDK of a dialect, to its end or its error. */
export async function listen(dialect: ClientDialectName, listening: Listening): Promise<Heard> {
  const heard: Heard = { text: '', toolArguments: '', error: undefined };
  try {
    for await (const piece of LISTENERS[dialect](listening)) {
      heard.text += piece.text ?? '';
      heard.toolArguments += piece.toolArguments ?? '';
    }
  } catch (error) {
    heard.error = error as Error;
  }
  return heard;
}
