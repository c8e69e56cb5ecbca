import { describe, expect, test } from 'vitest';
import { dialects } from '../src/index.ts';
import { ORDINARY, PAIRS, TARGETS } from './ordinary-requests.ts';

/**
 * Changes of meaning that an ordinary request does undergo, and why. All else must pass without a line: a receipt that
 * cries wolf is not read, and one with anything dropped refuses the call of a strict client.
 */
const CHANGES: [RegExp, string][] = [
  [/^(cache_control|cachePoint)→the provider's own caching$/, 'no marks there'],
  [/budget|thinkingLevel/, 'one tells tokens, the other an effort'],
  [/\.strict true→false/, 'no switch for it there'],
  [/→not told by this host$/, 'OpenAI tells chat clients no reasoning'],
];

describe.each(PAIRS)('an ordinary request of %s for %s', (client, target) => {
  test.each(Object.entries(ORDINARY[client]))('%s: loses nothing', (_, body) => {
    const request = dialects[client].readRequest(body);
    const { receipt } = dialects[target].writeRequest(request, TARGETS[target]);
    expect(request.unread).toEqual([]);
    expect(receipt.dropped).toEqual([]);
    expect(receipt.changed.filter((line) => !CHANGES.some(([pattern]) => pattern.test(line)))).toEqual([]);
  });
});
