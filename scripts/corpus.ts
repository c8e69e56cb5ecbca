// `npm run corpus`: every recorded exchange through the gateway and into every other dialect; prints what became of it and writes docs/reference/corpus.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bodyOf, corpusIsThere, splitAt } from '@xidao/testkit';
import type { Difference } from '../gateway/test/corpus/compare.ts';
import { cutAtRandom } from '../gateway/test/corpus/cuts.ts';
import { dialectOfRecording, whyLeftOut } from '../gateway/test/corpus/kinds.ts';
import { loadExchanges } from '../gateway/test/corpus/recordings.ts';
import { type AnswerFinding, surveyAnswers } from '../gateway/test/corpus/survey-answers.ts';
import { type CutFinding, sampleStreams, surveyCuts } from '../gateway/test/corpus/survey-cuts.ts';
import { type OwnFinding, surveyOwnDialect } from '../gateway/test/corpus/survey-own-dialect.ts';
import { type RequestFinding, surveyRequests } from '../gateway/test/corpus/survey-requests.ts';
import { clientDialects, meaningBefore } from '../gateway/test/corpus/translated.ts';

const page = path.join(import.meta.dirname, '../docs/reference/corpus.md');

if (!corpusIsThere()) {
  console.log('The corpus of recordings is not there (XIDAO_CORPUS names its folder): nothing to do.');
} else {
  const samples = sampleStreams();
  const text = writePage({
    own: await surveyOwnDialect(),
    ownCut: await surveyOwnDialect(cutAtRandom),
    answers: await surveyAnswers(),
    cut: await surveyAnswers(cutAtRandom),
    oneByOne: await surveyAnswers(
      (cue) => splitAt('every-byte', cue),
      ({ id }) => samples.has(id),
    ),
    cuts: surveyCuts(),
    requests: await surveyRequests(),
  });
  mkdirSync(path.dirname(page), { recursive: true });
  writeFileSync(page, text);
  console.log(text);
}

interface Surveys {
  own: OwnFinding[];
  ownCut: OwnFinding[];
  answers: AnswerFinding[];
  cut: AnswerFinding[];
  oneByOne: AnswerFinding[];
  cuts: CutFinding[];
  requests: RequestFinding[];
}

function writePage({ own, ownCut, answers, cut, oneByOne, cuts, requests }: Surveys): string {
  const exchanges = [...new Set(answers.map(({ exchange }) => exchange))];
  return `# Recorded exchanges, translated

Written by \`npm run corpus\`. ${loadExchanges().length} exchanges with real providers were recorded. In ${exchanges.length} of them a model answers (${describe(answers)}): these go through a
replaying provider and the gateway to a client of each other dialect, once streamed and once whole: ${answers.length} translations. What the answer means before, as its own dialect
reads it, is compared with what it means to the client: text, reasoning, calls with their arguments, refusals, media, finish reason, usage, errors with their status.

Each cell counts translations: *same* · *different for a reason* (the letters are those of the table below) · *different without one*. Where the client speaks the provider's own dialect it counts exchanges whose bytes come out as they went in, of all.

${answersTable(answers, own, reasonsOf(answers))}

## Why some must differ

${reasonsTable(reasonsOf(answers))}

## Different without a reason

${unexplainedList(answers)}

## In other pieces

How the network cuts a provider's bytes must change nothing. The same translations, the bytes of each answer cut at up to 32 random places: ${countSame(cut, answers)} of ${cut.length} are told in the same
bytes. ${new Set(oneByOne.map(({ exchange }) => exchange)).size} of the streams sent byte by byte over the network: ${countSame(oneByOne, answers)} of ${oneByOne.length}. In their own dialect, cut at random: ${countFaultless(ownCut)} of ${ownCut.length}.

${describeCuts(cuts)}

## Requests

Recorded requests, sent on to a provider of another dialect and read there: roles and texts, instructions, images, files and sounds by their bytes, calls with arguments, results, tools with
their schemas, choice of tools, sampling, form of the answer, reasoning. Each cell counts requests: *same* · *different, and told in the receipt (\`x-xidao-translation\`) or for a reason
below* · *different in silence*.

${requestsTable(requests, reasonsOf(requests))}

${reasonsTable(reasonsOf(requests))}

${unexplainedList(requests)}

## Left out

${leftOutTable()}
`;
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

function answersTable(answers: AnswerFinding[], own: OwnFinding[], reasons: Reasons): string {
  const rows = Object.groupBy(answers, ({ exchange, from }) => `${exchange.provider} | ${from}`);
  const ofOwn: Partial<Record<string, OwnFinding[]>> = Object.groupBy(
    own,
    ({ ask: { exchange, dialect } }) => `${exchange.provider} | ${dialect}`,
  );
  const lines = Object.entries(rows)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([row, findings = []]) => `| ${row} | ${cells(findings, ofOwn[row] ?? [], reasons)} |`);
  return table(
    ['provider', 'its dialect', ...clientDialects.map((name) => `to ${name}`)],
    [...lines, `| **all** | | ${cells(answers, [], reasons)} |`],
  );
}

function cells(findings: AnswerFinding[], own: OwnFinding[], reasons: Reasons): string {
  return clientDialects
    .map((to) => {
      const those = findings.filter((finding) => finding.to === to);
      if (those.length > 0) return cell(those, reasons);
      return own.length === 0 ? '–' : `${countFaultless(own)} of ${own.length}`;
    })
    .join(' | ');
}

type Compared = Pick<AnswerFinding, 'differences'>;

function cell(findings: readonly Compared[], reasons: Reasons): string {
  const same = findings.filter(({ differences }) => differences.length === 0).length;
  const unexplained = findings.filter(({ differences }) => differences.some(isUnexplained)).length;
  const named = [...reasons].flatMap(([reason, { letter }]) => (findings.some(differsFor(reason)) ? [letter] : []));
  const why = named.length === 0 ? '' : ` (${named.join(' ')})`;
  return `${same} · ${findings.length - same - unexplained}${why} · ${unexplained}`;
}

function isUnexplained({ because }: Difference): boolean {
  return because === undefined;
}

function differsFor(reason: string): (finding: Compared) => boolean {
  return ({ differences }) => differences.some(({ because }) => because === reason);
}

/** Each reason, the most frequent first, with the letter that stands for it in the cells. */
type Reasons = Map<string, { letter: string; count: number }>;

function reasonsOf(findings: readonly Compared[]): Reasons {
  const all = new Set(findings.flatMap(({ differences }) => differences.flatMap(({ because }) => because ?? [])));
  const counted = [...all].map((reason) => ({ reason, count: findings.filter(differsFor(reason)).length }));
  counted.sort((one, other) => other.count - one.count || (one.reason < other.reason ? -1 : 1));
  return new Map(counted.map(({ reason, count }, at) => [reason, { letter: String.fromCharCode(97 + at), count }]));
}

function reasonsTable(reasons: Reasons): string {
  const lines = [...reasons].map(([reason, { letter, count }]) => `| ${letter} | ${reason} | ${count} |`);
  return table(['', 'reason', 'translations'], lines);
}

function unexplainedList(findings: readonly (AnswerFinding | RequestFinding)[]): string {
  const lines = findings.flatMap((finding) => {
    const { exchange, from, to, differences } = finding;
    const isStreamed = 'streamed' in finding && finding.streamed;
    return differences.filter(isUnexplained).map(({ what, before, after }) => {
      const way = `${exchange.provider} \`${exchange.id}\`, ${from} to ${to}${isStreamed ? ', streamed' : ''}`;
      return `- ${way}: ${what} was \`${excerpt(before)}\`, is \`${excerpt(after)}\``;
    });
  });
  return lines.length === 0 ? 'None is different without a reason.' : lines.sort().join('\n');
}

/** How many were told in the very bytes of the same translation before. */
function countSame(findings: AnswerFinding[], before: AnswerFinding[]): number {
  const nameOf = ({ exchange, to, streamed }: AnswerFinding) => `${exchange.id} ${to} ${streamed}`;
  const prints = new Map(before.map((finding) => [nameOf(finding), finding.print]));
  return findings.filter((finding) => finding.print !== undefined && finding.print === prints.get(nameOf(finding)))
    .length;
}

function countFaultless(findings: OwnFinding[]): number {
  return findings.filter(({ faults }) => faults.length === 0).length;
}

function describeCuts(cuts: CutFinding[]): string {
  const streams = new Set(cuts.map(({ exchange }) => exchange));
  const bytes = [...streams].reduce((sum, exchange) => sum + bodyOf(exchange).length, 0);
  const same = cuts.filter(({ differs }) => differs.length === 0).length;
  return `Without the network, every one of the ${streams.size} streams (${bytes.toLocaleString('en')} bytes) goes through its reader and the writers of all client dialects once byte by byte and ${cuts.length / streams.size - 1} times cut at random: ${same} of ${cuts.length} runs give the same bytes in all of them.`;
}

function requestsTable(requests: RequestFinding[], reasons: Reasons): string {
  const targets = [...new Set(requests.map(({ to }) => to))].sort();
  const lines = clientDialects.map((from) => {
    const counts = targets.map((to) => {
      const those = requests.filter((finding) => finding.from === from && finding.to === to);
      return those.length === 0 ? '–' : cell(those, reasons);
    });
    return `| ${from} | ${counts.join(' | ')} |`;
  });
  return table(['from a client of', ...targets.map((name) => `to ${name}`)], lines);
}

function leftOutTable(): string {
  const rest = loadExchanges().filter((exchange) => dialectOfRecording(exchange) === undefined);
  const groups = Object.groupBy(rest, whyLeftOut);
  const lines = Object.entries(groups)
    .sort(([, a], [, b]) => (b?.length ?? 0) - (a?.length ?? 0))
    .map(
      ([why, those = []]) => `| ${why} | ${[...new Set(those.map(({ api }) => api))].join(', ')} | ${those.length} |`,
    );
  return table(['why', 'recorded as', 'exchanges'], lines);
}

function table(heads: string[], lines: string[]): string {
  return [`| ${heads.join(' | ')} |`, `|${' --- |'.repeat(heads.length)}`, ...lines].join('\n');
}

function excerpt(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').replaceAll('`', "'").slice(0, 160);
}
