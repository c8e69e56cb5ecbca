import type { Asked } from '../asked.ts';
import type { JsonObject } from '../json.ts';
import { createdSeconds } from '../reply-script.ts';
import type { Surface } from '../routes.ts';
import { eventFrame, type Frame, frame, type WireReply } from '../wire-reply.ts';
import { eventStreamMessage } from './event-stream.ts';
import { pretty } from './gemini.ts';
import { numberEvents, responseShell } from './openai-responses.ts';

/** An error in no dialect's words. What is left out is what the provider says for the status. */
export interface ErrorScript {
  status: number;
  message?: string;
  type?: string;
  code?: string;
}

type Words = { type: string; code?: string | null; message: string };

const openaiWords: Record<number, Words> = {
  400: { type: 'invalid_request_error', message: 'The request is not valid.' },
  401: { type: 'invalid_request_error', code: 'invalid_api_key', message: 'Incorrect API key provided.' },
  403: { type: 'invalid_request_error', code: 'forbidden', message: 'You are not allowed to do this.' },
  404: { type: 'invalid_request_error', code: 'model_not_found', message: 'The model does not exist.' },
  429: { type: 'tokens', code: 'rate_limit_exceeded', message: 'Rate limit reached. Please try again in 1s.' },
  500: { type: 'server_error', message: 'The server had an error processing your request.' },
  503: { type: 'server_error', message: 'The engine is currently overloaded, please try again later.' },
};

const anthropicWords: Record<number, Words> = {
  400: { type: 'invalid_request_error', message: 'The request is not valid.' },
  401: { type: 'authentication_error', message: 'invalid x-api-key' },
  402: { type: 'billing_error', message: 'Your credit balance is too low.' },
  403: { type: 'permission_error', message: 'You are not allowed to do this.' },
  404: { type: 'not_found_error', message: 'model: not found' },
  413: { type: 'request_too_large', message: 'Request exceeds the maximum size' },
  429: { type: 'rate_limit_error', message: 'This request would exceed your rate limit.' },
  500: { type: 'api_error', message: 'Internal server error' },
  504: { type: 'timeout_error', message: 'The request timed out' },
  529: { type: 'overloaded_error', message: 'Overloaded' },
};

const geminiWords: Record<number, Words> = {
  400: { type: 'INVALID_ARGUMENT', message: 'Request contains an invalid argument.' },
  401: { type: 'UNAUTHENTICATED', message: 'API key not valid. Please pass a valid API key.' },
  403: { type: 'PERMISSION_DENIED', message: 'The caller does not have permission.' },
  404: { type: 'NOT_FOUND', message: 'The model is not found for API version v1beta.' },
  429: { type: 'RESOURCE_EXHAUSTED', message: 'You exceeded your current quota.' },
  500: { type: 'INTERNAL', message: 'An internal error has occurred.' },
  503: { type: 'UNAVAILABLE', message: 'The model is overloaded. Please try again later.' },
  504: { type: 'DEADLINE_EXCEEDED', message: 'The request timed out.' },
};

const bedrockWords: Record<number, Words> = {
  400: { type: 'ValidationException', message: 'The request is not valid.' },
  403: { type: 'AccessDeniedException', message: 'The security token included in the request is invalid.' },
  404: { type: 'ResourceNotFoundException', message: 'The provided model identifier is invalid.' },
  408: { type: 'ModelTimeoutException', message: 'The request took too long to process.' },
  424: { type: 'ModelErrorException', message: 'The model returned an error.' },
  429: { type: 'ThrottlingException', message: 'Too many requests, please wait before trying again.' },
  500: { type: 'InternalServerException', message: 'The system encountered an unexpected error.' },
  503: { type: 'ServiceUnavailableException', message: 'The service is currently unavailable.' },
};

const vocabularies: Record<Surface, Record<number, Words>> = {
  openai: openaiWords,
  anthropic: anthropicWords,
  gemini: geminiWords,
  bedrock: bedrockWords,
};

/** The error as a document, in the shape of the dialect that was asked. */
export function errorDocument(asked: Asked, error: ErrorScript): { text: string; headers: WireReply['headers'] } {
  const words = wordsFor(asked.surface, error);
  const json: WireReply['headers'] = [['content-type', 'application/json']];
  switch (asked.surface) {
    case 'openai':
      return { text: pretty({ error: openaiError(words) }), headers: json };
    case 'anthropic':
      return { text: JSON.stringify(anthropicError(asked, words)), headers: json };
    case 'gemini':
      return {
        text: pretty(geminiError(error.status, words)),
        headers: [['content-type', 'application/json; charset=UTF-8']],
      };
    case 'bedrock':
      return {
        text: JSON.stringify({ message: words.message }),
        headers: [...json, ['x-amzn-errortype', `${words.type}:http://internal.amazon.com/coral/com.amazon.bedrock/`]],
      };
  }
}

/** The error as the last frames of a stream that has sent `begun` frames, in the dialect that was asked. */
export function errorFrames(asked: Asked, error: ErrorScript, begun: number): Frame[] {
  const words = wordsFor(asked.surface, error);
  switch (asked.surface) {
    case 'openai':
      return asked.operation === 'responses'
        ? failedResponse(asked, words, begun)
        : [eventFrame('error', { error: openaiError(words) })];
    case 'anthropic':
      return [eventFrame('error', anthropicError(asked, words), 'error')];
    case 'gemini':
      return asked.asEvents
        ? [eventFrame('error', geminiError(error.status, words))]
        : [
            frame('error', `${begun === 0 ? '[' : ',\r\n'}${pretty(geminiError(error.status, words))}`),
            frame('done', ']'),
          ];
    case 'bedrock':
      return [exceptionFrame(words)];
  }
}

function wordsFor(surface: Surface, error: ErrorScript): Words {
  const known = vocabularies[surface];
  const usual = known[error.status] ?? (error.status >= 500 ? known[500] : known[400]);
  const { type, code, message } = { ...usual, ...error } as Words;
  return { type, message, code: code ?? null };
}

function openaiError({ type, code, message }: Words): JsonObject {
  return { message, type, param: null, code: code ?? null };
}

function anthropicError(asked: Asked, { type, message }: Words): JsonObject {
  return { type: 'error', error: { type, message }, request_id: requestId(asked) };
}

function geminiError(status: number, { type, message }: Words): JsonObject {
  return { error: { code: status, message, status: type } };
}

/** The id by which the upstream names this call in headers and errors. */
export function requestId(asked: Asked): string {
  return `req_${String(asked.call.number).padStart(8, '0')}`;
}

function failedResponse(asked: Asked, words: Words, begun: number): Frame[] {
  const said = { id: String(asked.call.number).padStart(8, '0'), model: asked.model, createdSeconds };
  const shell = responseShell(asked, said);
  const code = words.code ?? words.type;
  const all = numberEvents([
    ['role', 'response.created', { response: shell }],
    ['other', 'response.in_progress', { response: shell }],
    ...Array.from(
      { length: Math.max(0, begun - 2) },
      () => ['other', 'already.told', {}] as ['other', string, JsonObject],
    ),
    ['error', 'error', { error: { type: words.type, code, message: words.message, param: null } }],
    ['error', 'response.failed', { response: { ...shell, status: 'failed', error: { code, message: words.message } } }],
  ]);
  return begun === 0 ? all : all.slice(-2);
}

function exceptionFrame({ type, message }: Words): Frame {
  const name = `${type[0]?.toLowerCase()}${type.slice(1)}`;
  const headers = { ':exception-type': name, ':content-type': 'application/json', ':message-type': 'exception' };
  return { mark: 'error', bytes: eventStreamMessage(headers, JSON.stringify({ message })) };
}
