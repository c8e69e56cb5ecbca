import { type Cue, corpusIsThere, type Exchange, splitAt } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { cutAtRandom } from './cuts.ts';
import { sampleStreams } from './survey-cuts.ts';
import { surveyOwnDialect } from './survey-own-dialect.ts';

if (!corpusIsThere()) console.warn('The corpus of recordings is not there: nothing of it goes through the gateway.');

interface Way {
  atLeast: number;
  fault?: (cue: Cue) => Cue;
  among?: () => (exchange: Exchange) => boolean;
}

const ways: [name: string, way: Way][] = [
  ['as recorded', { atLeast: 600 }],
  ['cut at random', { atLeast: 600, fault: cutAtRandom }],
  [
    'byte by byte, a few of them',
    { atLeast: 20, fault: (cue) => splitAt('every-byte', cue), among: () => isAmong(sampleStreams()) },
  ],
];

const isAmong = (ids: Set<string>) => (exchange: Exchange) => ids.has(exchange.id);

describe.skipIf(!corpusIsThere())('recorded exchanges through the gateway, in their own dialect', () => {
  test.each(ways)('come out as they went in, %s', async (_, { atLeast, fault, among }) => {
    const findings = await surveyOwnDialect(fault, among?.());
    expect(findings.length).toBeGreaterThan(atLeast);
    const faults = findings.flatMap(({ ask: { exchange }, faults: told }) =>
      told.map((one) => `${exchange.provider} ${exchange.api} ${exchange.id}: ${one}`),
    );
    expect(faults).toEqual([]);
  });
});
