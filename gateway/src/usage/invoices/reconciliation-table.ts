import { dollarsOf } from '../dollars.ts';
import { writeCsv } from '../write-csv.ts';
import type { Explanation, OurSide, ReconciledRow, Reconciliation, Side } from './reconcile.ts';

/** What each explanation says, for people. */
export const EXPLANATIONS: Record<Explanation, string> = {
  agrees: 'Both sides agree, to half a percent and the rounding of the file.',
  'only-theirs':
    'The provider booked it and the gateway did not: its key is used elsewhere too, or the ledger does not go back that far.',
  'only-ours':
    'The gateway booked it and the provider did not: it books late, counts it elsewhere, or gave it for free.',
  'other-day': 'With the day before or after, both sides agree: the provider booked the call on another day.',
  'no-model': 'The provider names no model: searches, storage, taxes, or an export that is not divided by model.',
  unpriced: 'The ledger has tokens for which it knows no price.',
  estimated: 'Some of our usage is estimated, as the provider did not tell it (streams that broke off).',
  price: 'Tokens agree and money does not: the price is another one (discount, batch, tier, a price that changed).',
  tokens: 'Tokens differ, and none of ours is estimated.',
  differs: 'The amounts differ; the file tells no tokens by which one could see why.',
};

/** A reconciliation for JSON. Drift is ours less theirs: negative means that we booked too little. */
export function reconciliationJson(found: Reconciliation): object {
  const met = [...new Set(found.rows.map(({ why }) => why))];
  return {
    formats: found.formats,
    from: found.firstDay,
    to: found.lastDay,
    time_zone: 'UTC',
    rows: found.rows.map(rowJson),
    total: { ours: oursJson(found.ours), theirs: sideJson(found.theirs), ...driftJson(found.ours, found.theirs) },
    estimated_share: found.estimatedShare === undefined ? null : share(found.estimatedShare),
    explanations: Object.fromEntries(met.map((why) => [why, EXPLANATIONS[why]])),
    notes: found.notes,
  };
}

/** The rows as CSV. */
export function reconciliationCsv({ rows }: Reconciliation): string {
  const sides = ['input_tokens', 'output_tokens', 'requests', 'cost_usd'];
  const header = [
    'day',
    'model',
    ...sides.map((name) => `our_${name}`),
    ...sides.map((name) => `their_${name}`),
    'token_drift',
    'cost_drift_usd',
    'why',
  ];
  return writeCsv(
    header,
    rows.map(({ day, model, ours, theirs, why }) => {
      const drift = driftJson(ours ?? {}, theirs ?? {});
      return [day, model, ...cells(ours), ...cells(theirs), drift.token_drift, drift.cost_drift_usd, why];
    }),
  );
}

function cells(side: Side | undefined) {
  const { input_tokens, output_tokens, requests, cost_usd } = sideJson(side ?? {});
  return [input_tokens, output_tokens, requests, cost_usd];
}

function rowJson({ day, model, ours, theirs, why }: ReconciledRow): object {
  return {
    day,
    model,
    ours: ours === undefined ? null : oursJson(ours),
    theirs: theirs === undefined ? null : sideJson(theirs),
    ...driftJson(ours ?? {}, theirs ?? {}),
    why,
  };
}

function oursJson(ours: OurSide): object {
  const { requests: _, ...rest } = sideJson(ours);
  const { attempts, estimated, unpriced } = ours;
  const cost_usd = unpriced > 0 && ours.costPico === 0n ? null : rest.cost_usd;
  return { ...rest, cost_usd, attempts, estimated_attempts: estimated, unpriced_attempts: unpriced };
}

function sideJson({ inputTokens, outputTokens, requests, costPico }: Side) {
  return {
    input_tokens: inputTokens ?? null,
    output_tokens: outputTokens ?? null,
    requests: requests ?? null,
    cost_usd: costPico === undefined ? null : dollarsOf(costPico),
  };
}

/** What a side does not tell cannot drift; that a whole side is missing can. */
function driftJson(ours: Side, theirs: Side) {
  const tellsTokens = theirs.inputTokens !== undefined || isAbsent(theirs);
  const tellsMoney = theirs.costPico !== undefined || isAbsent(theirs);
  const theirTokens = tokensOf(theirs);
  const tokens = tokensOf(ours) - theirTokens;
  const pico = (ours.costPico ?? 0n) - (theirs.costPico ?? 0n);
  return {
    token_drift: tellsTokens ? tokens : null,
    token_drift_share: tellsTokens && theirTokens > 0 ? share(tokens / theirTokens) : null,
    cost_drift_usd: tellsMoney ? dollarsOf(pico) : null,
    cost_drift_share: (theirs.costPico ?? 0n) > 0n ? share(Number(pico) / Number(theirs.costPico)) : null,
  };
}

function isAbsent({ inputTokens, costPico, requests }: Side): boolean {
  return inputTokens === undefined && costPico === undefined && requests === undefined;
}

function tokensOf({ inputTokens = 0, outputTokens = 0 }: Side): number {
  return inputTokens + outputTokens;
}

function share(part: number): number {
  return Math.round(part * 1e6) / 1e6;
}
