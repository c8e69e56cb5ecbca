import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DialectName, dialects, type ModelRequest } from '../src/index.ts';
import { CARRIES, conversations, meaningOf, within } from './conversations.ts';
import { PAIRS, TARGETS } from './ordinary-requests.ts';

/** The request as a client of the dialect would have sent it. Model and stream may stand in the path. */
function wordedBy(dialect: DialectName, request: ModelRequest) {
  const foreign = { ...request, origin: request.origin === dialect ? other(dialect) : request.origin };
  const { body, receipt, toolNames } = dialects[dialect].writeRequest(foreign, TARGETS[dialect]);
  const read = dialects[dialect].readRequest(JSON.parse(JSON.stringify(body)));
  return { receipt, request: { ...withOwnNames(read, toolNames), model: request.model, stream: request.stream } };
}

/** The tools under the names that the client gave, as the gateway puts them back in the answer. */
function withOwnNames(request: ModelRequest, names: Map<string, string> = new Map()): ModelRequest {
  const own = <T extends { type: string }>(one: T): T =>
    'name' in one && one.type !== 'message' ? { ...one, name: names.get(String(one.name)) ?? one.name } : one;
  return {
    ...request,
    tools: request.tools.map(own),
    messages: request.messages.map((message) => ({ ...message, parts: message.parts.map(own) })),
    ...(request.toolChoice === undefined ? {} : { toolChoice: own(request.toolChoice) }),
  };
}

function other(dialect: DialectName): DialectName {
  return dialect === 'openai-chat' ? 'openai-responses' : 'openai-chat';
}

const RUNS = { seed: 20_260_501, numRuns: 60 };

describe.each(PAIRS)('a conversation of %s that passes through %s', (client, target) => {
  const carries = (what: string) => CARRIES[client].has(what) && CARRIES[target].has(what);

  test('means the same there, and on the way back', () => {
    fc.assert(
      fc.property(conversations, (generated) => {
        const asked = wordedBy(client, within(generated, carries)).request;
        const there = wordedBy(target, asked).request;
        expect(meaningOf(there, carries)).toEqual(meaningOf(asked, carries));
        const back = wordedBy(client, there).request;
        expect(meaningOf(back, carries)).toEqual(meaningOf(asked, carries));
      }),
      RUNS,
    );
  });

  test('has a receipt of all that the target has no word for', () => {
    const isSayable = (what: string) => CARRIES[client].has(what);
    // Of the order of texts and images no receipt tells.
    const isHeard = (what: string) => (what === 'part-order' ? carries(what) : isSayable(what));
    fc.assert(
      fc.property(conversations, (generated) => {
        const asked = wordedBy(client, within(generated, isSayable)).request;
        const { receipt, request: there } = wordedBy(target, asked);
        const isSilent = receipt.dropped.length + receipt.changed.length === 0;
        if (isSilent) expect(meaningOf(there, isHeard)).toEqual(meaningOf(asked, isHeard));
      }),
      RUNS,
    );
  });
});
