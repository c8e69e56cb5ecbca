// Strategies to compare with. They live here only; the gateway has none of them.
import type { Member, TargetGroup } from '../../gateway/src/core/plan.ts';
import type { Flight } from '../../gateway/src/upstream/balance/flight.ts';
import type { Chooser } from './balance-gateway.ts';

/** What a naive strategy knows of a target. */
interface Note {
  outstanding: number;
  /** Totals or first tokens, in milliseconds. */
  last: number[];
  mean: number | undefined;
  heardAt: number;
}

/** How a naive strategy picks and learns. */
export interface Naive {
  /** Whether the time to the first token is learned from, rather than the whole answer's. */
  learnsFirstToken?: boolean;
  pick(members: readonly Member[], noteOf: (member: Member) => Note, random: () => number): Member;
  learn?(note: Note, ms: number, now: number): void;
}

const WINDOW = 100;
const EWMA_SHARE = 0.2;
const EXPLORATION = 0.05;
const PEAK_TAU_MS = 10_000;
const STRANGER_MS = 1_000;

/** Each in turn. */
export const roundRobin = (): Naive => {
  let next = 0;
  return { pick: (members) => members[next++ % members.length]! };
};

/** The least mean of the last 100 whole answers; those never asked come first. */
export const leastMeanOf100 = (): Naive => ({
  pick: (members, noteOf) => least(members, (member) => meanOf(noteOf(member).last)),
  learn(note, ms) {
    note.last.push(ms);
    if (note.last.length > WINDOW) note.last.shift();
  },
});

/** The least moving average of whole answers, and one call in twenty anywhere. */
export const exploringEwma = (): Naive => ({
  pick: (members, noteOf, random) =>
    random() < EXPLORATION
      ? members[Math.floor(random() * members.length)]!
      : least(members, (member) => noteOf(member).mean ?? 0),
  learn(note, ms) {
    note.mean = note.mean === undefined ? ms : note.mean + EWMA_SHARE * (ms - note.mean);
  },
});

/** Of two by chance, the one with fewer calls under way. */
export const lessOutstandingOfTwo = (): Naive => ({
  pick: (members, noteOf, random) => lessOfTwo(members, random, (member) => noteOf(member).outstanding),
});

/** Of two by chance, the one with the lesser peak EWMA times load, as Finagle does. */
export const peakEwma = (learnsFirstToken: boolean) => (): Naive => ({
  learnsFirstToken,
  pick: (members, noteOf, random) =>
    lessOfTwo(members, random, (member) => {
      const note = noteOf(member);
      return (note.mean ?? STRANGER_MS) * (note.outstanding + 1);
    }),
  learn(note, ms, now) {
    const share = Math.exp((note.heardAt - now) / PEAK_TAU_MS);
    note.mean = note.mean === undefined || ms > note.mean ? ms : ms + (note.mean - ms) * share;
    note.heardAt = now;
  },
});

/** A chooser for the scenarios: the strategy picks among those that are not barred; the others follow in the order of chance. */
export function createNaiveChooser(naive: Naive, now: () => number, random: () => number): Chooser {
  const notes = new Map<string, Note>();

  function noteOf(name: string): Note {
    let note = notes.get(name);
    if (note === undefined) {
      note = { outstanding: 0, last: [], mean: undefined, heardAt: 0 };
      notes.set(name, note);
    }
    return note;
  }

  return {
    rank({ members }: TargetGroup, _ask, isBarred) {
      const free = isBarred === undefined ? members : members.filter((member) => !isBarred(member));
      const open = free.length > 0 ? free : members;
      const pick = naive.pick(open, ({ target }) => noteOf(target.name), random);
      const others = open.filter((member) => member !== pick);
      const turn = Math.floor(random() * others.length);
      return [pick, ...others.slice(turn), ...others.slice(0, turn)];
    },
    open(target): Flight {
      const note = noteOf(target.name);
      const openedAt = now();
      note.outstanding++;
      return {
        firstToken() {
          if (naive.learnsFirstToken) naive.learn?.(note, now() - openedAt, now());
        },
        ended(outcome) {
          note.outstanding--;
          // A failure's time is recorded like any other: nothing in these strategies tells them apart.
          if (!naive.learnsFirstToken || outcome === 'failed') naive.learn?.(note, now() - openedAt, now());
        },
      };
    },
  };
}

function least(members: readonly Member[], costOf: (member: Member) => number): Member {
  return members.reduce((best, member) => (costOf(member) < costOf(best) ? member : best));
}

function lessOfTwo(members: readonly Member[], random: () => number, costOf: (member: Member) => number): Member {
  const one = Math.floor(random() * members.length);
  const other = members.length < 2 ? one : (one + 1 + Math.floor(random() * (members.length - 1))) % members.length;
  return costOf(members[other]!) < costOf(members[one]!) ? members[other]! : members[one]!;
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
