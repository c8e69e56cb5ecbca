import type { Call } from '../core/call.ts';
import type { Ticket } from '../core/ticket.ts';
import { attempt } from '../upstream/attempt.ts';
import { castShadow } from './cast-shadow.ts';
import { NO_TAP, tapBodies } from './keep-bodies.ts';
import { readPrompt } from './read-prompt.ts';
import type { Client, Rooms } from './rooms.ts';
import { translateReply } from './translate-reply.ts';
import { withDefaults } from './with-defaults.ts';

/** One call, to the last byte. `send` returns after it, so `finally` is where every call ends, however it ends. */
export async function handleCall(rooms: Rooms, call: Call, client: Client): Promise<void> {
  const trail = rooms.telemetry.openTrail(call);
  let ticket: Ticket | undefined;
  let bodies = NO_TAP;
  try {
    const caller = rooms.auth.identify(call);
    trail.identified(caller);
    ticket = await rooms.admission.admit(caller, call);
    const asked = await rooms.responses.recall(readPrompt(caller, call, rooms.usage));
    const plan = rooms.responses.narrow(await rooms.routing.choosePlan(asked), asked);
    const prompt = withDefaults(asked, plan);
    trail.planned(plan);
    await ticket.reserve(plan, prompt);
    trail.headers = ticket.headers;
    castShadow(rooms, plan, prompt);
    bodies = tapBodies(rooms.bodies, plan, prompt);

    const reply = rooms.usage.meter(await attempt(rooms.upstream, plan, prompt, trail), trail);

    trail.answered(reply);
    const told = translateReply(reply, prompt, plan, trail, rooms);
    trail.end(await client.send(bodies.watch(told), trail));
  } catch (error) {
    trail.fail(error);
    trail.end(client.refuse(error, trail));
  } finally {
    const record = trail.settle();
    ticket?.settle(record);
    rooms.telemetry.publish(record, trail.fault);
    bodies.keep();
  }
}

/** A call that could not be read is refused and recorded like any other. */
export function refuseCall(rooms: Rooms, call: Call, client: Client, error: unknown): void {
  const trail = rooms.telemetry.openTrail(call);
  trail.fail(error);
  trail.end(client.refuse(error, trail));
  rooms.telemetry.publish(trail.settle(), trail.fault);
}
