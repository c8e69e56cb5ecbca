import type { Dialect } from '../dialect.ts';
import { readError } from './read-error.ts';
import { createReader, readDocument } from './read-reply.ts';
import { readRequest } from './read-request.ts';
import { readUsage, writeUsage } from './usage.ts';
import { writeDocument } from './write-document.ts';
import { writeError, writeStreamError } from './write-error.ts';
import { writeRequest } from './write-request.ts';
import { createWriter } from './write-stream.ts';

/** Anthropic's Messages API (https://platform.claude.com/docs/en/api/messages), and that of the hosts that copy it. */
export const anthropicMessages: Dialect = {
  name: 'anthropic-messages',
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
