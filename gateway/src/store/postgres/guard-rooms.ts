import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';

/** What is known of a database that may go away. */
export interface Watch {
  /** Why it is not even asked now. Undefined: it may be. */
  whyAway(): string | undefined;
  /** What is wrong with it, by an error. Undefined: the fault is of another kind. */
  explain(error: unknown): string | undefined;
  clock: Pick<Clock, 'setTimeout'>;
  /** How long a method may take, by the name of its room; undefined: as long as its statements may. */
  patienceMs(room: string): number | undefined;
}

/** Of a way on which bytes vanish nobody tells; that no answer came is all that there is to see. */
export class NoAnswer extends Error {
  constructor(afterMs: number) {
    super(`no answer within ${afterMs / 1_000} s: timeout`);
  }
}

/** The same rooms of a store; while the database is away their methods reject, soon, with a `store_unavailable` that says why. */
export function guardRooms<Rooms extends object>(rooms: Rooms, watch: Watch): Rooms {
  const guarded = Object.entries(rooms).map(([name, room]: [string, unknown]) => [
    name,
    typeof room === 'function' ? guard(rooms, name, name, watch) : guardRoom(room as object, name, watch),
  ]);
  return Object.fromEntries(guarded) as Rooms;
}

function guardRoom(room: object, name: string, watch: Watch): object {
  return Object.fromEntries(Object.keys(room).map((method) => [method, guard(room, method, name, watch)]));
}

type Method = (...parameters: unknown[]) => Promise<unknown>;

function guard(owner: object, method: string, room: string, watch: Watch): Method {
  const run = (owner as Record<string, Method>)[method]!;
  const patienceMs = watch.patienceMs(room);
  return async (...parameters) => {
    const away = watch.whyAway();
    if (away !== undefined) throw refusal(away);
    try {
      const answer = run.apply(owner, parameters);
      return await (patienceMs === undefined ? answer : inTime(answer, patienceMs, watch.clock));
    } catch (error) {
      const why = error instanceof GatewayError ? undefined : watch.explain(error);
      throw why === undefined ? error : refusal(why, error);
    }
  };
}

function refusal(why: string, cause?: unknown): GatewayError {
  return new GatewayError('store_unavailable', `${why} Calls go on with what is known; this needs the database.`, {
    cause,
    retryAfterSeconds: 2,
  });
}

function inTime<T>(answer: Promise<T>, patienceMs: number, clock: Watch['clock']): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => reject(new NoAnswer(patienceMs)), patienceMs);
    answer.then(resolve, reject).finally(() => timer.cancel());
  });
}
