import type { RateLimitConfig } from '../config/schema/limits.ts';
import type { Call } from '../core/call.ts';
import type { Caller } from '../core/caller.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Gates, Outcome, Taken } from '../core/limits.ts';
import type { Ticket } from '../core/ticket.ts';
import type { BudgetBook } from './budgets/budget-book.ts';
import { createClaimLists } from './claim-lists.ts';
import { createGateFinder } from './find-gates.ts';
import { LimitedTicket, type TicketRoom } from './limited-ticket.ts';
import { createOutputLengths } from './output-lengths.ts';
import { rateLimited } from './rate-limited.ts';

/** Which calls run. Furniture: it outlives a reload, so the count stays true. */
export interface Admission {
  /** The door of a house: who comes in by it is held to these limits. */
  under(limits: RateLimitConfig): Door;
  /** Calls that hold a ticket. */
  readonly running: number;
  /** From now on nobody is let in. Resolves when the last call has settled. */
  drain(): Promise<void>;
}

export interface Door {
  /** Lets a call in, at once or when the limits that nodes share have been asked. Throws the refusal that names the limit. */
  admit(caller: Caller, call: Call): Ticket | Promise<Ticket>;
}

export interface AdmissionDeps {
  clock: Pick<Clock, 'wallMs'>;
  gates: Gates;
  /** What money may be spent. Absent: as much as anybody likes. */
  budgets?: BudgetBook;
}

export function createAdmission({ clock, gates, budgets }: AdmissionDeps): Admission {
  const lengths = createOutputLengths();
  let running = 0;
  let isDraining = false;
  let emptied: (() => void) | undefined;

  function leave(): void {
    running -= 1;
    if (running === 0) emptied?.();
  }

  /** For calls without any limit. */
  const free: Ticket = { reserve() {}, settle: leave };

  function refuseDraining(): void {
    if (!isDraining) return;
    throw new GatewayError(
      'shutting_down',
      'The gateway is stopping. Send the call again: another node, or this one in a moment, will answer.',
      { retryAfterSeconds: 1 },
    );
  }

  return {
    under(limits) {
      const finder = createGateFinder(limits);
      const claimsOf = createClaimLists();
      const { countsCachedInput } = limits;
      const room: TicketRoom = { clock, gates, budgets, finder, lengths, countsCachedInput, leave };

      return {
        admit(caller, call) {
          refuseDraining();
          const found = finder.ofCaller(caller, call);
          const hasMoney = budgets?.concern(caller, call) === true;
          if (found.length === 0 && !hasMoney && !finder.asksTarget(caller)) {
            running += 1;
            return free;
          }
          const { atOnce, later } = claimsOf(found);
          running += 1;
          if (atOnce.length === 0) return new LimitedTicket(room, { caller, call }, undefined, later);
          const outcome = gates.take(atOnce);
          if ('isTaken' in outcome) return new LimitedTicket(room, { caller, call }, orRefuse(outcome, call), later);
          return outcome.then((awaited) => new LimitedTicket(room, { caller, call }, orRefuse(awaited, call), later));
        },
      };
    },
    get running() {
      return running;
    },
    drain() {
      isDraining = true;
      if (running === 0) return Promise.resolve();
      return new Promise((resolve) => {
        emptied = resolve;
      });
    },
  };

  function orRefuse(outcome: Outcome, call: Call): Taken {
    if (outcome.isTaken) return outcome;
    leave();
    throw rateLimited(outcome, call, clock.wallMs());
  }
}
