import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { aPrompt } from '../../test/a-prompt.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { outlineBody } from '../core/outline-body.ts';
import type { Member, Plan, TargetGroup } from '../core/plan.ts';
import type { Reply } from '../core/reply.ts';
import type { HostReply, HostRequest, Target } from '../core/target.ts';
import { Trail } from '../core/trail.ts';
import { attempt } from './attempt.ts';
import { createFleet } from './fleet.ts';
import { lendPatience } from './patience.ts';

type Behaviour = 'answers' | 'fails' | 'overflows' | 'hangs' | 'says wait' | 'says no' | 'answers late';

const DOCUMENT = Buffer.from(
  '{"choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}]}',
);
const BODY = Buffer.from('{"model":"m","messages":[{"role":"user","content":"Hi"}]}');

/** A clock that stands still until it is told to pass. */
function aClock() {
  let now = 1_000;
  const timers = new Set<{ at: number; run: () => void }>();
  const clock: Clock = {
    now: () => now,
    wallMs: () => now,
    setTimeout(run, milliseconds) {
      const timer = { at: now + milliseconds, run };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
  };
  const turns = () => new Promise((resolve) => setImmediate(resolve));
  return {
    clock,
    get timers() {
      return timers.size;
    },
    async pass(milliseconds: number) {
      const end = now + milliseconds;
      for (;;) {
        await turns();
        const next = [...timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
        if (next === undefined) break;
        now = Math.max(now, next.at);
        timers.delete(next);
        next.run();
      }
      now = end;
      await turns();
    },
  };
}

/** Everything behind an attempt but the network. */
function aHouse() {
  const time = aClock();
  const { clock } = time;
  const fleet = createFleet({ clock, random: () => 0.5, onNews: () => {}, onTie: () => {} });
  const behaviours = new Map<string, Behaviour[]>();
  const asked: string[] = [];
  const aborted: string[] = [];
  let signInMs = 0;

  function answerOf(status: number, body: string | Buffer, headers: Record<string, string> = {}): HostReply {
    async function* bytes() {
      yield Buffer.from(body);
    }
    return { status, headers: { 'content-type': 'application/json', ...headers }, body: bytes() };
  }

  async function open(name: string, request: HostRequest): Promise<HostReply> {
    const queue = behaviours.get(name) ?? ['answers'];
    const behaviour = queue.length > 1 ? queue.shift()! : queue[0]!;
    if (signInMs > 0) await new Promise<void>((resolve) => clock.setTimeout(resolve, signInMs));
    asked.push(name);
    return await new Promise((resolve, reject) => {
      const patience = lendPatience(clock, request.timeouts, name, lose);
      function lose(error: unknown): void {
        patience.over();
        reject(error as Error);
      }
      request.onAbortable(() => {
        aborted.push(name);
        lose(new GatewayError('upstream_unreachable', 'The call was given up.'));
      });
      function say(reply: HostReply): void {
        patience.over();
        resolve(reply);
      }
      const overflow = '{"error":{"message":"too long","code":"context_length_exceeded"}}';
      switch (behaviour) {
        case 'answers':
          return say(answerOf(200, DOCUMENT));
        case 'answers late':
          return void clock.setTimeout(() => say(answerOf(200, DOCUMENT)), 700);
        case 'fails':
          return say(answerOf(500, '{"error":{"message":"broken"}}'));
        case 'overflows':
          return say(answerOf(400, overflow));
        case 'says wait':
          return say(answerOf(429, '{"error":{"message":"slow down"}}', { 'retry-after': '1' }));
        case 'says no':
          return say(answerOf(400, '{"error":{"message":"no such field","type":"invalid_request_error"}}'));
        case 'hangs':
          return undefined;
      }
    });
  }

  function aMember(name: string): Member {
    const target = {
      name,
      provider: name,
      preset: {},
      model: name,
      dialect: 'openai-chat',
      operation: 'chat',
      traits: { model: name },
      timeouts: { connect: 1_000, firstByte: 20_000, idle: 20_000, total: 60_000 },
      facts: {},
      cost: () => 0,
      host: { open: (request: HostRequest) => open(name, request) },
    } as unknown as Target;
    return { target, weight: 1, priority: 0 };
  }

  function aGroup(name: string, ...names: string[]): TargetGroup {
    return { name, strategy: 'priority', members: names.map(aMember) };
  }

  return {
    time,
    fleet,
    asked,
    aborted,
    aGroup,
    does: (name: string, ...what: Behaviour[]) => void behaviours.set(name, what),
    signsInFor(milliseconds: number) {
      signInMs = milliseconds;
    },
    /** Sends a call; `leaves` hangs up, and `over` is its end in the trail. */
    send(plan: Partial<Plan> & Pick<Plan, 'groups'>, { deadline }: { deadline?: string } = {}) {
      const gone = new Set<() => void>();
      const state = { isGone: false };
      const prompt = aPrompt({
        model: 'm',
        bytes: BODY,
        body: outlineBody(BODY, ['model', 'stream']),
        contentType: 'application/json',
        query: '',
        wantsStream: false,
        startedAt: clock.now(),
        headers: deadline === undefined ? {} : { 'x-xidao-deadline': deadline },
        json: () => JSON.parse(BODY.toString()) as never,
        onGone(leave) {
          if (state.isGone) leave();
          else gone.add(leave);
          return () => gone.delete(leave);
        },
      });
      Object.defineProperty(prompt.call, 'isGone', { get: () => state.isGone });
      const trail = new Trail(prompt.call, clock);
      const upstream = { ...fleet, longestWaitMs: 2_000, longestHoldMs: 5_000, media: {} as never };
      const reply = attempt(upstream, { reason: 'test', ...plan }, prompt, trail);
      const over = reply.then(
        (answer) => {
          trail.end({ name: 'complete', bytes: 1 });
          trail.settle();
          return answer;
        },
        (error: unknown) => {
          trail.fail(error);
          trail.end(state.isGone ? { name: 'client-left', bytes: 0 } : { name: 'complete', bytes: 0 });
          trail.settle();
          return error as GatewayError;
        },
      );
      return {
        over: over as Promise<Reply & GatewayError>,
        trail,
        leaves() {
          state.isGone = true;
          for (const leave of [...gone]) leave();
        },
      };
    },
    /** Calls and places that are still taken, and timers that still run. */
    leftOver() {
      const outstanding = fleet.balancer.standings().reduce((sum, standing) => sum + standing.outstanding, 0);
      const { targets, waiting } = fleet.waiting.view();
      const underWay = targets.reduce((sum, target) => sum + target.underWay, 0);
      return { outstanding, underWay, waiting, timers: time.timers };
    },
  };
}

const NOTHING = { outstanding: 0, underWay: 0, waiting: 0, timers: 0 };

let house: ReturnType<typeof aHouse>;
const fresh = () => {
  house = aHouse();
  return house;
};
afterEach(async () => {
  await house.time.pass(120_000);
  expect(house.leftOver()).toEqual(NOTHING);
});

describe('a hedge', () => {
  function learned() {
    const made = fresh();
    for (let call = 0; call < 30; call++) made.fleet.patience.noteFirstToken('a', 10, 100);
    made.fleet.hedges.noteSpend(10_000);
    return made;
  }

  test('lets the slower connection go, and gives its place back', async () => {
    const { send, aGroup, does, time, aborted, fleet } = learned();
    for (const name of ['a', 'b']) fleet.waiting.limit(name, { kind: 'fixed', most: 1 });
    does('a', 'hangs');
    const call = send({ groups: [aGroup('g', 'a', 'b')], isHedged: true });
    await time.pass(1_000);
    expect((await call.over).status).toBe(200);
    expect(aborted).toEqual(['a']);
    expect(call.trail.record.attempts).toMatchObject([
      { verdict: 'abandoned' },
      { verdict: 'answered', isHedge: true },
    ]);
    expect(house.leftOver()).toMatchObject({ outstanding: 0, underWay: 0 });
  });

  test('that is beaten while it signs in is hung up on as soon as there is something to hang up', async () => {
    const { send, aGroup, does, time, aborted, signsInFor } = learned();
    does('a', 'answers late');
    does('b', 'hangs');
    const call = send({ groups: [aGroup('g', 'a', 'b')], isHedged: true });
    await time.pass(0);
    signsInFor(2_000);
    await time.pass(1_000);
    expect((await call.over).status).toBe(200);
    expect(aborted).toEqual([]);
    await time.pass(2_000);
    expect(aborted).toEqual(['b']);
  });

  test('a client that leaves ends both', async () => {
    const { send, aGroup, does, time, aborted } = learned();
    does('a', 'hangs');
    does('b', 'hangs');
    const call = send({ groups: [aGroup('g', 'a', 'b')], isHedged: true });
    await time.pass(1_000);
    call.leaves();
    await call.over;
    expect(aborted.sort()).toEqual(['a', 'b']);
    expect(call.trail.record.outcome).toBe('client-left');
  });

  test('a deadline that ends in between does no harm', async () => {
    const { send, aGroup, does, time } = learned();
    does('a', 'hangs');
    does('b', 'hangs');
    const call = send({ groups: [aGroup('g', 'a', 'b')], isHedged: true }, { deadline: '150ms' });
    await time.pass(1_000);
    expect((await call.over).code).toBe('deadline_exceeded');
  });
});

describe('a chain of its own', () => {
  test('is followed while its members say the same, and a single member of it is asked even with its breaker open', async () => {
    const { send, aGroup, does, asked, fleet } = fresh();
    does('small', 'overflows');
    does('larger', 'overflows');
    const pass = fleet.breakers.takePass('largest');
    fleet.breakers.note('largest', pass, 'fatal', 'it refused the key');
    const chain = [aGroup('c', 'larger'), aGroup('d', 'largest')];
    const call = send({ groups: [aGroup('g', 'small'), aGroup('h', 'other')], onContextOverflow: chain });
    expect((await call.over).status).toBe(400);
    expect(asked).toEqual(['small', 'larger']);
    const only = send({ groups: [aGroup('g', 'small')], onContextOverflow: [aGroup('d', 'largest')] });
    expect((await only.over).status).toBe(200);
    expect(asked).toEqual(['small', 'larger', 'small', 'largest']);
  });
});

test('what only one provider holds is told so where that one is not there, and is not sent elsewhere', async () => {
  const { send, aGroup, asked, fleet } = fresh();
  const affinity = { key: 'thread', isHard: true };
  fleet.balancer.bind(affinity, 'gone');
  const call = send({ groups: [aGroup('g', 'a', 'b')], affinity });
  expect(await call.over).toMatchObject({ code: 'thread_unsupported_request', status: 400 });
  const alone = send({ groups: [aGroup('g', 'a')], affinity });
  expect(await alone.over).toMatchObject({ code: 'thread_unsupported_request' });
  expect(asked).toEqual([]);
});

test('the least bad of those that are barred takes a place like any other', async () => {
  const { send, aGroup, does, time, asked, fleet } = fresh();
  for (const name of ['a', 'b']) {
    fleet.waiting.limit(name, { kind: 'fixed', most: 1 });
    fleet.breakers.note(name, fleet.breakers.takePass(name), 'fatal', 'it refused the key');
  }
  does('a', 'answers late');
  does('b', 'answers late');
  const group = aGroup('g', 'a', 'b');
  const calls = [send({ groups: [group] }), send({ groups: [group] })];
  await time.pass(100);
  expect(asked).toHaveLength(1);
  await time.pass(2_000);
  for (const call of calls) expect((await call.over).status).toBe(200);
  expect(asked).toHaveLength(2);
});

test('a place at a target whose breaker opened meanwhile is given back, and asked for anew as the last resort', async () => {
  const { send, aGroup, does, time, asked, fleet } = fresh();
  fleet.waiting.limit('a', { kind: 'fixed', most: 1 });
  does('a', 'answers late');
  const refuses = (name: string) =>
    fleet.breakers.note(name, fleet.breakers.takePass(name), 'fatal', 'it refused the key');
  refuses('b');
  const group = aGroup('g', 'a', 'b');
  const calls = [send({ groups: [group] }), send({ groups: [group] })];
  await time.pass(100);
  refuses('a');
  await time.pass(3_000);
  for (const call of calls) expect((await call.over).status).toBe(200);
  expect(asked).toHaveLength(2);
});

test('a target that is only held to a pace is asked before a call is given up', async () => {
  const { send, aGroup, does, asked, fleet } = fresh();
  for (let time = 0; time < 50; time++) fleet.quotas.note('b', {}, 429);
  does('a', 'fails');
  const call = send({ groups: [aGroup('g', 'a', 'b')] });
  await house.time.pass(5_000);
  expect((await call.over).status).toBe(200);
  expect(asked.at(-1)).toBe('b');
});

test('a client that leaves while a retry is waited for leaves no timer behind', async () => {
  const { send, aGroup, does, time, asked } = fresh();
  does('a', 'says wait');
  const call = send({ groups: [aGroup('g', 'a')] });
  await time.pass(200);
  expect(time.timers).toBe(1);
  call.leaves();
  await call.over;
  expect(time.timers).toBe(0);
  expect(asked).toEqual(['a']);
});

test('whatever happens, in whatever order, every call ends, and no place, no count and no timer stays behind', async () => {
  const aBehaviour = fc.constantFrom<Behaviour>(
    'answers',
    'fails',
    'overflows',
    'hangs',
    'says wait',
    'says no',
    'answers late',
  );
  const aCall = fc.record({
    names: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
    isHedged: fc.boolean(),
    deadline: fc.option(fc.constantFrom('100ms', '900ms', '5s'), { nil: undefined }),
    leavesAfter: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined }),
    pause: fc.integer({ min: 0, max: 1_500 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        a: fc.array(aBehaviour, { minLength: 1, maxLength: 5 }),
        b: fc.array(aBehaviour, { minLength: 1, maxLength: 5 }),
        c: fc.array(aBehaviour, { minLength: 1, maxLength: 5 }),
      }),
      fc.array(aCall, { minLength: 1, maxLength: 8 }),
      async (behaviours, calls) => {
        const { send, aGroup, does, time, fleet, leftOver } = fresh();
        for (const [name, what] of Object.entries(behaviours)) does(name, ...what);
        for (const name of ['a', 'b']) fleet.waiting.limit(name, { kind: 'fixed', most: 1 });
        for (let call = 0; call < 30; call++) fleet.patience.noteFirstToken('a', 10, 100);
        fleet.hedges.noteSpend(100_000);
        const chain = [aGroup('large', 'c')];
        const sent = [];
        for (const { names, isHedged, deadline, leavesAfter, pause } of calls) {
          const plan = { groups: [aGroup(names.join(), ...names)], isHedged, onContextOverflow: chain };
          const call = send(plan, deadline === undefined ? {} : { deadline });
          if (leavesAfter !== undefined) time.clock.setTimeout(call.leaves, leavesAfter);
          sent.push(call);
          await time.pass(pause);
        }
        await time.pass(300_000);
        await Promise.all(sent.map(({ over }) => over));
        for (const { trail } of sent)
          expect(trail.record.attempts.map(({ verdict }) => verdict)).not.toContain('pending');
        expect(leftOver()).toEqual(NOTHING);
      },
    ),
    { seed: 7, numRuns: 60 },
  );
});
