import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEngine } from '../../../../bench/sim/engine.ts';
import { GatewayError } from '../../core/errors.ts';
import { createWaitingRoom, DEFAULT_ROOM, type Errand, type Slot, type WaitingRoomSettings } from './waiting-room.ts';

function aRoom(most = 2, settings: Partial<WaitingRoomSettings> = {}) {
  const engine = createEngine();
  const room = createWaitingRoom({ clock: engine.clock, settings: { ...DEFAULT_ROOM, ...settings } });
  room.limit('lab', { kind: 'fixed', most });
  return {
    room,
    pass: (ms: number) => engine.runUntil(engine.clock.now() + ms),
    now: engine.clock.now,
    enter: (more: Partial<Errand> = {}) => room.enter(anErrand(more)),
  };
}

function anErrand(more: Partial<Errand> = {}): Errand {
  return { group: 'g', targets: ['lab'], importance: 'default', tenant: 'acme', weightTokens: 100, ...more };
}

/** How something that may wait turned out, as far as it has. */
function watch(entering: Slot | Promise<Slot>): { slot?: Slot; error?: GatewayError } {
  const seen: { slot?: Slot; error?: GatewayError } = {};
  Promise.resolve(entering).then(
    (slot) => {
      seen.slot = slot;
    },
    (error: GatewayError) => {
      seen.error = error;
    },
  );
  return seen;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What a client that hangs up does to those who want to hear of it. */
function aClient() {
  const leaves = new Set<() => void>();
  return {
    leaves,
    hangUp: () => {
      for (const leave of leaves) leave();
    },
    onGone: (leave: () => void) => {
      leaves.add(leave);
      return () => void leaves.delete(leave);
    },
  };
}

function isSlot(entered: Slot | Promise<Slot>): entered is Slot {
  return !(entered instanceof Promise);
}

describe('with room', () => {
  test('a call is let in at once, without a promise', () => {
    const { enter, room } = aRoom();
    const slot = enter();
    expect(isSlot(slot) && slot.target).toBe('lab');
    expect(room.view()).toEqual({ waiting: 0, groups: [], targets: [{ target: 'lab', underWay: 1, limit: 2 }] });
  });

  test('the preferred target is taken, and the next one when that is full', () => {
    const { enter, room } = aRoom(1);
    room.limit('spare', { kind: 'fixed', most: 1 });
    const targets = ['lab', 'spare'];
    const slots = [enter({ targets }), enter({ targets })].filter(isSlot);
    expect(slots.map(({ target }) => target)).toEqual(['lab', 'spare']);
    expect(room.hasRoom('lab')).toBe(false);
    slots[0]!.leave();
    slots[0]!.leave();
    expect(room.hasRoom('lab')).toBe(true);
    expect(room.view().targets).toContainEqual({ target: 'lab', underWay: 0, limit: 1 });
  });

  test('a target without a limit is not known here and takes any number', () => {
    const { enter, room } = aRoom();
    expect(room.isLimited('elsewhere')).toBe(false);
    for (let call = 0; call < 1_000; call++) expect(isSlot(enter({ targets: ['elsewhere'] }))).toBe(true);
    expect(room.view().targets.map(({ target }) => target)).toEqual(['lab']);
  });
});

describe('without room', () => {
  test('calls wait, and are let in one by one as places come free', async () => {
    const { enter, pass } = aRoom(1);
    const first = enter() as Slot;
    const second = watch(enter());
    const third = watch(enter());
    pass(500);
    await settled();
    expect(second.slot).toBeUndefined();
    first.leave();
    await settled();
    expect(second.slot).toMatchObject({ target: 'lab', waitedMs: 500 });
    expect(third.slot).toBeUndefined();
    second.slot!.leave();
    await settled();
    expect(third.slot).toBeDefined();
  });

  test('nobody who comes later goes first', async () => {
    const { enter, room } = aRoom(1);
    const first = enter() as Slot;
    const waiting = watch(enter());
    first.leave();
    expect(room.hasRoom('lab')).toBe(false);
    expect(isSlot(enter())).toBe(false);
    await settled();
    expect(waiting.slot).toBeDefined();
  });

  test('a place at any of the targets will do', async () => {
    const { enter, room } = aRoom(1);
    room.limit('spare', { kind: 'fixed', most: 1 });
    const targets = ['lab', 'spare'];
    void enter({ targets });
    const spare = enter({ targets }) as Slot;
    const waiting = watch(enter({ targets }));
    spare.leave();
    await settled();
    expect(waiting.slot!.target).toBe('spare');
  });

  test('groups that wait for the same target take turns', async () => {
    const { enter } = aRoom(1);
    let slot = enter() as Slot;
    const order: string[] = [];
    const wait = (group: string) =>
      void (enter({ group, tenant: group }) as Promise<Slot>).then((next) => {
        order.push(group);
        slot = next;
      });
    for (let call = 0; call < 6; call++) wait('many');
    for (let call = 0; call < 3; call++) wait('few');
    for (let turn = 0; turn < 6; turn++) {
      slot.leave();
      await settled();
    }
    expect(order).toEqual(['many', 'few', 'many', 'few', 'many', 'few']);
  });

  test('of queues for the same target the one with the more important call goes first, and every tenth place goes round', async () => {
    const { enter } = aRoom(1);
    let slot = enter() as Slot;
    const order: string[] = [];
    for (const importance of ['batch', 'interactive'] as const)
      for (let call = 0; call < 30; call++)
        void (enter({ group: importance, importance }) as Promise<Slot>).then((next) => {
          order.push(importance);
          slot = next;
        });
    for (let turn = 0; turn < 20; turn++) {
      slot.leave();
      await settled();
    }
    expect(order.filter((one) => one === 'batch')).toHaveLength(2);
    expect(order.slice(0, 9)).not.toContain('batch');
  });

  test('a call that names another target with room is let in at once, though others of its group wait', async () => {
    const { enter, room } = aRoom(1);
    room.limit('spare', { kind: 'fixed', most: 2 });
    const first = enter() as Slot;
    const waiting = watch(enter());
    const other = enter({ targets: ['lab', 'spare'] });
    expect(isSlot(other) && other.target).toBe('spare');
    (other as Slot).leave();
    await settled();
    expect(waiting.slot).toBeUndefined();
    first.leave();
    await settled();
    expect(waiting.slot!.target).toBe('lab');
  });

  test('a call whose deadline passes is sent away with 503 and a time to come back', async () => {
    const { enter, pass, now, room } = aRoom(1);
    void enter();
    const waiting = watch(enter({ deadlineAt: now() + 2_000 }));
    const patient = watch(enter());
    pass(1_900);
    await settled();
    expect(waiting.error).toBeUndefined();
    pass(300);
    await settled();
    expect(waiting.error).toMatchObject({ code: 'overloaded', status: 503 });
    expect(waiting.error!.retryAfterSeconds).toBeGreaterThanOrEqual(1);
    pass(30_000);
    await settled();
    expect(patient.error).toMatchObject({ code: 'overloaded' });
    expect(room.view()).toMatchObject({ waiting: 0, groups: [] });
    expect(() => enter({ deadlineAt: now() })).toThrow(GatewayError);
  });

  test('the time to come back follows from how fast the queue goes', () => {
    const { enter, pass } = aRoom(1, { mostPerTenant: 20 });
    let slot = enter() as Slot;
    const waiting = Array.from({ length: 20 }, () => enter() as Promise<Slot>);
    for (const one of waiting) one.then((next) => void (slot = next)).catch(() => {});
    const refusal = (): GatewayError => {
      try {
        void enter();
      } catch (error) {
        return error as GatewayError;
      }
      throw new Error('was let in');
    };
    expect(refusal().retryAfterSeconds).toBe(5);
    pass(2_000);
    slot.leave();
    watch(enter());
    expect(refusal().retryAfterSeconds).toBe(40);
    expect(refusal().message).toContain('Try again in 40 s.');
  });

  test('the queue is bounded, for a tenant and altogether', () => {
    const { enter, room } = aRoom(1, { mostPerTenant: 3, mostWaiting: 5 });
    void enter();
    for (let call = 0; call < 3; call++) watch(enter({ tenant: 'one' }));
    expect(() => enter({ tenant: 'one' })).toThrow('3 calls of yours already wait for g');
    for (let call = 0; call < 2; call++) watch(enter({ tenant: 'two' }));
    expect(() => enter({ tenant: 'two' })).toThrow('the queue is full');
    expect(room.view().waiting).toBe(5);
  });

  test('a full queue sheds a less important call for a more important one', async () => {
    const { enter } = aRoom(1, { mostWaiting: 2 });
    void enter();
    const elder = watch(enter({ importance: 'batch' }));
    const younger = watch(enter({ importance: 'batch' }));
    const important = watch(enter({ importance: 'interactive' }));
    await settled();
    expect(younger.error).toMatchObject({ code: 'overloaded' });
    expect(elder.error).toBeUndefined();
    expect(important.error).toBeUndefined();
    expect(() => enter({ importance: 'batch' })).toThrow('full');
  });

  test('batch calls are shed when a queue stands for more than a second, others are not', async () => {
    const { enter, pass } = aRoom(1);
    void enter();
    const batch = Array.from({ length: 30 }, () => watch(enter({ importance: 'batch' })));
    const others = Array.from({ length: 30 }, () => watch(enter({ importance: 'default' })));
    pass(1_900);
    await settled();
    expect(batch.filter(({ error }) => error !== undefined)).toHaveLength(0);
    pass(4_000);
    await settled();
    const shed = batch.filter(({ error }) => error !== undefined).length;
    expect(shed).toBeGreaterThanOrEqual(5);
    expect(shed).toBeLessThan(30);
    expect(batch[0]!.error).toBeDefined();
    expect(others.some(({ error }) => error !== undefined)).toBe(false);
  });

  test('a client that leaves gives up its place in the queue, and one that is let in is no longer listened to', async () => {
    const { enter, room } = aRoom(1);
    const first = enter() as Slot;
    const leaver = aClient();
    const stayer = aClient();
    const left = watch(enter({ onGone: leaver.onGone }));
    const stayed = watch(enter({ onGone: stayer.onGone }));
    leaver.hangUp();
    await settled();
    expect(left.error).toBeInstanceOf(GatewayError);
    expect(leaver.leaves.size).toBe(0);
    expect(room.view().waiting).toBe(1);
    first.leave();
    await settled();
    expect(stayed.slot).toBeDefined();
    expect(stayer.leaves.size).toBe(0);
  });

  test('a client that had left before is not waited for', async () => {
    const { enter, room } = aRoom(1);
    void enter();
    const gone = watch(
      enter({
        onGone: (leave) => {
          leave();
          return () => {};
        },
      }),
    );
    await settled();
    expect(gone.error).toBeInstanceOf(GatewayError);
    expect(room.view().waiting).toBe(0);
  });
});

describe('limits that change', () => {
  test('a raised limit lets in those who wait, a lifted one all of them', async () => {
    const { enter, room } = aRoom(1);
    void enter();
    const waiting = Array.from({ length: 5 }, () => watch(enter()));
    room.limit('lab', { kind: 'fixed', most: 3 });
    await settled();
    expect(waiting.filter(({ slot }) => slot !== undefined)).toHaveLength(2);
    room.limit('lab', undefined);
    await settled();
    expect(waiting.filter(({ slot }) => slot !== undefined)).toHaveLength(5);
    expect(room.isLimited('lab')).toBe(false);
  });

  test('a lowered limit lets nobody in until enough have left', async () => {
    const { enter, room } = aRoom(3);
    const slots = [enter(), enter(), enter()].filter(isSlot);
    room.limit('lab', { kind: 'fixed', most: 1 });
    const waiting = watch(enter());
    slots[0]!.leave();
    slots[1]!.leave();
    await settled();
    expect(waiting.slot).toBeUndefined();
    slots[2]!.leave();
    await settled();
    expect(waiting.slot).toBeDefined();
  });

  test('the same settings again leave an adaptive limit where it was', () => {
    const { enter, room, pass } = aRoom();
    room.limit('lab', { kind: 'adaptive' });
    (enter() as Slot).leave({ wasOverloaded: true });
    pass(2_000);
    room.limit('lab', { kind: 'adaptive' });
    expect(room.view().targets[0]!.limit).toBe(18);
  });

  test('an adaptive limit that has risen lets in those who wait', async () => {
    const { room, pass, enter } = aRoom();
    room.limit('lab', { kind: 'adaptive' });
    const slots = Array.from({ length: 20 }, () => enter() as Slot);
    const waiting = Array.from({ length: 10 }, () => watch(enter()));
    for (let round = 0; round < 3; round++) {
      for (const slot of slots) slot.began(200);
      pass(1_100);
    }
    await settled();
    expect(waiting.filter(({ slot }) => slot !== undefined).length).toBe(room.view().targets[0]!.limit - 20);
    expect(room.view().targets[0]!.limit).toBeGreaterThan(20);
  });
});

test('what a call wrote counts against its tenant in the queue', async () => {
  const { enter } = aRoom(2);
  const writer = enter({ tenant: 'writer' }) as Slot;
  const reader = enter({ tenant: 'reader' }) as Slot;
  const writers = Array.from({ length: 3 }, () => watch(enter({ tenant: 'writer' })));
  const readers = Array.from({ length: 3 }, () => watch(enter({ tenant: 'reader' })));
  writer.leave({ outputTokens: 1_000 });
  reader.leave({ outputTokens: 10 });
  await settled();
  expect(readers.filter(({ slot }) => slot !== undefined)).toHaveLength(2);
  expect(writers.filter(({ slot }) => slot !== undefined)).toHaveLength(0);
});

test('whatever happens in whatever order, no limit is passed, nobody waits beside a free place, and nobody is forgotten', async () => {
  const step = fc.record({
    what: fc.constantFrom('enter', 'enter', 'enter', 'leave', 'leave', 'hang up', 'limit', 'time'),
    which: fc.nat(30),
    importance: fc.constantFrom('interactive', 'default', 'batch'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
      const { enter, room, pass } = aRoom(2, { mostWaiting: 12, mostPerTenant: 5 });
      room.limit('spare', { kind: 'fixed', most: 1 });
      const calls: { seen: ReturnType<typeof watch>; client: ReturnType<typeof aClient>; hasLeft: boolean }[] = [];
      for (const { what, which, importance } of steps) {
        const held = calls.filter(({ seen, hasLeft }) => seen.slot !== undefined && !hasLeft);
        const waiting = calls.filter(({ seen }) => seen.slot === undefined && seen.error === undefined);
        if (what === 'enter') {
          const client = aClient();
          const [group, targets] = which % 3 === 0 ? ['one', ['lab']] : ['both', ['lab', 'spare']];
          const errand = {
            group,
            targets,
            importance,
            tenant: `t${which % 4}`,
            onGone: client.onGone,
          } as Partial<Errand>;
          try {
            calls.push({ seen: watch(enter(errand)), client, hasLeft: false });
          } catch (error) {
            expect(error).toMatchObject({ code: 'overloaded' });
          }
        }
        if (what === 'leave' && held.length > 0) {
          const one = held[which % held.length]!;
          one.seen.slot!.leave({ outputTokens: which });
          one.hasLeft = true;
        }
        if (what === 'hang up' && waiting.length > 0) waiting[which % waiting.length]!.client.hangUp();
        const before = room.view().targets.find(({ target }) => target === 'lab')!.underWay;
        if (what === 'limit') room.limit('lab', { kind: 'fixed', most: 1 + (which % 4) });
        if (what === 'time') pass(which * 100);
        await settled();
        const view = room.view();
        for (const { target, underWay, limit } of view.targets)
          expect(underWay).toBeLessThanOrEqual(target === 'lab' ? Math.max(limit, before) : limit);
        expect(view.waiting).toBeLessThanOrEqual(12);
        expect(view.waiting).toBe(
          calls.filter(({ seen }) => seen.slot === undefined && seen.error === undefined).length,
        );
        for (const { targets } of view.groups) expect(targets.some(room.hasRoom)).toBe(false);
      }
      for (const one of calls) one.seen.slot?.leave();
      pass(31_000);
      await settled();
      for (const one of calls) one.seen.slot?.leave();
      await settled();
      expect(calls.every(({ seen }) => seen.slot !== undefined || seen.error !== undefined)).toBe(true);
      expect(room.view()).toMatchObject({ waiting: 0, groups: [] });
    }),
    { seed: 17, numRuns: 25 },
  );
});

test('10,000 waiting clients take less than 10 MB, and those who leave give it back', async () => {
  const { enter, room } = aRoom(1);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  void enter();
  collect();
  const before = process.memoryUsage().heapUsed;
  const leaves: (() => void)[] = [];
  const onGone = (leave: () => void) => {
    leaves.push(leave);
    return () => {};
  };
  let refused = 0;
  for (let client = 0; client < 10_000; client++)
    (enter({ tenant: `tenant-${client % 100}`, onGone }) as Promise<Slot>).catch(() => refused++);
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  expect(room.view().waiting).toBe(10_000);
  expect(() => enter({ tenant: 'one-more' })).toThrow('full');
  expect(grown).toBeLessThan(10 * 1024 * 1024);
  for (const leave of leaves) leave();
  await settled();
  expect(refused).toBe(10_000);
  expect(room.view()).toMatchObject({ waiting: 0, groups: [] });
});
