import type { ClientView } from './clients.ts';
import type { CountingUpstream } from './counting-upstream.ts';
import { costOf, lotOf } from './lot.ts';
import type { BookedCall } from './read-books.ts';

/** A node was killed; `atMs` by `performance.now()`. */
export interface Kill {
  node: number;
  atMs: number;
}

export interface Reckoning {
  /** Of what the client saw, of what the ledger holds, and of what the upstream told, by number of calls or tokens. */
  counts: Record<string, number>;
  /** What does not agree. Empty: everything does. */
  problems: string[];
  /** Calls that passed the limits and are not in the ledger, at most: cut, lost or left at the door. */
  unbooked: number[];
}

export interface Evidence {
  views: readonly (ClientView | undefined)[];
  upstream: Pick<CountingUpstream, 'asked' | 'whole'>;
  booked: readonly BookedCall[];
  kills: readonly Kill[];
  /** So shortly before a kill a call may have been answered and not be in the ledger. */
  boundMs: number;
}

/** Compares, call by call, what the clients saw, what the upstream counted and what the ledger holds. */
export function reckon({ views, upstream, booked, kills, boundMs }: Evidence): Reckoning {
  const counts: Record<string, number> = {};
  const problems: string[] = [];
  const unbooked: number[] = [];
  const count = (what: string, more = 1) => {
    counts[what] = (counts[what] ?? 0) + more;
  };
  const byNumber = new Map<number, BookedCall>();
  for (const call of booked) {
    if (byNumber.has(call.number)) problems.push(`call ${call.number} is in the ledger twice`);
    if (views[call.number] === undefined) problems.push(`nobody sent the call ${call.number} (${call.id})`);
    byNumber.set(call.number, call);
  }
  counts['oldest lost, ms'] = 0;
  for (const [number, view] of views.entries()) {
    if (view === undefined) {
      problems.push(`call ${number} was never over`);
      continue;
    }
    count(`client: ${view.seen}`);
    const call = byNumber.get(number);
    const problem = call === undefined ? missing(number, view) : present(number, view, call);
    if (problem !== undefined) problems.push(`call ${number} (client: ${view.seen}): ${problem}`);
    countTokens(number, call);
  }
  return { counts, problems, unbooked };

  /** A call that is not in the ledger: why that may be, or the problem. */
  function missing(number: number, { seen, node, atMs }: ClientView): string | undefined {
    const sinceKill = kills.filter((kill) => kill.node === node).map((kill) => kill.atMs - atMs);
    if (seen !== 'turned-away') unbooked.push(number);
    switch (seen) {
      case 'turned-away':
        return upstream.asked[number] === 0 ? undefined : 'it was turned away and reached the upstream';
      case 'cut':
        count('not in the ledger: under way at a kill');
        return sinceKill.some((ms) => ms < boundMs) ? undefined : 'its connection broke and nobody was killed';
      case 'left': {
        count('not in the ledger: left');
        const isExcused = upstream.asked[number] === 0 || sinceKill.some((ms) => ms > -1_000 && ms < boundMs);
        return isExcused ? undefined : 'it reached the upstream and is not in the ledger';
      }
      default: {
        count('not in the ledger: over shortly before a kill');
        const age = Math.min(...sinceKill.filter((ms) => ms > -50));
        counts['oldest lost, ms'] = Math.max(counts['oldest lost, ms']!, Math.round(age));
        return age < boundMs ? undefined : `it is not in the ledger, though no kill came within ${boundMs} ms`;
      }
    }
  }

  function present(number: number, { seen, id }: ClientView, call: BookedCall): string | undefined {
    const lot = lotOf(number);
    count(`ledger: ${call.outcome}`);
    if (id !== undefined && id !== call.id) return `it is ${call.id} in the ledger and was ${id}`;
    if (call.key !== lot.key) return `it is booked on the key ${call.key}`;
    if (call.attempts !== upstream.asked[number] && !(seen === 'left' && call.attempts > upstream.asked[number]!))
      return `the ledger has ${call.attempts} attempts and the upstream ${upstream.asked[number]}`;
    if (seen === 'wrong') return 'its answer was not the one';
    if (seen === 'answered' && (call.outcome !== 'complete' || call.source !== 'measured'))
      return `it was answered and is ${call.outcome}, ${call.source} in the ledger`;
    if (seen === 'refused' && call.status < 400) return `it was refused and is ${call.status} in the ledger`;
    if (call.source !== 'measured') return undefined;
    const isExact = call.input === lot.input && call.output === lot.output && call.costPico === costOf(lot);
    // Who leaves may have been told the usage before the answer's last byte was out.
    if (upstream.whole[number] !== 1 && seen !== 'left')
      return `the ledger has a usage that was told ${upstream.whole[number]} times`;
    return isExact ? undefined : `the ledger has ${call.input} + ${call.output} tokens, ${call.costPico} pico-dollars`;
  }

  function countTokens(number: number, call: BookedCall | undefined): void {
    const lot = lotOf(number);
    const told = upstream.whole[number]! * (lot.input + lot.output);
    count('tokens: told by the upstream', told);
    if (call === undefined) count('tokens: told, of calls not in the ledger', told);
    else if (call.source === 'measured') {
      count('tokens: measured in the ledger', call.input + call.output);
      count('tokens: measured, of answers whose end was not sent', call.input + call.output - told);
    } else {
      count('tokens: told, of calls whose end was not read', told);
      count('tokens: estimated in the ledger', call.input + call.output);
    }
  }
}
