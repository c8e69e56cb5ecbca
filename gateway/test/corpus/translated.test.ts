import { isDeepStrictEqual } from 'node:util';
import { dialects, type JsonObject } from '@xidao/dialects';
import { corpusIsThere, loadCorpus, splitAt } from '@xidao/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { compareMeanings } from './compare.ts';
import { compareRequests, type RequestWay } from './compare-requests.ts';
import { cutAtRandom } from './cuts.ts';
import { meaningOfRequest } from './request-meaning.ts';
import { type AnswerFinding, surveyAnswers } from './survey-answers.ts';
import { sampleStreams, surveyCuts } from './survey-cuts.ts';
import { type RequestFinding, surveyRequests } from './survey-requests.ts';
import { meaningBefore } from './translated.ts';

if (!corpusIsThere()) console.warn('The corpus of recordings is not there: none of it is translated.');

describe.skipIf(!corpusIsThere())('recorded exchanges through the gateway, in other dialects', () => {
  test('the comparison notices an answer that is another', () => {
    const answers = loadCorpus({ api: 'messages', stream: true }).slice(0, 12);
    const meanings = answers.map((exchange) => meaningBefore(exchange, 'anthropic-messages'));
    const pairs = meanings.slice(1).map((meaning, index) => compareMeanings(meanings[index]!, meaning));
    expect(pairs.filter((differences) => differences.every(({ because }) => because !== undefined))).toEqual([]);
  });

  describe('every answer', () => {
    let plain: AnswerFinding[];
    beforeAll(async () => {
      plain = await surveyAnswers();
    });

    test('means the same, or differs for a reason', () => {
      expect(plain.length).toBeGreaterThan(4200);
      expect(plain.flatMap(unexplained)).toEqual([]);
      expect(new Set(plain.map(({ print }) => print)).size).toBeGreaterThan(3000);
    });

    test('is told in the same bytes when the provider’s come in pieces cut at random', async () => {
      const cut = await surveyAnswers(cutAtRandom);
      expect(cut.length).toBe(plain.length);
      expect(otherBytes(cut, plain)).toEqual([]);
    });

    test('is told in the same bytes when the provider’s come one by one', async () => {
      const samples = sampleStreams();
      const cut = await surveyAnswers(
        (cue) => splitAt('every-byte', cue),
        ({ id }) => samples.has(id),
      );
      expect(cut.length).toBeGreaterThan(100);
      expect(otherBytes(cut, plain)).toEqual([]);
    });
  });

  test('every stream is read and written the same, byte by byte and cut at random', () => {
    const findings = surveyCuts();
    expect(findings.length).toBeGreaterThan(1000);
    expect(findings.filter(({ length }) => length < 1000)).toEqual([]);
    const faults = findings.filter(({ differs }) => differs.length > 0);
    expect(faults.map(({ exchange, way, differs }) => `${exchange.id}, ${way}: ${differs.join(', ')}`)).toEqual([]);
  });

  test('every request means the same to the provider of another dialect, but for what the receipt tells', async () => {
    const findings = await surveyRequests();
    expect(findings.length).toBeGreaterThan(1800);
    expect(findings.flatMap(unexplained)).toEqual([]);
  });

  test('the comparison notices a request that is another', () => {
    const asks = loadCorpus({ api: 'messages' }).filter(({ request, status }) => request !== null && status < 400);
    const meanings = asks.map(({ request }) =>
      meaningOfRequest(dialects['anthropic-messages'].readRequest(request as JsonObject), () => undefined),
    );
    const way: RequestWay = { from: 'anthropic-messages', to: 'openai-chat', receipt: { dropped: [], changed: [] } };
    const pairs = meanings.slice(1).map((meaning, index) => [meanings[index]!, meaning] as const);
    const others = pairs.filter(([one, other]) => !isDeepStrictEqual(one, other));
    expect(others.length).toBeGreaterThan(20);
    const unnoticed = others.filter(([one, other]) =>
      compareRequests(one, other, way).every(({ because }) => because !== undefined),
    );
    expect(unnoticed).toEqual([]);
  });
});

/** Those that were told in other bytes than before. */
function otherBytes(findings: AnswerFinding[], before: AnswerFinding[]): string[] {
  const nameOf = ({ exchange, from, to, streamed }: AnswerFinding) =>
    `${exchange.provider} ${exchange.id} ${from} → ${to}${streamed ? ', streamed' : ''}`;
  const prints = new Map(before.map((finding) => [nameOf(finding), finding.print]));
  return findings
    .filter((finding) => finding.print === undefined || finding.print !== prints.get(nameOf(finding)))
    .map(nameOf);
}

function unexplained(finding: AnswerFinding | RequestFinding): string[] {
  const { exchange, from, to, differences } = finding;
  const isStreamed = 'streamed' in finding && finding.streamed;
  return differences
    .filter(({ because }) => because === undefined)
    .map(({ what, before, after }) => {
      const way = `${exchange.provider} ${exchange.id} ${from} → ${to}${isStreamed ? ', streamed' : ''}`;
      return `${way}: ${what} was ${JSON.stringify(before)}, is ${JSON.stringify(after)}`;
    });
}
