import { crossings } from '@xidao/dialects';
import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import type { Reply } from '../core/reply.ts';
import type { Trail } from '../core/trail.ts';
import { estimateText } from '../usage/estimate-tokens.ts';
import type { Meter } from '../usage/meter.ts';
import { parseWhole, withoutLength } from './whole-document.ts';

/** The answer to an operation that was had by way of another one, in the client's words. What the provider did not count is estimated. */
export function crossReply(reply: Reply, call: Call, trail: Trail, usage: Pick<Meter, 'estimate'>): Reply {
  const crossing = crossings.find(
    ({ from, to }) =>
      from.dialect === call.dialect &&
      from.operation === call.operation &&
      to.dialect === reply.dialect &&
      to.operation === reply.target?.operation,
  );
  return {
    ...withoutLength(reply),
    dialect: call.dialect,
    contentType: 'application/json',
    body: written(),
  };

  async function* written(): AsyncGenerator<Uint8Array> {
    const asked = { body: call.json(), model: call.model, estimate: estimateText };
    const told = crossing?.writeReply(await parseWhole(reply), asked);
    if (told === undefined)
      throw new GatewayError('upstream_error', 'The provider answered with something that is not what was asked for.');
    if (told.estimatedTokens !== undefined)
      usage.estimate({ inputTokens: told.estimatedTokens, outputTokens: 0 }, reply, trail);
    yield Buffer.from(JSON.stringify(told.body));
  }
}
