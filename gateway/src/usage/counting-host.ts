import { type JsonObject, tokenCounting } from '@xidao/dialects';
import { GatewayError } from '../core/errors.ts';
import { once } from '../core/once.ts';
import type { Host } from '../core/target.ts';
import { estimateTokens } from './estimate-tokens.ts';

/** Answers how many tokens a prompt is by estimate, in the process itself, in each dialect that has a call for it. Says so: `x-xidao-token-count: estimated`. */
export const countingHost: Host = {
  async open({ dialect, body }) {
    const counting = tokenCounting[dialect];
    if (counting === undefined)
      throw new GatewayError('operation_not_supported', 'Clients of this dialect have no call that counts tokens.');
    const asked = JSON.parse(Buffer.concat(body).toString('utf8')) as JsonObject;
    const tokens = estimateTokens(counting.readCountTokensRequest(asked));
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'x-xidao-token-count': 'estimated' },
      body: once(Buffer.from(JSON.stringify(counting.writeCountTokensReply(tokens)))),
    };
  },
};
