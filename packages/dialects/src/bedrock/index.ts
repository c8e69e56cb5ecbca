import type { Dialect } from '../dialect.ts';
import { readError } from './read-error.ts';
import { createReader, readDocument } from './read-reply.ts';
import { readRequest } from './read-request.ts';
import { readUsage, writeUsage } from './usage.ts';
import { writeDocument } from './write-document.ts';
import { writeError, writeStreamError } from './write-error.ts';
import { writeRequest } from './write-request.ts';
import { createWriter } from './write-stream.ts';

/** Amazon Bedrock's Converse and ConverseStream (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html). */
export const bedrock: Dialect = {
  name: 'bedrock',
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
