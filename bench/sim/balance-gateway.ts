// A gateway reduced to what a balancer decides: rank, ask, and ask the next one where the first fails.
import type { Clock } from '../../gateway/src/core/clock.ts';
import type { Member, TargetGroup } from '../../gateway/src/core/plan.ts';
import type { Target } from '../../gateway/src/core/target.ts';
import type { Ask } from '../../gateway/src/upstream/balance/balancer.ts';
import type { Flight } from '../../gateway/src/upstream/balance/flight.ts';
import { createBreakers } from '../../gateway/src/upstream/breaker/breakers.ts';
import type { Backend, Ending, SimCall } from './balance-world.ts';
import type { Engine } from './engine.ts';

/** What the scenarios ask of a balancer; the gateway's own is one. */
export interface Chooser {
  rank(
    group: TargetGroup,
    ask: Ask,
    isBarred?: (member: Member) => boolean,
    rampOf?: (name: string) => number,
  ): readonly Member[];
  open(target: Target, ask: Ask): Flight;
}

/** What the scenarios ask of a breaker. */
export interface Breaker {
  isBarred(name: string): boolean;
  rampOf(name: string): number;
  /** A call is sent; what is given comes back with its outcome. */
  take(name: string): number;
  note(name: string, pass: number, outcome: Ending): void;
}

/** Everything that is told of a simulated call. */
export interface Told {
  askedAt: number;
  /** Undefined: no answer ever began. */
  ttftMs: number | undefined;
  tries: number;
  /** Each target that was asked, in order. */
  names: string[];
  isLost: boolean;
}

export interface GatewayDeps {
  engine: Engine;
  group: TargetGroup;
  backends: ReadonlyMap<string, Backend>;
  chooser: Chooser;
  breaker: Breaker | undefined;
  /** Longest wait for a first token. */
  firstByteMs: number;
  tries: number;
}

/** Sends a call on its way; what is told of it is complete once its answer has begun, or was given up. */
export function sendCall(deps: GatewayDeps, call: SimCall): Told {
  const { engine, group, chooser, breaker } = deps;
  const told: Told = { askedAt: engine.clock.now(), ttftMs: undefined, tries: 0, names: [], isLost: false };
  const ask: Ask = { inputTokens: call.inputTokens, wantsStream: true };
  const order = breaker
    ? chooser.rank(
        group,
        ask,
        ({ target }) => breaker.isBarred(target.name),
        (name) => breaker.rampOf(name),
      )
    : chooser.rank(group, ask);
  tryNext();
  return told;

  function tryNext(): void {
    const member = told.tries < deps.tries ? order[told.tries] : undefined;
    if (member === undefined) {
      told.isLost = true;
      return;
    }
    told.tries++;
    told.names.push(member.target.name);
    askOne(member);
  }

  function askOne({ target }: Member): void {
    const pass = breaker?.take(target.name) ?? 0;
    const flight = chooser.open(target, ask);
    let hangUp = () => {};
    const timer = Number.isFinite(deps.firstByteMs)
      ? engine.clock.setTimeout(() => {
          hangUp();
          fail('failed');
        }, deps.firstByteMs)
      : undefined;

    function fail(ending: Ending): void {
      timer?.cancel();
      flight.ended('failed');
      breaker?.note(target.name, pass, ending);
      tryNext();
    }

    hangUp = deps.backends.get(target.name)!.ask(call, {
      firstToken() {
        timer?.cancel();
        flight.firstToken();
        told.ttftMs = engine.clock.now() - told.askedAt;
      },
      ended(ending) {
        if (ending !== 'ok') return fail(ending);
        flight.ended('ok', call.outputTokens);
        breaker?.note(target.name, pass, 'ok');
      },
    });
  }
}

/** The breaker of the textbook: five failures in a row shut a target out for half a minute, then one call tries. */
export function createFixedBreaker({ now }: Clock): Breaker {
  const states = new Map<string, { inARow: number; openUntil: number; isProbing: boolean }>();

  function stateOf(name: string) {
    let state = states.get(name);
    if (state === undefined) {
      state = { inARow: 0, openUntil: 0, isProbing: false };
      states.set(name, state);
    }
    return state;
  }

  return {
    isBarred(name) {
      const state = stateOf(name);
      return now() < state.openUntil || state.isProbing;
    },
    rampOf: () => 1,
    take(name) {
      const state = stateOf(name);
      if (state.inARow >= 5) state.isProbing = true;
      return 0;
    },
    note(name, _pass, ending) {
      const state = stateOf(name);
      state.isProbing = false;
      state.inARow = ending === 'ok' ? 0 : state.inARow + 1;
      if (state.inARow >= 5) state.openUntil = now() + 30_000;
    },
  };
}

/** The gateway's own breaker. It does not count refusals for going too fast, which say nothing of a target's health. */
export function createOwnBreaker(clock: Clock, random: () => number): Breaker {
  const breakers = createBreakers({
    clock,
    random,
    settings: { mode: 'adaptive', failureThreshold: 5, recoveryTimeoutMs: 30_000, halfOpenMax: 3 },
  });
  return {
    isBarred: (name) => !breakers.mayTry(name),
    rampOf: (name) => breakers.ramp(name),
    take: (name) => breakers.takePass(name),
    note: (name, pass, ending) => breakers.note(name, pass, ending === 'refused' ? 'void' : ending),
  };
}

/** A group of so many targets that are alike but for their names. */
export function createGroup(size: number): TargetGroup {
  const members = Array.from({ length: size }, (_, index) => createMember(`t${index}`));
  return { name: 'pool', strategy: 'latency', members };
}

function createMember(name: string): Member {
  const target: Pick<Target, 'name' | 'cost'> = { name, cost: () => undefined };
  return { target: target as Target, weight: 1, priority: 0 };
}
