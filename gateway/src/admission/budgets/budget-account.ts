import type { Budget, BudgetNews, BudgetThreshold } from '../../core/budget.ts';
import { writeScope } from '../../core/budget.ts';
import type { OnFailure, SumGate } from '../../core/limits.ts';
import { type BudgetWindow, windowAt } from './budget-window.ts';

/** More than anybody spends: for gates that count and let everything through. Within 64 bits, for nodes that share them. */
const UNLIMITED = 9e18;

/** A budget in its present window, with what this node knows to be spent. */
export interface BudgetAccount {
  readonly budget: Budget;
  window: BudgetWindow;
  /** Lets through what its budget has money for; everything, if it never refuses. */
  gate: SumGate;
  /** The same counter, and lets everything through. */
  openGate: SumGate;
  /** Integer pico-dollars. Nodes that share the counter learn of one another's spending with their next call. */
  spentPico: number;
  /** How many of the budget's thresholds are passed. */
  passed: number;
}

export function openAccount(budget: Budget, nowMs: number): BudgetAccount {
  return { budget, spentPico: 0, passed: 0, ...gatesOf(budget, windowAt(budget, nowMs)) };
}

/** Begins the next window where the present one is over. */
export function turnPage(account: BudgetAccount, nowMs: number): BudgetAccount {
  if (nowMs < account.window.endsAtMs && nowMs >= account.window.startsAtMs) return account;
  return Object.assign(account, { spentPico: 0, passed: 0 }, gatesOf(account.budget, windowAt(account.budget, nowMs)));
}

/** Takes note of what is spent. Gives the news where that passes a threshold: of several at once, the highest. */
export function noteSpent(account: BudgetAccount, spentPico: number, nowMs: number): BudgetNews | undefined {
  if (spentPico <= account.spentPico) return undefined;
  account.spentPico = spentPico;
  const { thresholds, amountPico } = account.budget;
  let passed = account.passed;
  while (passed < thresholds.length && spentPico >= thresholds[passed]!.at * amountPico) passed += 1;
  return passTo(account, passed, nowMs);
}

/**
 * The budget has refused a call that can cost so much. Where that is for what is spent, and not for what calls under way may yet give back, or for the call's own
 * size, it is as good as used up: people should hear of it though something is left.
 */
export function noteRefused(account: BudgetAccount, costPico: number, nowMs: number): BudgetNews | undefined {
  const { spentPico, gate, budget } = account;
  if (spentPico + costPico <= gate.limit || spentPico < gate.limit / 2) return undefined;
  return passTo(account, budget.thresholds.findIndex(({ action }) => action === 'refuse') + 1, nowMs);
}

/** Whether a threshold with this action is passed. */
export function hasPassed({ budget, passed }: BudgetAccount, action: BudgetThreshold['action']): boolean {
  for (let index = 0; index < passed; index++) if (budget.thresholds[index]!.action === action) return true;
  return false;
}

function passTo(account: BudgetAccount, passed: number, atMs: number): BudgetNews | undefined {
  if (passed <= account.passed) return undefined;
  account.passed = passed;
  const { budget, window, spentPico } = account;
  const threshold = budget.thresholds[passed - 1]!;
  const { startsAtMs: windowStartsAtMs, endsAtMs: windowEndsAtMs } = window;
  return { budget, threshold, spentPico, windowStartsAtMs, windowEndsAtMs, atMs };
}

function gatesOf(budget: Budget, window: BudgetWindow): Pick<BudgetAccount, 'window' | 'gate' | 'openGate'> {
  const openGate: SumGate = {
    kind: 'sum',
    id: `budget:${budget.id}:${window.startsAtMs}`,
    dimension: 'money',
    owner: `budget "${budget.name}" of ${writeScope(budget.scope)}`,
    limit: UNLIMITED,
    onFailure: 'fail_local' satisfies OnFailure,
    endsAtMs: window.endsAtMs,
  };
  const refusing = budget.thresholds.find(({ action }) => action === 'refuse');
  if (refusing === undefined) return { window, gate: openGate, openGate };
  return { window, gate: { ...openGate, limit: Math.round(budget.amountPico * refusing.at) }, openGate };
}
