import { type DialectName, dialects, type JsonObject, type ModelEvent } from '@xidao/dialects';
import { bodyOf, type Exchange, rawRequest, replayModel } from '@xidao/testkit';
import { type Meaning, meaningOf } from './meaning.ts';

/** The dialects that the gateway serves to clients. */
export const clientDialects = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const;
export type ClientDialect = (typeof clientDialects)[number];

const providerDialectOf: Record<string, DialectName> = {
  chat: 'openai-chat',
  responses: 'openai-responses',
  messages: 'anthropic-messages',
  gemini_generate: 'gemini',
  gemini_stream: 'gemini',
  converse: 'bedrock',
  converse_stream: 'bedrock',
};

/** The dialect of a recorded answer of a model. Undefined: no model spoke, or in a dialect that is none of ours. */
export function dialectOfRecording({ api }: Exchange): DialectName | undefined {
  return providerDialectOf[api];
}

/** What the recording says, as its own dialect reads it. */
export function meaningBefore(exchange: Exchange, dialect: DialectName): Meaning {
  if (exchange.status >= 400) return meaningOfError(exchange.status, exchange.body ?? '', dialect, exchange.headers);
  return meaningOf(readAnswer(bodyOf(exchange), exchange.stream, dialect));
}

export interface Gate {
  port: number;
  key: string;
}

/** What a client of this dialect reads in the gateway's answer, when the provider answers as recorded. */
export async function meaningAfter(
  exchange: Exchange,
  { gate, from, to, streamed }: { gate: Gate; from: DialectName; to: ClientDialect; streamed: boolean },
): Promise<Meaning> {
  const { path, body } = leastRequest(to, `${from}/${replayModel(exchange)}`, streamed);
  const headers = { authorization: `Bearer ${gate.key}`, 'content-type': 'application/json' };
  const answer = await rawRequest({ port: gate.port, path, headers, body });
  if (answer.status >= 400) return meaningOfError(answer.status, answer.text, to, answer.headers);
  return meaningOf(readAnswer(answer.body, streamed, to));
}

/** The least that a client of a dialect can ask if it wants to hear all, reasoning too. */
export function leastRequest(
  dialect: ClientDialect,
  model: string,
  streamed: boolean,
): { path: string; body: JsonObject } {
  const messages = [{ role: 'user', content: 'Hello' }];
  switch (dialect) {
    case 'openai-chat':
      return {
        path: '/v1/chat/completions',
        body: { model, messages, stream: streamed, ...(streamed && { stream_options: { include_usage: true } }) },
      };
    case 'openai-responses':
      return {
        path: '/v1/responses',
        body: { model, input: 'Hello', reasoning: { summary: 'auto' }, stream: streamed },
      };
    case 'anthropic-messages':
      return {
        path: '/v1/messages',
        body: {
          model,
          max_tokens: 4096,
          thinking: { type: 'enabled', budget_tokens: 1024 },
          messages,
          stream: streamed,
        },
      };
    case 'gemini':
      return {
        path: `/v1beta/models/${model}:${streamed ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
        body: {
          contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
          generationConfig: { thinkingConfig: { includeThoughts: true } },
        },
      };
  }
}

function readAnswer(bytes: Buffer, streamed: boolean, dialect: DialectName): ModelEvent[] {
  if (!streamed) return dialects[dialect].readDocument(JSON.parse(bytes.toString('utf8')));
  const reader = dialects[dialect].createReader();
  return [...reader.push(bytes), ...reader.finish()];
}

function meaningOfError(status: number, body: string, dialect: DialectName, headers: Record<string, string>): Meaning {
  const { kind, message } = dialects[dialect].readError(status, body, headers);
  return { choices: [], usage: undefined, error: { kind, message }, isComplete: false };
}
