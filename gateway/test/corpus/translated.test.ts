import { corpusIsThere, loadCorpus, splitAt } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { compareMeanings } from './compare.ts';
import { type AnswerFinding, surveyAnswers, surveyRequests } from './survey.ts';
import { meaningBefore } from './translated.ts';

if (!corpusIsThere()) console.warn('The corpus of recordings is not there: none of it is translated.');

describe.skipIf(!corpusIsThere())('recorded exchanges through the gateway, in other dialects', () => {
  test('the comparison notices an answer that is another', () => {
    const answers = loadCorpus({ api: 'messages', stream: true }).slice(0, 12);
    const meanings = answers.map((exchange) => meaningBefore(exchange, 'anthropic-messages'));
    const pairs = meanings.slice(1).map((meaning, index) => compareMeanings(meanings[index]!, meaning));
    expect(pairs.filter((differences) => differences.every(({ because }) => because !== undefined))).toEqual([]);
  });

  test('every answer means the same, or differs for a reason', async () => {
    const findings = await surveyAnswers();
    expect(findings.length).toBeGreaterThan(4000);
    expect(findings.flatMap(unexplained)).toEqual([]);
  });

  test('every answer means the same when its bytes come in other pieces', async () => {
    const findings = await surveyAnswers((cue) => splitAt([1, 7, 64, 65, 333, 1024, 4099], cue));
    expect(findings.flatMap(unexplained)).toEqual([]);
  });

  test('every request can be read by the provider of another dialect, with all its words', async () => {
    const findings = await surveyRequests();
    expect(findings.length).toBeGreaterThan(1000);
    const faults = findings.filter(({ fault }) => fault !== undefined);
    expect(faults.map(({ exchange, from, to, fault }) => `${exchange.id} ${from} → ${to}: ${fault}`)).toEqual([]);
  });
});

function unexplained({ exchange, from, to, streamed, differences }: AnswerFinding): string[] {
  return differences
    .filter(({ because }) => because === undefined)
    .map(({ what, before, after }) => {
      const way = `${exchange.provider} ${exchange.id} ${from} → ${to}${streamed ? ', streamed' : ''}`;
      return `${way}: ${what} was ${JSON.stringify(before)}, is ${JSON.stringify(after)}`;
    });
}
