// `npm run sim`: strategies and breakers against providers that are slow, fail, hang and refuse, in simulated time and with the code that
// runs in the gateway. Writes docs/reference/sim.md, and fails where a promise does not hold. With `--quick` it only tries the promises.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { chapter as balance } from '../bench/sim/balance.ts';
import { measurePick } from '../bench/sim/balance-cost.ts';
import { chapter as breakers } from '../bench/sim/breakers.ts';
import { atMost, type Chapter, type Check, type Findings, type Table } from '../bench/sim/chapter.ts';
import type { Strategy } from '../gateway/src/core/plan.ts';

const PAGE = path.resolve(import.meta.dirname, '../docs/reference/sim.md');
const CHAPTERS: readonly Chapter[] = [balance, breakers];
const STRATEGIES: readonly Strategy[] = [
  'latency',
  'round_robin',
  'weighted',
  'least_outstanding',
  'price',
  'priority',
];
/** Microseconds for a pick among 20 targets and all that is learned from its call. */
const LONGEST_PICK = 2;

const quick = process.argv.includes('--quick');
const all = CHAPTERS.map((chapter) => ({ chapter, findings: runChapter(chapter) }));
const picks = STRATEGIES.map((strategy) =>
  atMost(`Processor time of a call among 20 targets, ${strategy}`, measurePick(strategy), LONGEST_PICK, 'µs'),
);
for (const check of picks) tell(check);
if (!quick) {
  writeFileSync(PAGE, renderPage());
  console.log(`Written: ${path.relative(process.cwd(), PAGE)}`);
}
const broken = [...all.flatMap(({ findings }) => findings.checks), ...picks].filter(({ holds }) => !holds);
if (broken.length > 0) {
  console.log(`${broken.length} promises do not hold.`);
  process.exitCode = 1;
}

function runChapter(chapter: Chapter): Findings {
  const startedAt = performance.now();
  const findings = chapter.run({ quick });
  console.log(`\n${chapter.title} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  for (const check of findings.checks) tell(check);
  return findings;
}

function tell({ what, value, promise, holds }: Check): void {
  console.log(`${holds ? 'ok    ' : 'BROKEN'} ${what}: ${show(value)} (${promise})`);
}

function renderPage(): string {
  const parts = [
    '# Simulations',
    'Written by `npm run sim`: discrete events in simulated time, seeds fixed, so that a change to the code shows here as a change of numbers. What is said of `latency` and of the breakers is ' +
      'said of the code that runs in the gateway; everything else is there to compare. Seconds are those of an imagined provider: the order among the columns is the message, not the third digit.',
    ...all.flatMap(({ chapter, findings }) => [
      `## ${chapter.title}`,
      ...findings.tables.flatMap(renderTable),
      '### Promises',
      renderRows(
        ['what', 'is', 'promised'],
        findings.checks.map(({ what, value, promise, holds }) => [
          what,
          `${show(value)}${holds ? '' : ' (broken)'}`,
          promise,
        ]),
      ),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function renderTable({ caption, columns, rows, note }: Table): string[] {
  return [`### ${caption}`, ...(note === undefined ? [] : [note]), renderRows(columns, rows)];
}

function renderRows(columns: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

function show(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}
