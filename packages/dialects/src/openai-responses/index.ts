/** OpenAI's Responses API, as Codex and the official SDKs speak it and OpenAI, Azure, xAI and others answer it. */

import type { Dialect } from '../dialect.ts';
import { readError } from './read-error.ts';
import { createReader, readDocument } from './read-reply.ts';
import { readRequest } from './read-request.ts';
import { readUsage, writeUsage } from './usage.ts';
import { writeError, writeStreamError } from './write-error.ts';
import { createWriter, writeDocument } from './write-reply.ts';
import { writeRequest } from './write-request.ts';

export { SEAL_PREFIX } from '../seal.ts';
export { withHistory } from './instructions.ts';
export { itemsToMessages, outputToInput } from './read-items.ts';
export { withoutEncrypted } from './without-encrypted.ts';
export { type CollectOptions, collectResponse, createCollector } from './write-reply.ts';

/** The Responses dialect (https://platform.openai.com/docs/api-reference/responses). */
export const openaiResponses: Dialect = {
  name: 'openai-responses',
  readRequest,
  writeRequest,
  readDocument,
  writeDocument,
  createReader,
  createWriter,
  readUsage,
  writeUsage,
  readError,
  writeError,
  writeStreamError,
};
