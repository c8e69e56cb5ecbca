import { createHash } from 'node:crypto';
import { type DialectName, dialects, type JsonObject, type ModelEvent } from '@xidao/dialects';
import { bodyOf, type Exchange, rawRequest, replayModel } from '@xidao/testkit';
import { type Meaning, meaningOf } from './meaning.ts';

/** The dialects that the gateway serves to clients. */
export const clientDialects = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const;
export type ClientDialect = (typeof clientDialects)[number];

/** What the recording says, as its own dialect reads it. */
export function meaningBefore(exchange: Exchange, dialect: DialectName): Meaning {
  if (exchange.status >= 400) return meaningOfError(exchange.status, exchange.body ?? '', dialect, exchange.headers);
  return meaningOf(readAnswer(bodyOf(exchange), exchange.stream, dialect));
}

export interface Gate {
  port: number;
  key: string;
}

export interface Told {
  meaning: Meaning;
  /** A hash of the answer's bytes, without what is of the call and the moment: its id, and when it was made. */
  print: string;
}

/** What a client of this dialect reads in the gateway's answer, when the provider answers as recorded. */
export async function hearAnswer(
  exchange: Exchange,
  { gate, from, to, streamed }: { gate: Gate; from: DialectName; to: ClientDialect; streamed: boolean },
): Promise<Told> {
  const { path, body } = leastRequest(to, `${from}/${replayModel(exchange)}`, streamed);
  const headers = { authorization: `Bearer ${gate.key}`, 'content-type': 'application/json' };
  const answer = await rawRequest({ port: gate.port, path, headers, body });
  const meaning =
    answer.status >= 400
      ? meaningOfError(answer.status, answer.text, to, answer.headers)
      : meaningOf(readAnswer(answer.body, streamed, to));
  return { meaning, print: printOf(answer.text, answer.headers['x-xidao-request-id'] ?? '') };
}

function printOf(text: string, id: string): string {
  const timeless = text
    .replaceAll(id.replace(/^[a-z]+_/, ''), 'id')
    .replace(/"(?:created|created_at|completed_at|createTime)":\s*(?:\d+|"[^"]*")/g, '"when"');
  return createHash('sha256').update(timeless).digest('base64url');
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
  return { choices: [], usage: undefined, error: { kind, status, message }, isComplete: false };
}
