import type { Dialect } from '../dialect.ts';
import { readError } from './read-error.ts';
import { createReader, readDocument } from './read-reply.ts';
import { readRequest } from './read-request.ts';
import { readUsage, writeUsage } from './usage.ts';
import { writeDocument } from './write-document.ts';
import { writeError, writeStreamError } from './write-error.ts';
import { writeRequest } from './write-request.ts';
import { createWriter } from './write-stream.ts';

/** OpenAI Chat Completions, as OpenAI documents it and as some thirty compatible hosts speak it. */
export const openaiChat: Dialect = {
  name: 'openai-chat',
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

export { createCompletionsWriter, readCompletionsRequest, writeCompletionsDocument } from './completions.ts';
