import { PICO_PER_DOLLAR } from './money.ts';

/** Whose money it is. `tag` has `name=value` as its id; `model` is the provider's own name of a model, alone or as `provider/model`; `gateway` is everybody, and has no id. */
export interface BudgetScope {
  readonly kind: BudgetScopeKind;
  readonly id: string;
}

export const BUDGET_SCOPES = [
  ...(['gateway', 'organisation', 'team', 'project', 'user', 'key', 'model', 'tag'] as const),
] as const;
export type BudgetScopeKind = (typeof BUDGET_SCOPES)[number];

export const BUDGET_PERIODS = ['hourly', 'daily', 'weekly', 'monthly', 'total'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** Of cost, the cheapest first; what `auto` chooses among. */
export const COST_TIERS = ['low', 'medium', 'high', 'max'] as const;
export type CostTier = (typeof COST_TIERS)[number];

/** What happens when a share of the amount is spent. Each of them is told to the budget's channels too. */
export interface BudgetThreshold {
  /** 1 is the whole amount. */
  readonly at: number;
  readonly action: 'alert' | 'degrade' | 'refuse';
}

/** How calls become cheaper before they are refused. */
export interface Thrift {
  /** `auto` chooses no dearer tier. */
  readonly tier?: CostTier;
  /** No answer is longer, in tokens. */
  readonly maxTokens?: number;
}

/** So much money in a period. */
export interface Budget {
  readonly id: string;
  readonly name: string;
  readonly scope: BudgetScope;
  /** Integer pico-dollars (1e-12 USD). */
  readonly amountPico: number;
  readonly period: BudgetPeriod;
  /** IANA name of the time zone whose days, weeks (from Monday) and months are meant; hours are those of UTC. */
  readonly timezone: string;
  /** Of a `total` budget: what was spent before this moment (milliseconds since 1970) does not count. */
  readonly startsAtMs?: number;
  /** The lowest first. */
  readonly thresholds: readonly BudgetThreshold[];
  /** From the first threshold with `degrade` on. */
  readonly degrade?: Thrift;
  /** Names under `alerts.channels`. Absent: `alerts.default`, unless there is a webhook. */
  readonly channels?: readonly string[];
  /** An address that is told, as a secret: whoever knows it can write there. */
  readonly webhook?: string;
  readonly source: 'config' | 'store';
  /** Absent: it is written in the configuration. */
  readonly createdAtMs?: number;
}

/** What can be changed of a budget. `null` takes a field away. */
export type BudgetChange = {
  readonly [Field in 'name' | 'amountPico' | 'thresholds']?: Budget[Field];
} & { readonly [Field in 'degrade' | 'channels' | 'webhook']?: NonNullable<Budget[Field]> | null };

/** Budgets of the store. */
export interface BudgetStore {
  /** Oldest first. */
  list(): Promise<Budget[]>;
  find(id: string): Promise<Budget | undefined>;
  /** Throws GatewayError `conflict` if another has the name. */
  insert(budget: Budget): Promise<void>;
  /** Throws GatewayError `not_found`, and `conflict` if another has the name. */
  update(id: string, change: BudgetChange): Promise<Budget>;
  /** Whether there was one. */
  remove(id: string): Promise<boolean>;
}

/** A budget has passed a threshold. */
export interface BudgetNews {
  readonly budget: Budget;
  readonly threshold: BudgetThreshold;
  readonly spentPico: number;
  /** Milliseconds since 1970. */
  readonly windowStartsAtMs: number;
  readonly windowEndsAtMs: number;
  readonly atMs: number;
}

/** How a budget stands. Money in integer pico-dollars. */
export interface BudgetStanding {
  readonly spentPico: number;
  /** For calls under way, at the worst that they may cost. */
  readonly heldPico: number;
  readonly windowStartsAtMs: number;
  readonly windowEndsAtMs: number;
}

/** The tier to choose from where both a client and its budgets have a word. */
export function lowerTier(asked: CostTier | undefined, most: CostTier | undefined): CostTier | undefined {
  if (asked === undefined || most === undefined) return asked ?? most;
  return COST_TIERS.indexOf(asked) < COST_TIERS.indexOf(most) ? asked : most;
}

/** Money for people: `$9.80`, and small sums with as many digits as they need. */
export function writeDollars(pico: number): string {
  const dollars = pico / PICO_PER_DOLLAR;
  if (dollars === 0 || Math.abs(dollars) >= 0.01) return `$${dollars.toFixed(2)}`;
  return `$${dollars.toFixed(6)}`;
}

/** Whose budget it is, for people. */
export function writeScope({ kind, id }: BudgetScope): string {
  return kind === 'gateway' ? 'the whole gateway' : `${kind} "${id}"`;
}
