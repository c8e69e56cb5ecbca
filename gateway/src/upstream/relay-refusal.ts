import { dialects } from '@xidao/dialects';
import { GatewayError } from '../core/errors.ts';
import { once } from '../core/once.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Reply } from '../core/reply.ts';
import type { Target } from '../core/target.ts';
import type { Trail } from '../core/trail.ts';
import type { Failure } from './failure.ts';

/** A provider's error as the reply: byte for byte where the dialects agree, as clients match its wording; else in the client's own. */
export function relay(failure: Failure, target: Target, prompt: Prompt, trail: Trail): Reply {
  if (failure instanceof GatewayError) throw failure;
  const { call } = prompt;
  trail.failedUpstream(`provider_${failure.error.kind.replaceAll('-', '_')}`, failure.error.message.slice(0, 500));
  trail.record.provider = target.provider;
  trail.record.modelServed = target.model;
  const common = { dialect: call.dialect, streamed: false, target };
  if (
    target.dialect === call.dialect &&
    failure.bytes.length > 0 &&
    !failure.contentType.startsWith('text/event-stream')
  ) {
    return {
      ...common,
      status: failure.error.status,
      contentType: failure.contentType,
      headers: failure.headers,
      ...wholeBody(failure.bytes),
    };
  }
  const { status, body } = dialects[call.dialect].writeError(failure.error, call.id);
  return {
    ...common,
    status,
    contentType: 'application/json',
    headers: failure.headers,
    ...wholeBody(Buffer.from(JSON.stringify(body))),
  };
}

function wholeBody(bytes: Buffer): Pick<Reply, 'body' | 'whole' | 'contentLength'> {
  return { body: once(bytes), whole: bytes, contentLength: bytes.length };
}
