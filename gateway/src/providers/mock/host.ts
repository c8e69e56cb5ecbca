import { dialects, type JsonObject, type ModelError } from '@xidao/dialects';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { createIds } from '../../core/ids.ts';
import { once } from '../../core/once.ts';
import type { Host, HostReply, HostRequest } from '../../core/target.ts';
import { answerAsk } from './answer.ts';
import { answerOperation, completeInFrames } from './operations.ts';

const FAULTS: Record<string, ModelError> = {
  'error-429': {
    kind: 'rate-limit',
    status: 429,
    message: 'The mock refuses: rate limit reached. Please try again in 20s.',
    code: 'rate_limit_exceeded',
    retryAfterSeconds: 20,
  },
  'error-500': { kind: 'server', status: 500, message: 'The mock fails: an internal error.' },
  'error-529': { kind: 'overloaded', status: 529, message: 'The mock is overloaded.' },
};

const SLOW_WORD_MS = 200;

const nextId = createIds('mock');

/** Answers in the process itself, in whatever dialect it is asked. */
export function createMockHost({ clock }: { clock: Clock }): Host {
  return {
    async open(request) {
      const { model } = request.target;
      const fault = FAULTS[model];
      if (fault !== undefined) return refuse(fault, request);
      if (model === 'error-timeout') return neverAnswer(request, clock);
      const body = parse(request);
      if (request.operation === 'completions' && request.wantsStream)
        return stream(completeInFrames(body, model), undefined);
      if (request.operation !== 'chat')
        return document(answerOperation(request.operation, request.dialect, body, model));
      return answerChat(request, body, clock);
    },
  };
}

function answerChat(request: HostRequest, body: JsonObject, clock: Clock): HostReply {
  const { dialect, target, wantsStream } = request;
  const asked = { ...dialects[dialect].readRequest(body), model: target.model, stream: wantsStream };
  const events = answerAsk(asked, target.model);
  const context = {
    model: `mock/${target.model}`,
    id: nextId(),
    nowSeconds: Math.floor(clock.wallMs() / 1000),
    wantsUsage: asked.wantsUsage ?? true,
    request: asked,
  };
  if (!wantsStream) return spoilt(document(dialects[dialect].writeDocument(events, context)), target.model);
  const writer = dialects[dialect].createWriter(context);
  const frames = [...events.map((event) => writer.write(event)), writer.finish()].filter((frame) => frame !== '');
  return spoilt(stream(frames, target.model === 'error-slow' ? clock : undefined), target.model);
}

/** The answer with the fault that the model's name promises. */
function spoilt(reply: HostReply, model: string): HostReply {
  if (model === 'error-cut')
    return { ...reply, headers: { 'content-type': reply.headers['content-type'] }, body: cut(reply.body) };
  if (model === 'error-malformed')
    return { ...reply, headers: { 'content-type': reply.headers['content-type'] }, body: malformed() };
  return reply;
}

async function* cut(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  yield whole.subarray(0, Math.floor(whole.length / 2));
  throw new GatewayError('upstream_broke_off', 'The mock broke off in the middle of its answer.');
}

async function* malformed(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('{"this": is not JSON');
}

function document(body: JsonObject): HostReply {
  const bytes = Buffer.from(JSON.stringify(body));
  return { status: 200, headers: { 'content-type': 'application/json' }, body: once(bytes) };
}

function refuse(error: ModelError, request: HostRequest): HostReply {
  const { status, body } = dialects[request.dialect].writeError(error, 'mock');
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(error.retryAfterSeconds);
  return { status, headers, body: once(Buffer.from(JSON.stringify(body))) };
}

function stream(frames: string[], slowly: Clock | undefined): HostReply {
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: paced(frames, slowly) };
}

async function* paced(frames: string[], slowly: Clock | undefined): AsyncGenerator<Uint8Array> {
  for (const frame of frames) {
    if (slowly !== undefined) await new Promise<void>((resolve) => slowly.setTimeout(resolve, SLOW_WORD_MS));
    yield Buffer.from(frame);
  }
}

function neverAnswer(request: HostRequest, clock: Clock): Promise<HostReply> {
  return new Promise((_, reject) => {
    const { firstByte } = request.target.timeouts;
    const late = new GatewayError(
      'upstream_first_byte_timeout',
      `mock began no answer within ${firstByte / 1000} s (timeout.first_byte).`,
    );
    const timer = firstByte > 0 ? clock.setTimeout(() => reject(late), firstByte) : undefined;
    request.onAbortable(() => {
      timer?.cancel();
      reject(new GatewayError('upstream_unreachable', 'The call was given up.'));
    });
  });
}

function parse(request: HostRequest): JsonObject {
  const bytes = Buffer.concat(request.body);
  return bytes.length === 0 ? {} : (JSON.parse(bytes.toString('utf8')) as JsonObject);
}
