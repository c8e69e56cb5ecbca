import type { Call } from '../core/call.ts';
import type { Caller } from '../core/caller.ts';
import type { Plan } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { CallRecord } from '../core/record.ts';
import type { Ending, Reply } from '../core/reply.ts';
import type { Ticket } from '../core/ticket.ts';
import type { Trail } from '../core/trail.ts';
import type { Responses } from '../responses/responses.ts';
import type { Upstream } from '../upstream/attempt.ts';
import type { BodyLog } from '../usage/body-log.ts';
import type { Meter } from '../usage/meter.ts';

/** The doors of the rooms that a call passes, as the journey needs them. `gateway.ts` builds what stands behind. */
export interface Rooms {
  telemetry: {
    openTrail(call: Call): Trail;
    /** `fault` is what the gateway itself did wrong, for the log. */
    publish(record: CallRecord, fault?: unknown): void;
  };
  auth: { identify(call: Call): Caller };
  admission: { admit(caller: Caller, call: Call): Ticket | Promise<Ticket> };
  routing: { choosePlan(prompt: Prompt): Plan | Promise<Plan> };
  upstream: Upstream;
  usage: Meter;
  /** Where what was asked and answered is kept. Absent: nowhere. */
  bodies?: Pick<BodyLog, 'keep'>;
  responses: Pick<Responses, 'recall' | 'narrow' | 'keeps' | 'keeper'>;
}

/** The client's end of a call. */
export interface Client {
  /** Returns after the last byte, or when the client has left or the upstream broke off. Throws only what fails before the first byte is sent. */
  send(reply: Reply, trail: Trail): Promise<Ending>;
  /** Says no, in the client's dialect. */
  refuse(error: unknown, trail: Trail): Ending;
}
