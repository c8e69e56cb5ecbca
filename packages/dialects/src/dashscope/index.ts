import type { Dialect } from '../dialect.ts';
import { readError } from './read-error.ts';
import { createReader, readDocument } from './read-reply.ts';
import { readRequest } from './read-request.ts';
import { readUsage, writeUsage } from './usage.ts';
import { writeError, writeStreamError } from './write-error.ts';
import { createWriter, writeDocument } from './write-reply.ts';
import { writeRequest } from './write-request.ts';

/** DashScope's own text and multimodal generation (https://www.alibabacloud.com/help/en/model-studio/qwen-api-via-dashscope). */
export const dashscope: Dialect = {
  name: 'dashscope',
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
