import type { Dialect } from '../dialect.ts';
import { emptyReceipt } from '../receipt.ts';
import { readError } from './read-error.ts';
import { createReader, readDocument } from './read-reply.ts';
import { readUsage, writeUsage } from './usage.ts';
import { writeDocument } from './write-document.ts';
import { writeError, writeStreamError } from './write-error.ts';
import { createWriter } from './write-stream.ts';

/** Amazon Bedrock's Converse and ConverseStream (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html). */
export const bedrock: Dialect = {
  name: 'bedrock',
  readRequest: (body) => ({
    model: '',
    stream: false,
    messages: [],
    tools: [],
    origin: 'bedrock',
    extras: body,
    unread: [],
  }),
  writeRequest: (request) => ({ body: request.extras, receipt: emptyReceipt() }),
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
