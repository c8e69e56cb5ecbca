import type { Importance } from '../../core/caller.ts';
import type { Slot } from './errand.ts';

/** A call that waits, as a link of its tenant's line, so that whoever gives up leaves at once and without a trace. */
export interface Waiter {
  readonly tenant: string;
  readonly importance: Importance;
  readonly weightTokens: number;
  readonly since: number;
  readonly until: number;
  admit: (slot: Slot) => void;
  refuse: (why: Error) => void;
  /** Takes back the wish to hear of the client's leaving. */
  stay: () => void;
  line: TenantLine | undefined;
  before: Waiter | undefined;
  after: Waiter | undefined;
}

/** First in, first out, for one tenant. */
export interface TenantLine {
  readonly tenant: string;
  head: Waiter | undefined;
  tail: Waiter | undefined;
  size: number;
}

export function createTenantLine(tenant: string): TenantLine {
  return { tenant, head: undefined, tail: undefined, size: 0 };
}

export function append(line: TenantLine, waiter: Waiter): void {
  waiter.line = line;
  waiter.before = line.tail;
  if (line.tail === undefined) line.head = waiter;
  else line.tail.after = waiter;
  line.tail = waiter;
  line.size += 1;
}

export function unlink(line: TenantLine, waiter: Waiter): void {
  if (waiter.before === undefined) line.head = waiter.after;
  else waiter.before.after = waiter.after;
  if (waiter.after === undefined) line.tail = waiter.before;
  else waiter.after.before = waiter.before;
  waiter.before = undefined;
  waiter.after = undefined;
  waiter.line = undefined;
  line.size -= 1;
}
