import type { Importance } from '../../core/caller.ts';
import { append, createTenantLine, type TenantLine, unlink, type Waiter } from './tenant-line.ts';

/** From the one that is served first to the one that is shed first. */
export const IMPORTANCES: readonly Importance[] = ['interactive', 'default', 'batch'];

/** Every tenth place goes to a lower class that waits, so that none waits for ever. */
const PLACES_PER_FLOOR = 10;
/** An answer's token costs its provider about as much as two of the prompt. */
const OUTPUT_WEIGHT = 2;

export interface FairQueue {
  add(waiter: Waiter): void;
  /** The one whose turn it is, taken out and its tenant charged; undefined of an empty queue. */
  take(): Waiter | undefined;
  remove(waiter: Waiter): void;
  /** Charges a tenant for what its call turned out to write. */
  chargeOutput(tenant: string, tokens: number): void;
  /** The youngest of the lowest class below this one, of the tenant with most waiting: the one to shed for a more important call. */
  findLess(importance: Importance): Waiter | undefined;
  /** The one of this class that has waited longest. */
  oldest(importance: Importance): Waiter | undefined;
  sizeOf(tenant: string): number;
  all(): Iterable<Waiter>;
  /** The place in IMPORTANCES of the most important that waits; infinite of none. */
  readonly bestRank: number;
  readonly size: number;
}

interface Class {
  lines: Map<string, TenantLine>;
  size: number;
  passedOver: number;
}

/**
 * Who is next at a full target: classes strictly in order but for a floor; within a class the tenant that was served the fewest tokens so far ("virtual token counter",
 * arXiv 2401.00588), so that one who floods waits behind himself only. A tenant that comes back after a pause starts where the others are, and has no claim to the time it was away.
 */
export function createFairQueue(): FairQueue {
  const classes = new Map<Importance, Class>(
    IMPORTANCES.map((importance) => [importance, { lines: new Map(), size: 0, passedOver: 0 }]),
  );
  const served = new Map<string, number>();
  /** What the tenant served last had been served before. */
  let level = 0;
  let size = 0;

  const classOf = (importance: Importance): Class => classes.get(importance)!;

  const nextClass = (): Class | undefined => {
    let first: Class | undefined;
    let owed: Class | undefined;
    for (const one of classes.values()) {
      if (one.size === 0) continue;
      if (first === undefined) first = one;
      else if (++one.passedOver >= PLACES_PER_FLOOR) owed = one;
    }
    if (owed === undefined) return first;
    owed.passedOver = 0;
    return owed;
  };

  const leastServed = ({ lines }: Class): TenantLine | undefined => {
    let best: TenantLine | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const line of lines.values()) {
      const so = served.get(line.tenant) ?? 0;
      if (best !== undefined && so >= least) continue;
      best = line;
      least = so;
    }
    return best;
  };

  const remove = (waiter: Waiter) => {
    const { line } = waiter;
    if (line === undefined) return;
    const itsClass = classOf(waiter.importance);
    unlink(line, waiter);
    if (line.size === 0) itsClass.lines.delete(line.tenant);
    itsClass.size -= 1;
    if (itsClass.size === 0) itsClass.passedOver = 0;
    size -= 1;
    if (size > 0) return;
    served.clear();
    level = 0;
  };

  return {
    add(waiter) {
      const itsClass = classOf(waiter.importance);
      let line = itsClass.lines.get(waiter.tenant);
      if (line === undefined) {
        line = createTenantLine(waiter.tenant);
        itsClass.lines.set(waiter.tenant, line);
        served.set(waiter.tenant, Math.max(level, served.get(waiter.tenant) ?? 0));
      }
      append(line, waiter);
      itsClass.size += 1;
      size += 1;
    },
    take() {
      const next = nextClass();
      const waiter = next && leastServed(next)?.head;
      if (waiter === undefined) return undefined;
      level = served.get(waiter.tenant) ?? 0;
      served.set(waiter.tenant, level + waiter.weightTokens);
      remove(waiter);
      return waiter;
    },
    remove,
    chargeOutput(tenant, tokens) {
      const so = served.get(tenant);
      if (so !== undefined) served.set(tenant, so + OUTPUT_WEIGHT * tokens);
    },
    findLess(importance) {
      for (const lower of [...IMPORTANCES.slice(IMPORTANCES.indexOf(importance) + 1)].reverse()) {
        let longest: TenantLine | undefined;
        for (const line of classOf(lower).lines.values()) if (line.size > (longest?.size ?? 0)) longest = line;
        if (longest !== undefined) return longest.tail;
      }
      return undefined;
    },
    oldest(importance) {
      let oldest: Waiter | undefined;
      for (const { head } of classOf(importance).lines.values())
        if (head !== undefined && (oldest === undefined || head.since < oldest.since)) oldest = head;
      return oldest;
    },
    sizeOf(tenant) {
      let sum = 0;
      for (const { lines } of classes.values()) sum += lines.get(tenant)?.size ?? 0;
      return sum;
    },
    *all() {
      for (const { lines } of classes.values())
        for (const line of lines.values())
          for (let waiter = line.head; waiter !== undefined; ) {
            // Whoever reads may remove the one that was given.
            const next: Waiter | undefined = waiter.after;
            yield waiter;
            waiter = next;
          }
    },
    get bestRank() {
      const rank = IMPORTANCES.findIndex((importance) => classOf(importance).size > 0);
      return rank === -1 ? Number.POSITIVE_INFINITY : rank;
    },
    get size() {
      return size;
    },
  };
}
