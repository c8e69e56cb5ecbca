import type { Call } from '../core/call.ts';
import type { Caller } from '../core/caller.ts';
import { GatewayError } from '../core/errors.ts';
import type { Ticket } from '../core/ticket.ts';

/** Which calls run. Furniture: it outlives a reload, so the count stays true. */
export interface Admission {
  admit(caller: Caller, call: Call): Ticket;
  /** Calls that hold a ticket. */
  readonly running: number;
  /** From now on nobody is let in. Resolves when the last call has settled. */
  drain(): Promise<void>;
}

export function createAdmission(): Admission {
  let running = 0;
  let isDraining = false;
  let emptied: (() => void) | undefined;

  const ticket: Ticket = {
    reserve() {},
    settle() {
      running -= 1;
      if (running === 0) emptied?.();
    },
  };

  return {
    admit() {
      if (isDraining)
        throw new GatewayError(
          'shutting_down',
          'The gateway is stopping. Send the call again: another node, or this one in a moment, will answer.',
          { retryAfterSeconds: 1 },
        );
      running += 1;
      return ticket;
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
}
