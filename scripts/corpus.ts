// `npm run corpus`: every recorded exchange through the gateway and into every other dialect; prints what became of it and writes docs/reference/corpus.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { corpusIsThere } from '@xidao/testkit';
import {
  type AnswerFinding,
  type RequestFinding,
  surveyAnswers,
  surveyRequests,
} from '../gateway/test/corpus/survey.ts';
import { clientDialects, meaningBefore } from '../gateway/test/corpus/translated.ts';

const page = path.join(import.meta.dirname, '../docs/reference/corpus.md');

if (!corpusIsThere()) {
  console.log('The corpus of recordings is not there (XIDAO_CORPUS names its folder): nothing to do.');
} else {
  const answers = await surveyAnswers();
  const requests = await surveyRequests();
  const text = writePage(answers, requests);
  mkdirSync(path.dirname(page), { recursive: true });
  writeFileSync(page, text);
  console.log(text);
}

function writePage(answers: AnswerFinding[], requests: RequestFinding[]): string {
  const exchanges = [...new Set(answers.map(({ exchange }) => exchange))];
  return `# Recorded exchanges, translated

Written by \`npm run corpus\`. ${exchanges.length} recorded exchanges with real providers (${describe(answers)}) go through a replaying provider and the gateway to a client
of each other dialect, once streamed and once whole: ${answers.length} translations. What the answer means before, as its own dialect reads it, is compared with what it means to the
client: text, reasoning, calls with their arguments, refusals, media, finish reason, usage, errors.

Each cell counts translations: *same* · *different for a reason* · *different without one*.

${answersTable(answers)}

## Why some must differ

${reasonsTable(answers)}

## Different without a reason

${unexplainedList(answers)}

## Requests

Recorded requests, sent on to a provider of another dialect: how many it can read, with every text and every tool's name in them, of how many were sent.

${requestsTable(requests)}
${faultsList(requests)}`;
}

function describe(answers: AnswerFinding[]): string {
  const once = new Map(answers.map(({ exchange, from }) => [exchange, meaningBefore(exchange, from)]));
  const count = (fits: (meaning: ReturnType<typeof meaningBefore>) => boolean) =>
    [...once.values()].filter(fits).length;
  const inSome = (what: 'text' | 'reasoning' | 'calls') =>
    count(({ choices }) => choices.some((choice) => choice[what].length > 0));
  const streams = [...once.keys()].filter(({ stream }) => stream).length;
  return `${streams} streams; ${inSome('text')} with text, ${inSome('calls')} with tool calls, ${inSome('reasoning')} with reasoning, ${count(({ error }) => error !== undefined)} errors`;
}

function answersTable(answers: AnswerFinding[]): string {
  const rows = Object.groupBy(answers, ({ exchange, from }) => `${exchange.provider} | ${from}`);
  const lines = Object.entries(rows)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([row, findings = []]) => `| ${row} | ${cells(findings)} |`);
  return table(
    ['provider', 'its dialect', ...clientDialects.map((name) => `to ${name}`)],
    [...lines, `| **all** | | ${cells(answers)} |`],
  );
}

function cells(findings: AnswerFinding[]): string {
  return clientDialects
    .map((to) => {
      const those = findings.filter((finding) => finding.to === to);
      if (those.length === 0) return '–';
      const same = those.filter(({ differences }) => differences.length === 0).length;
      const unexplained = those.filter(({ differences }) => differences.some(isUnexplained)).length;
      return `${same} · ${those.length - same - unexplained} · ${unexplained}`;
    })
    .join(' | ');
}

function isUnexplained({ because }: AnswerFinding['differences'][number]): boolean {
  return because === undefined;
}

function reasonsTable(answers: AnswerFinding[]): string {
  const reasons = answers.flatMap(({ differences }) => [...new Set(differences.map(({ because }) => because ?? ''))]);
  const counted = Object.entries(Object.groupBy(reasons.filter(Boolean), (reason) => reason));
  const lines = counted.sort(([, a], [, b]) => (b?.length ?? 0) - (a?.length ?? 0));
  return table(
    ['reason', 'translations'],
    lines.map(([reason, all]) => `| ${reason} | ${all?.length} |`),
  );
}

function unexplainedList(answers: AnswerFinding[]): string {
  const lines = answers.flatMap(({ exchange, from, to, streamed, differences }) =>
    differences.filter(isUnexplained).map(({ what, before, after }) => {
      const way = `${exchange.provider} \`${exchange.id}\`, ${from} to ${to}${streamed ? ', streamed' : ''}`;
      return `- ${way}: ${what} was \`${excerpt(before)}\`, is \`${excerpt(after)}\``;
    }),
  );
  return lines.length === 0 ? 'None.' : lines.sort().join('\n');
}

function requestsTable(requests: RequestFinding[]): string {
  const targets = [...new Set(requests.map(({ to }) => to))].sort();
  const lines = clientDialects.map((from) => {
    const counts = targets.map((to) => {
      const those = requests.filter((finding) => finding.from === from && finding.to === to);
      return those.length === 0 ? '–' : `${those.filter(({ fault }) => fault === undefined).length} of ${those.length}`;
    });
    return `| ${from} | ${counts.join(' | ')} |`;
  });
  return table(['from a client of', ...targets.map((name) => `to ${name}`)], lines);
}

function faultsList(requests: RequestFinding[]): string {
  return requests
    .flatMap(({ exchange, from, to, fault }) =>
      fault === undefined ? [] : [`\n- ${exchange.provider} \`${exchange.id}\`, ${from} to ${to}: ${excerpt(fault)}`],
    )
    .sort()
    .join('');
}

function table(heads: string[], lines: string[]): string {
  return [`| ${heads.join(' | ')} |`, `|${' --- |'.repeat(heads.length)}`, ...lines].join('\n');
}

function excerpt(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').replaceAll('`', "'").slice(0, 160);
}
