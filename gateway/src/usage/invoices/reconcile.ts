import type { UsageReport, UsageSums } from '../usage-store.ts';
import { dayAfter, dayOf } from './days.ts';
import type { Invoice, InvoiceLine } from './invoice.ts';
import type { ReadInvoices } from './read-invoices.ts';

/** What one side says of a day and model, or of all of them. Absent: it says nothing of that. */
export interface Side {
  inputTokens?: number;
  outputTokens?: number;
  requests?: number;
  costPico?: bigint;
  /** By how much `costPico` may be off, as the amounts were rounded. */
  slackPico?: bigint;
}

export interface OurSide extends Side {
  attempts: number;
  estimated: number;
  unpriced: number;
}

/** Why both sides differ, as far as the figures tell; `agrees`: they do not. */
export type Explanation =
  | 'agrees'
  | 'only-theirs'
  | 'only-ours'
  | 'other-day'
  | 'no-model'
  | 'unpriced'
  | 'estimated'
  | 'price'
  | 'tokens'
  | 'differs';

export interface ReconciledRow {
  day: string;
  /** The name that both sides have in common; null: the provider names no model. */
  model: string | null;
  ours?: OurSide;
  theirs?: Side;
  why: Explanation;
}

export interface Reconciliation {
  formats: string[];
  firstDay: string;
  lastDay: string;
  /** Day by day, and within a day by name. */
  rows: ReconciledRow[];
  ours: OurSide;
  theirs: Side;
  /** Of our attempts, those whose usage was estimated; 0 to 1. Undefined: there are none. */
  estimatedShare?: number;
  /** Things about the files to know before anything is concluded. */
  notes: string[];
}

/** Sides that differ by less than this agree: a stream that breaks off, a token of a tool, a rounding. */
const TOLERANCE = 0.005;

/** The days that files are about, the first and the last of them. Undefined: they are about none. */
export function daysOf({ invoices }: ReadInvoices): { firstDay: string; lastDay: string } | undefined {
  const days = invoices.flatMap(({ days }) => days).sort();
  return days.length === 0 ? undefined : { firstDay: days[0]!, lastDay: days.at(-1)! };
}

/** Puts what a provider booked beside the ledger's report by `model` and `each: 'day'` over the same days. */
export function reconcile(read: ReadInvoices, report: UsageReport, nowMs: number): Reconciliation {
  const { firstDay, lastDay } = daysOf(read) ?? { firstDay: dayOf(nowMs), lastDay: dayOf(nowMs) };
  const rows = joinSides(read, report);
  const judge = createJudge(read.invoices);
  for (const row of rows) row.why = judge(row);
  explainOtherDays(rows, judge);
  const { attempts, estimated } = report.total;
  return {
    formats: [...new Set(read.invoices.map(({ format }) => format))],
    firstDay,
    lastDay,
    rows,
    ours: oursOf(report.total),
    theirs: addSides(rows.flatMap(({ theirs }) => theirs ?? [])),
    ...(attempts > 0 && { estimatedShare: estimated / attempts }),
    notes: notesOf(read.invoices, { lastDay, nowMs, isCut: report.isCut }),
  };
}

type Judge = (row: Pick<ReconciledRow, 'model' | 'ours' | 'theirs'>) => Explanation;

function joinSides({ invoices, commonName }: ReadInvoices, report: UsageReport): ReconciledRow[] {
  const rows = new Map<string, ReconciledRow>();
  const rowOf = (day: string, model: string | null): ReconciledRow => {
    const name = `${day} ${model ?? ''}`;
    const known = rows.get(name) ?? { day, model, why: 'agrees' };
    rows.set(name, known);
    return known;
  };
  for (const { lines, roundedToPico } of invoices) {
    for (const line of lines) {
      const row = rowOf(line.day, line.model === undefined ? null : commonName(line.model));
      row.theirs = addSides([row.theirs ?? {}, sideOf(line, roundedToPico)]);
    }
  }
  for (const sums of report.rows) {
    // An attempt that reached nobody used nothing.
    if (!isBooked(sums)) continue;
    const [model = null] = sums.of;
    const row = rowOf(dayOf(sums.startsAtMs!), model === null ? null : commonName(model));
    row.ours = addOurs(row.ours ?? NOTHING, oursOf(sums));
  }
  return [...rows.values()].sort(
    (one, other) => compare(one.day, other.day) || compare(one.model ?? '\uffff', other.model ?? '\uffff'),
  );
}

function createJudge(invoices: readonly Invoice[]): Judge {
  const tellTokens = invoices.some(({ lines }) => lines.some(({ inputTokens }) => inputTokens !== undefined));
  return ({ model, ours, theirs }) => {
    if (theirs === undefined) return 'only-ours';
    if (model === null) return 'no-model';
    if (ours === undefined) return isNothing(theirs) ? 'agrees' : 'only-theirs';
    const tokensAgree = agreeInTokens(ours, theirs);
    const moneyAgrees = agreeInMoney(ours, theirs);
    if (tokensAgree !== false && moneyAgrees !== false) return 'agrees';
    if (ours.unpriced > 0 && moneyAgrees === false && tokensAgree !== false) return 'unpriced';
    if (ours.estimated > 0) return 'estimated';
    if (tokensAgree === true) return 'price';
    return tellTokens && tokensAgree === false ? 'tokens' : 'differs';
  };
}

/** Two days in a row of which one has what the other lacks: together they agree. */
function explainOtherDays(rows: readonly ReconciledRow[], judge: Judge): void {
  const byName = new Map(rows.map((row) => [`${row.day} ${row.model}`, row]));
  for (const row of rows) {
    const next = byName.get(`${dayAfter(row.day)} ${row.model}`);
    if (next === undefined || row.model === null || row.why === 'agrees' || next.why === 'agrees') continue;
    if ((row.ours ?? next.ours) === undefined || (row.theirs ?? next.theirs) === undefined) continue;
    const together = {
      model: row.model,
      ours: addOurs(row.ours ?? NOTHING, next.ours ?? NOTHING),
      theirs: addSides([row.theirs ?? {}, next.theirs ?? {}]),
    };
    if (judge(together) !== 'agrees') continue;
    row.why = 'other-day';
    next.why = 'other-day';
  }
}

function agreeInTokens(ours: Side, theirs: Side): boolean | undefined {
  if (theirs.inputTokens === undefined || theirs.outputTokens === undefined) return undefined;
  return isNear(ours.inputTokens ?? 0, theirs.inputTokens) && isNear(ours.outputTokens ?? 0, theirs.outputTokens);
}

function agreeInMoney(ours: Side, theirs: Side): boolean | undefined {
  if (theirs.costPico === undefined) return undefined;
  const [our, their] = [ours.costPico ?? 0n, theirs.costPico];
  const drift = our > their ? our - their : their - our;
  return drift <= (theirs.slackPico ?? 0n) || isNear(Number(our), Number(their));
}

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= Math.max(one, other) * TOLERANCE;
}

function isNothing({ inputTokens = 0, outputTokens = 0, costPico = 0n }: Side): boolean {
  return inputTokens === 0 && outputTokens === 0 && costPico === 0n;
}

function isBooked({ inputTokens, outputTokens, costPico, unpriced }: UsageSums): boolean {
  return inputTokens > 0 || outputTokens > 0 || costPico !== 0n || unpriced > 0;
}

function sideOf({ inputTokens, outputTokens, requests, costPico }: InvoiceLine, roundedToPico: bigint): Side {
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(requests !== undefined && { requests }),
    ...(costPico !== undefined && { costPico, slackPico: roundedToPico / 2n }),
  };
}

function oursOf({ inputTokens, outputTokens, costPico, attempts, estimated, unpriced }: UsageSums): OurSide {
  return { inputTokens, outputTokens, costPico, attempts, estimated, unpriced };
}

const NOTHING: OurSide = { attempts: 0, estimated: 0, unpriced: 0 };

function addOurs(one: OurSide, other: OurSide): OurSide {
  return {
    ...addSides([one, other]),
    attempts: one.attempts + other.attempts,
    estimated: one.estimated + other.estimated,
    unpriced: one.unpriced + other.unpriced,
  };
}

/** What nobody tells stays untold. */
function addSides(sides: readonly Side[]): Side {
  const total: Side = {};
  for (const { inputTokens, outputTokens, requests, costPico, slackPico } of sides) {
    if (inputTokens !== undefined) total.inputTokens = (total.inputTokens ?? 0) + inputTokens;
    if (outputTokens !== undefined) total.outputTokens = (total.outputTokens ?? 0) + outputTokens;
    if (requests !== undefined) total.requests = (total.requests ?? 0) + requests;
    if (costPico !== undefined) total.costPico = (total.costPico ?? 0n) + costPico;
    if (slackPico !== undefined) total.slackPico = (total.slackPico ?? 0n) + slackPico;
  }
  return total;
}

function notesOf(
  invoices: readonly Invoice[],
  { lastDay, nowMs, isCut }: { lastDay: string; nowMs: number; isCut: boolean },
): string[] {
  const byFormat = Map.groupBy(invoices, ({ format }) => format);
  const unended = [...byFormat].filter(([, pages]) => pages.every(({ hasMore }) => hasMore)).map(([format]) => format);
  return [
    ...unended.map((format) => `${format}: the last page says that there are more; what is on them is missing here.`),
    ...(lastDay >= dayOf(nowMs) ? [`${lastDay} is not over, or was not when the file was made.`] : []),
    ...(invoices.some(({ lines }) => lines.some(({ costPico, model }) => costPico !== undefined && model === undefined))
      ? ['Some amounts name no model. An export that is divided by line item, or by description, does.']
      : []),
    ...(isCut ? ['The ledger has more models and days than are compared at once; take a shorter time.'] : []),
  ];
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
