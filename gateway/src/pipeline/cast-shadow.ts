import type { Call } from '../core/call.ts';
import type { Plan, Shadow } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import { attempt } from '../upstream/attempt.ts';
import type { Rooms } from './rooms.ts';

/** Sends a copy of the call elsewhere, where the plan says so. Its answer is read, counted and recorded, and goes to nobody; nothing of it touches the call itself. */
export function castShadow(rooms: Rooms, { shadow, isStrict }: Plan, prompt: Prompt): void {
  if (shadow === undefined) return;
  const plan: Plan = { groups: shadow.groups, reason: `shadow ${shadow.name}`, ...(isStrict === true && { isStrict }) };
  void answerUnseen(rooms, plan, shadow, prompt);
}

async function answerUnseen(rooms: Rooms, plan: Plan, shadow: Shadow, original: Prompt): Promise<void> {
  const call = copyOf(original.call);
  const prompt: Prompt = { ...original, call };
  const trail = rooms.telemetry.openTrail(call);
  trail.identified(prompt.caller);
  trail.planned(plan);
  trail.shadows(shadow.name, original.call.id);
  let bytes = 0;
  try {
    const reply = rooms.usage.meter(await attempt(rooms.upstream, plan, prompt, trail), trail);
    trail.answered(reply);
    for await (const chunk of reply.body) bytes += chunk.length;
    trail.end({ name: 'complete', bytes });
  } catch (error) {
    trail.fail(error);
    trail.end({ name: 'complete', bytes });
  } finally {
    rooms.telemetry.publish(trail.settle(), trail.fault);
  }
}

/** The same words, from nobody who could leave. */
function copyOf(call: Call): Call {
  return Object.create(call, {
    id: { value: `${call.id}.shadow` },
    isGone: { value: false },
    onGone: { value: () => () => {} },
    json: { value: () => call.json() },
  }) as Call;
}
