import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dialects } from '../src/index.ts';
import { DIALECTS, PAIRS } from './ordinary-requests.ts';
import { contextFor, eventsOf, heardFrom, readStream, replies, streamOf } from './replies.ts';

const RUNS = { seed: 20_260_502, numRuns: 60 };
const cuts = fc.array(fc.nat(1_000_000), { maxLength: 12 });

describe.each(DIALECTS)('an answer told in %s', (name) => {
  test('says the same as a stream, wherever its bytes are cut', () => {
    fc.assert(
      fc.property(replies, cuts, (reply, places) => {
        const events = eventsOf(reply);
        const read = readStream(name, streamOf(name, events), places);
        expect(heardFrom(name, read)).toEqual(heardFrom(name, events));
      }),
      RUNS,
    );
  });

  test('says the same as a document', () => {
    fc.assert(
      fc.property(replies, (reply) => {
        const events = eventsOf(reply);
        const body = JSON.parse(JSON.stringify(dialects[name].writeDocument(events, contextFor(name))));
        expect(heardFrom(name, dialects[name].readDocument(body))).toEqual(heardFrom(name, events));
      }),
      RUNS,
    );
  });

  test('is never said to have ended when it broke off', () => {
    fc.assert(
      fc.property(replies, fc.nat(1_000_000), (reply, share) => {
        const events = eventsOf(reply).slice(0, -2);
        const bytes = streamOf(name, events.slice(0, 1 + (share % events.length)));
        expect(readStream(name, bytes).some(({ type }) => type === 'end')).toBe(false);
      }),
      RUNS,
    );
  });
});

test.each(PAIRS)('an answer for a client of %s, told by %s, comes back the same', (client, provider) => {
  fc.assert(
    fc.property(replies, cuts, (reply, places) => {
      const told = readStream(provider, streamOf(provider, eventsOf(reply)), places);
      const passed = readStream(client, streamOf(client, told));
      expect(heardFrom(provider, passed)).toEqual(heardFrom(provider, eventsOf(reply)));
    }),
    RUNS,
  );
});
