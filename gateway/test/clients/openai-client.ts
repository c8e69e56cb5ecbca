import OpenAI from 'openai';
import type { Voice, VoiceOptions } from './client-manners.ts';
import type { Crossing } from './crossing.ts';

/** The official OpenAI SDK, pointed at the gateway; it retries only where a test wants it to. */
export function connectOpenai({ gateway }: Crossing, options: VoiceOptions = {}): OpenAI {
  const { base = '/v1', apiKey = gateway.key, maxRetries = 0 } = options;
  return new OpenAI({
    baseURL: gateway.url + base,
    apiKey,
    maxRetries,
    ...(options.fetch !== undefined && { fetch: options.fetch }),
  });
}

/** What it raises, and when. */
export const openaiErrors: Pick<Voice, 'errorClasses' | 'streamError' | 'abortError' | 'connectionError'> = {
  errorClasses: [
    [400, OpenAI.BadRequestError],
    [401, OpenAI.AuthenticationError],
    [403, OpenAI.PermissionDeniedError],
    [404, OpenAI.NotFoundError],
    [429, OpenAI.RateLimitError],
    [500, OpenAI.InternalServerError],
    [503, OpenAI.InternalServerError],
  ],
  streamError: OpenAI.APIError,
  abortError: OpenAI.APIUserAbortError,
  connectionError: OpenAI.APIConnectionError,
};
