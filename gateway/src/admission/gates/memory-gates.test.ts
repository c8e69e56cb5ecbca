import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type BucketGate,
  type Claim,
  createGate,
  type Gate,
  type Refused,
  type SumGate,
  type Taken,
} from '../../core/limits.ts';
import { createMemoryGates } from './memory-gates.ts';

const SEED = 20_261_120;

/** A clock that stands still until it is told otherwise. */
function aClock() {
  let ms = 1_000;
  return { now: () => ms, wallMs: () => ms, pass: (more: number) => void (ms += more) };
}

function gate(
  dimension: Exclude<Gate['dimension'], 'money'>,
  limit: number,
  id: string = dimension,
  burst = 1,
): BucketGate {
  return createGate({ id, dimension, owner: 'key "app"', limit, onFailure: 'fail_local' }, burst) as BucketGate;
}

function one(gate: Gate, cost = 1): Claim[] {
  return [{ gate, cost }];
}

function taken(outcome: Taken | Refused): Taken {
  if (!outcome.isTaken) throw new Error(`refused by ${outcome.gate.id}`);
  return outcome;
}

test('a limit of requests may be used at once, and comes back evenly', () => {
  const clock = aClock();
  const gates = createMemoryGates({ clock });
  const rpm = gate('rpm', 7);
  for (let call = 0; call < 7; call++) expect(gates.take(one(rpm)).isTaken).toBe(true);
  const refused = gates.take(one(rpm)) as Refused;
  expect(refused.isTaken).toBe(false);
  expect(refused.gate).toBe(rpm);
  expect(refused.used).toBe(7);
  expect(refused.retryAfterMs).toBeGreaterThan(8_500);
  expect(refused.retryAfterMs).toBeLessThan(8_600);
  clock.pass(Math.ceil(refused.retryAfterMs));
  expect(gates.take(one(rpm)).isTaken).toBe(true);
  expect(gates.take(one(rpm)).isTaken).toBe(false);
});

test('a limit of nothing lets nothing through, be it requests, tokens or slots', () => {
  const gates = createMemoryGates({ clock: aClock() });
  for (const dimension of ['rpm', 'tpm', 'concurrency'] as const)
    expect(gates.take(one(gate(dimension, 0))).isTaken).toBe(false);
});

test('all or nothing: what refuses is named, and the others keep what they had', () => {
  const gates = createMemoryGates({ clock: aClock() });
  const wide = gate('rpm', 100, 'wide');
  const slots = gate('concurrency', 5);
  const narrow = gate('rpm', 1, 'narrow');
  const claims = [...one(wide), ...one(slots), ...one(narrow)];
  expect(gates.take(claims).isTaken).toBe(true);
  const refused = gates.take(claims) as Refused;
  expect(refused.gate.id).toBe('narrow');
  expect(gates.peek(wide).used).toBe(1);
  expect(gates.peek(slots).used).toBe(1);
});

test('never more than limit × window + burst, in a million takes of random schedules', () => {
  const schedule = fc.record({
    limit: fc.integer({ min: 1, max: 5_000 }),
    burst: fc.double({ min: 0.01, max: 1, noNaN: true }),
    pauses: fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { minLength: 20, maxLength: 60 }),
    flood: fc.integer({ min: 1, max: 120 }),
  });
  let takes = 0;
  fc.assert(
    fc.property(schedule, ({ limit, burst, pauses, flood }) => {
      const clock = aClock();
      const gates = createMemoryGates({ clock });
      const rpm = gate('rpm', limit, 'g', burst);
      const claims = one(rpm);
      const times: number[] = [];
      for (const pause of pauses) {
        clock.pass(pause);
        for (let call = 0; call < flood; call++, takes++) if (gates.take(claims).isTaken) times.push(clock.now());
      }
      expectBounded(
        times.map((at) => ({ at, cost: 1 })),
        limit,
        Math.max(1, Math.floor(limit * burst)),
      );
    }),
    { seed: SEED, numRuns: 580 },
  );
  expect(takes).toBeGreaterThan(1_000_000);
});

/** Between any two calls, both included, no more than `limit` a minute and `atOnce` at once (and a microsecond of rounding at each end). */
function expectBounded(calls: { at: number; cost: number }[], limit: number, atOnce: number): void {
  let before = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let worst = Number.NEGATIVE_INFINITY;
  for (const { at, cost } of calls) {
    lowest = Math.min(lowest, before * 60_000 - limit * at);
    before += cost;
    worst = Math.max(worst, before * 60_000 - limit * at - lowest);
  }
  expect(worst).toBeLessThanOrEqual(atOnce * 60_000 + limit * 0.002 + 1e-3);
}

/** Calls that reserve, last and settle; gives how far beyond their reservations they went, altogether. */
function runSchedule(limit: number, schedule: { pause: number; reserved: number; share: number; lasts: number }[]) {
  const clock = aClock();
  const gates = createMemoryGates({ clock });
  const tpm = gate('tpm', limit);
  const running: { taken: Taken; used: number; ends: number }[] = [];
  const calls: { at: number; cost: number }[] = [];
  let beyond = 0;
  for (const { pause, reserved, share, lasts } of schedule) {
    clock.pass(pause);
    for (const ended of running.filter(({ ends }) => ends <= clock.now())) {
      running.splice(running.indexOf(ended), 1);
      gates.settle(ended.taken, [ended.used]);
    }
    const outcome = gates.take(one(tpm, reserved));
    if (!outcome.isTaken) continue;
    const held = Math.min(reserved, limit);
    const used = Math.floor(held * share);
    running.push({ taken: outcome, used, ends: clock.now() + lasts });
    calls.push({ at: clock.now(), cost: used });
    beyond += Math.max(0, used - held);
  }
  expectBounded(calls, limit, limit + beyond);
}

function schedules(shares: fc.Arbitrary<number>) {
  const pause = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 10_000, max: 90_000 }));
  const lasts = fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 200_000 }));
  const call = fc.record({ pause, reserved: fc.integer({ min: 1, max: 900 }), share: shares, lasts });
  return fc.array(call, { maxLength: 80, size: 'max' });
}

const tokenLimit = fc.integer({ min: 100, max: 3_000 });

test('tokens of which no more is used than was reserved: never more than limit × window + burst', () => {
  const share = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }));
  const property = fc.property(tokenLimit, schedules(share), runSchedule);
  fc.assert(property, { seed: SEED, numRuns: 2_000 });
});

test('tokens of which more is used: beyond that by no more than what was used beyond its reservation', () => {
  const share = fc.double({ min: 0, max: 3, noNaN: true });
  const property = fc.property(tokenLimit, schedules(share), runSchedule);
  fc.assert(property, { seed: SEED, numRuns: 500 });
});

test('tokens: a small limit admits a small request, and one request above the limit, whose debt the next ones wait for', () => {
  const clock = aClock();
  const gates = createMemoryGates({ clock });
  const tpm = gate('tpm', 100);
  const small = taken(gates.take(one(tpm, 30)));
  gates.settle(small, [30]);
  clock.pass(60_000);
  const large = taken(gates.take(one(tpm, 1_024)));
  gates.settle(large, [150]);
  const refused = gates.take(one(tpm, 30)) as Refused;
  expect(refused.isTaken).toBe(false);
  // 50 beyond the full bucket and 30 more: 80 tokens at 100 a minute.
  expect(refused.retryAfterMs).toBeCloseTo(48_000, -1);
});

test('tokens: of five calls at once on 100 a minute, as many pass as fit', () => {
  const gates = createMemoryGates({ clock: aClock() });
  const tpm = gate('tpm', 100);
  const passed = [1, 2, 3, 4, 5].filter(() => gates.take(one(tpm, 40)).isTaken);
  expect(passed).toHaveLength(2);
});

test('tokens: debt ends at one limit, however much was used', () => {
  const clock = aClock();
  const gates = createMemoryGates({ clock });
  const tpm = gate('tpm', 100);
  gates.settle(taken(gates.take(one(tpm, 10))), [1_000_000]);
  const refused = gates.take(one(tpm, 1)) as Refused;
  expect(refused.retryAfterMs).toBeLessThanOrEqual(61_000);
});

test('tokens: what was reserved and not used is given back', () => {
  const gates = createMemoryGates({ clock: aClock() });
  const tpm = gate('tpm', 1_000);
  const reserved = taken(gates.take(one(tpm, 900)));
  expect(gates.take(one(tpm, 200)).isTaken).toBe(false);
  gates.settle(reserved, [100]);
  expect(gates.peek(tpm)).toMatchObject({ limit: 1_000, used: 100, remaining: 900 });
  expect(gates.take(one(tpm, 900)).isTaken).toBe(true);
});

test('tokens: what has flowed off meanwhile is not given back a second time', () => {
  const clock = aClock();
  const gates = createMemoryGates({ clock });
  const tpm = gate('tpm', 1_000);
  const reserved = taken(gates.take(one(tpm, 500)));
  clock.pass(60_000);
  const full = taken(gates.take(one(tpm, 1_000)));
  gates.settle(reserved, [0]);
  expect(gates.take(one(tpm, 1)).isTaken).toBe(false);
  gates.settle(full, [1_000]);
});

test('tokens: what is given back brings forward when the rest has flowed off', () => {
  const clock = aClock();
  const gates = createMemoryGates({ clock });
  const tpm = gate('tpm', 1_000);
  const [first, second] = [taken(gates.take(one(tpm, 500))), taken(gates.take(one(tpm, 500)))];
  gates.settle(first, [0]);
  // The second's 500 have flowed off by now, not only in another half minute.
  clock.pass(30_000);
  taken(gates.take(one(tpm, 1_000)));
  clock.pass(1_000);
  gates.settle(second, [0]);
  expect(gates.take(one(tpm, 100)).isTaken).toBe(false);
});

test('slots: as many as are set run at once, and each end makes room', () => {
  const gates = createMemoryGates({ clock: aClock() });
  const slots = gate('concurrency', 2);
  const first = taken(gates.take(one(slots)));
  gates.take(one(slots));
  expect(gates.take(one(slots))).toMatchObject({ isTaken: false, used: 2 });
  gates.settle(first, [1]);
  expect(gates.take(one(slots)).isTaken).toBe(true);
});

test('money: what is spent and what is held never pass the limit, exactly, up to 2^53', () => {
  const gates = createMemoryGates({ clock: aClock() });
  const limit = Number.MAX_SAFE_INTEGER;
  const sum: SumGate = {
    kind: 'sum',
    id: 'b',
    dimension: 'money',
    owner: 'team "a"',
    limit,
    endsAtMs: 9e12,
    onFailure: 'fail_local',
  };
  const first = taken(gates.take(one(sum, limit - 1)));
  expect(gates.take(one(sum, 2)).isTaken).toBe(false);
  gates.settle(first, [limit - 3]);
  expect(gates.peek(sum)).toMatchObject({ used: limit - 3, remaining: 3 });
  expect(gates.take(one(sum, 3)).isTaken).toBe(true);
  expect(gates.take(one(sum, 1)).isTaken).toBe(false);
});

test('money known from the ledger counts, and never lowers what is counted already', () => {
  const gates = createMemoryGates({ clock: aClock() });
  const sum: SumGate = {
    kind: 'sum',
    id: 'b',
    dimension: 'money',
    owner: 'team "a"',
    limit: 100,
    endsAtMs: 9e12,
    onFailure: 'fail_local',
  };
  gates.restore(sum, 90);
  gates.restore(sum, 40);
  expect(gates.take(one(sum, 11)).isTaken).toBe(false);
  expect(gates.take(one(sum, 10)).isTaken).toBe(true);
});

test('idle gates are forgotten, those in use are not', () => {
  const clock = aClock();
  const gates = createMemoryGates({ clock });
  const slots = gate('concurrency', 1);
  gates.take(one(slots));
  for (let ip = 0; ip < 30_000; ip++) {
    gates.take(one(gate('rpm', 600, `ip:${ip}`)));
    clock.pass(1);
  }
  expect(gates.take(one(slots)).isTaken).toBe(false);
  expect(gates.take(one(gate('rpm', 1, 'ip:29999'))).isTaken).toBe(false);
});
