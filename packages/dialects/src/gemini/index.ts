import type { Dialect } from '../dialect.ts';
import { readError } from './errors.ts';
import { createReader, readDocument } from './read-reply.ts';
import { readRequest } from './read-request.ts';
import { readUsage, writeUsage } from './usage.ts';
import { writeError, writeStreamError } from './write-error.ts';
import { createWriter, writeDocument } from './write-reply.ts';
import { writeRequest } from './write-request.ts';

/** Gemini's generateContent and streamGenerateContent, of the Gemini API and of Vertex AI (https://ai.google.dev/api/generate-content). */
export const gemini: Dialect = {
  name: 'gemini',
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

export * from './count-tokens.ts';
export * from './embeddings.ts';
