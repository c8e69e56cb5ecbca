import type { TargetGroup } from '../../core/plan.ts';
import type { Target } from '../../core/target.ts';
import { createKeptByName } from '../kept-by-name.ts';
import { createGroupState, type GroupState, isStale, refreshGroup, type Turns } from './group-state.ts';
import { createTargetState, type TargetState } from './target-state.ts';

/** Finds what is known of a target or a group, and begins it where nothing is. */
export interface Roster {
  target(name: string): TargetState;
  /** As of the last tenth of a second. */
  group(group: TargetGroup, tokensPerCall: number): GroupState;
  find(name: string): TargetState | undefined;
  all(): Iterable<[name: string, state: TargetState]>;
}

/** Targets are few; but where any model of a provider may be asked for, their names come from outside. */
const MOST_KEPT = 4_096;

export function createRoster(now: () => number, countsTokens: (target: Target) => boolean): Roster {
  const known = createKeptByName(MOST_KEPT, createTargetState);
  const turns = createKeptByName(MOST_KEPT, (): Turns => ({ next: 0, credits: new Map() }));
  const groups = new WeakMap<TargetGroup, GroupState>();

  function beginGroup(group: TargetGroup): GroupState {
    const names = group.members.map(({ target }) => target.name);
    const strangers = names.filter((name) => known.find(name) === undefined);
    const areAtWork = names.some((name) => (known.find(name)?.requests ?? 0) > 0);
    if (areAtWork) for (const name of strangers) known.of(name).joinedAt = now();
    const counts = group.members.map(({ target }) => countsTokens(target));
    const begun = createGroupState(group, names.map(known.of), turns.of(group.name), counts);
    groups.set(group, begun);
    return begun;
  }

  return {
    target: known.of,
    group(group, tokensPerCall) {
      const state = groups.get(group) ?? beginGroup(group);
      const at = now();
      if (!isStale(state, at)) return state;
      // What was let go for want of room has been begun anew by the calls since.
      for (let index = 0; index < state.states.length; index++) {
        state.states[index] = known.of(state.states[index]!.name);
      }
      refreshGroup(state, tokensPerCall, at);
      return state;
    },
    find: known.find,
    all: known.entries,
  };
}
