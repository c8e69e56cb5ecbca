import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { explainIssues } from '../../config/problems/explain-issues.ts';
import { formatPath } from '../../config/problems/problem.ts';
import { GatewayError } from '../../core/errors.ts';

const BODY_LIMIT = 1024 * 1024;

/** The body's bytes, at most 1 MB of them and not compressed. */
export function readBytes(request: IncomingMessage): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new GatewayError(
      'unsupported_content_encoding',
      'The management API takes bodies as they are, not compressed.',
    );
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= BODY_LIMIT) chunks.push(chunk);
      else reject(new GatewayError('request_too_large', 'The management API takes bodies of at most 1 MB.'));
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', (cause) =>
      reject(new GatewayError('corrupt_body', 'The request ended before its body was complete.', { cause })),
    );
  });
}

/** The JSON object of a body; an empty body is an empty object. */
export function readObject(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw new GatewayError('invalid_json', `The body is not valid JSON${whereOf(error)}`);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new GatewayError('invalid_json', 'The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

/** The value as the schema reads it. Throws `invalid_request` that names every fault, and the nearest field to an unknown one. */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const found = explainIssues(read.error.issues, value, schema);
  // A mistyped name explains why the right one is missing.
  const findings = [...found.filter(({ about }) => about === 'key'), ...found.filter(({ about }) => about === 'value')];
  const sentences = findings.map(({ path, message, suggestion }) => {
    const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`;
    return [formatPath(path), message + hint].filter((part) => part !== '').join(': ');
  });
  const param = formatPath(findings[0]?.path ?? []);
  throw new GatewayError('invalid_request', sentences.join('\n'), param === '' ? {} : { param });
}

/** The position, where V8 tells one, without the piece of the text that it quotes: that may be a secret. */
function whereOf(error: unknown): string {
  const position = /at position \d+(?: \(line \d+ column \d+\))?/.exec(String(error))?.[0];
  return position === undefined ? '.' : ` (${position}).`;
}
