import type { Dialect } from '../dialect.ts';
import { readError } from './read-error.ts';
import { createReader, readDocument } from './read-reply.ts';
import { readRequest } from './read-request.ts';
import { readUsage, writeUsage } from './usage.ts';
import { writeError, writeStreamError } from './write-error.ts';
import { createWriter, writeDocument } from './write-reply.ts';
import { writeRequest } from './write-request.ts';

/** Cohere's Chat API, version 2 (https://docs.cohere.com/reference/chat). */
export const cohereChat: Dialect = {
  name: 'cohere-chat',
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
