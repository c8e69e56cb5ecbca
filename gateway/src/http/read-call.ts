import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { DialectName, JsonObject } from '@xidao/dialects';
import type { BodyOutline, Call } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Operation } from '../core/operation.ts';
import { outlineBody } from '../core/outline-body.ts';
import { readBody } from './read-body.ts';
import type { Route } from './routes.ts';

export type CallRoute = Extract<Route, { kind: 'call' }>;

/** What is known of a call before its body is: enough to refuse it in the right words. */
export interface CallHead {
  id: string;
  route: CallRoute;
  path: string;
  query: string;
  remoteAddress: string;
}

/** Top-level keys whose place in the body is noted. */
const WATCHED = [
  ...['model', 'stream', 'stream_options', 'messages', 'task_type'],
  ...['prompt_cache_key', 'max_tokens', 'max_completion_tokens'],
];
/** The same for the Responses API, with what may rest on an earlier answer. */
const WATCHED_OF_RESPONSES = [
  ...['model', 'stream', 'stream_options', 'task_type'],
  ...['input', 'previous_response_id', 'conversation', 'prompt'],
  ...['prompt_cache_key', 'max_output_tokens'],
];

/** A call whose head is here. `read` takes in the rest: nothing is parsed, a walk over the top-level keys finds model and stream. It throws what is wrong with the body. */
export interface OpenCall extends Call {
  read(bodyLimit: number): Promise<void>;
}

export function openCall(request: IncomingMessage, response: ServerResponse, head: CallHead, clock: Clock): OpenCall {
  const call = new IncomingCall(request, head, clock.now(), clock.wallMs());
  // `close` before the answer is out is the client leaving: the request's own `close` comes at the end of its body.
  response.on('close', () => call.leave(response.writableFinished));
  return call;
}

class IncomingCall implements OpenCall {
  readonly id: string;
  readonly dialect: DialectName;
  readonly operation: Operation;
  bodyDialect: DialectName;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly contentType: string;
  readonly remoteAddress: string;
  readonly startedAt: number;
  readonly startedAtMs: number;
  bytes: Buffer = Buffer.alloc(0);
  model: string;
  wantsStream: boolean;
  body?: BodyOutline;
  formModel?: { from: number; to: number };
  isGone = false;
  readonly #request: IncomingMessage;
  #leaving: (() => void)[] = [];
  #json: JsonObject | undefined;

  constructor(request: IncomingMessage, head: CallHead, startedAt: number, startedAtMs: number) {
    this.#request = request;
    this.id = head.id;
    this.dialect = head.route.dialect;
    this.bodyDialect = head.route.dialect;
    this.operation = head.route.operation;
    this.path = head.path;
    this.query = head.query;
    this.headers = request.headers;
    this.contentType = request.headers['content-type'] ?? 'application/json';
    this.remoteAddress = head.remoteAddress;
    this.startedAt = startedAt;
    this.startedAtMs = startedAtMs;
    this.model = head.route.model ?? '';
    this.wantsStream = head.route.stream ?? false;
  }

  async read(bodyLimit: number): Promise<void> {
    const bytes = await readBody(this.#request, bodyLimit);
    this.bytes = bytes;
    if (this.contentType.startsWith('multipart/form-data')) {
      this.#readForm();
      return;
    }
    const outline = outlineBody(bytes, this.dialect === 'openai-responses' ? WATCHED_OF_RESPONSES : WATCHED);
    this.body = outline;
    if (this.model === '') this.model = this.#readModel(outline);
    this.#readStream(outline);
    this.#checkMessages(outline);
    // Read again where usage is asked for; what cannot be parsed is to fail here.
    if (this.wantsStream) this.#valueOf(outline, 'stream_options');
  }

  json(): JsonObject {
    this.#json ??= parse(this.bytes) as JsonObject;
    return this.#json;
  }

  onGone(leave: () => void): () => void {
    if (this.isGone) {
      leave();
      return () => {};
    }
    this.#leaving.push(leave);
    return () => {
      const index = this.#leaving.indexOf(leave);
      if (index !== -1) this.#leaving.splice(index, 1);
    };
  }

  leave(isFinished: boolean): void {
    if (isFinished || this.isGone) return;
    this.isGone = true;
    const leaving = this.#leaving;
    this.#leaving = [];
    for (const leave of leaving) leave();
  }

  #readForm(): void {
    const span = findModelInForm(this.bytes);
    if (span !== undefined) this.formModel = span;
    if (this.model !== '') return;
    if (span === undefined) throw new GatewayError('missing_model', 'The form names no model.', { param: 'model' });
    this.model = this.bytes.toString('utf8', span.from, span.to);
  }

  #readModel(outline: BodyOutline): string {
    const value = outline.isPlain ? this.#valueOf(outline, 'model') : this.json()['model'];
    if (typeof value === 'string') {
      const model = value.trim();
      if (model !== '') return model;
    }
    // The one operation whose model is optional: the provider has a default.
    if (value === undefined && this.operation === 'moderations') return 'omni-moderation-latest';
    if (value === undefined || value === null || value === '') {
      throw new GatewayError(
        'missing_model',
        'The body names no model. Say one of GET /v1/models, for example "mock/echo".',
        { param: 'model' },
      );
    }
    throw new GatewayError('invalid_request', 'The field "model" must be a string that is not empty.', {
      param: 'model',
    });
  }

  #readStream(outline: BodyOutline): void {
    // Gemini tells it in the path.
    if (this.dialect === 'gemini') return;
    const value = outline.isPlain ? this.#valueOf(outline, 'stream') : this.json()['stream'];
    if (value === undefined || value === null) return;
    if (typeof value !== 'boolean')
      throw new GatewayError('invalid_request', 'The field "stream" must be true or false.', { param: 'stream' });
    this.wantsStream = value;
  }

  /** Before the model is looked up, so that a call without messages is not told that its model is wrong. */
  #checkMessages(outline: BodyOutline): void {
    if (this.operation !== 'chat' || (this.dialect !== 'openai-chat' && this.dialect !== 'anthropic-messages')) return;
    const span = outline.values['messages'];
    if (span === undefined) {
      if (this.#holdsResponsesBody()) {
        this.bodyDialect = 'openai-responses';
        this.body = outlineBody(this.bytes, WATCHED_OF_RESPONSES);
        return;
      }
      if (outline.isPlain)
        throw new GatewayError('invalid_request', 'The field "messages" is missing: a list of at least one message.', {
          param: 'messages',
        });
      return;
    }
    if (this.bytes[span.from] !== 0x5b)
      throw new GatewayError('invalid_request', 'The field "messages" must be a list.', { param: 'messages' });
  }

  /** What Cursor sends to the path of Chat (pipeline/read-prompt.ts). */
  #holdsResponsesBody(): boolean {
    if (this.dialect !== 'openai-chat') return false;
    const { messages, input } = this.json();
    return messages === undefined && input !== undefined;
  }

  #valueOf(outline: BodyOutline, key: string): unknown {
    const span = outline.values[key];
    if (span === undefined) return undefined;
    return parse(this.bytes.subarray(span.from, span.to));
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new GatewayError('invalid_json', `The body is not valid JSON: ${(error as Error).message}`);
  }
}

/** Where a multipart form (RFC 7578), as audio and image uploads are, holds the value of its `model` field. */
function findModelInForm(bytes: Buffer): { from: number; to: number } | undefined {
  // With the blank before it: a file may be called "model".
  const field = bytes.indexOf(' name="model"');
  const head = field === -1 ? -1 : bytes.indexOf('\r\n\r\n', field);
  if (head === -1) return undefined;
  const to = bytes.indexOf('\r\n', head + 4);
  return to > head + 4 ? { from: head + 4, to } : undefined;
}
