import { dialects, type JsonObject } from '@xidao/dialects';
import type { Call } from '../core/call.ts';
import type { Caller } from '../core/caller.ts';
import { GatewayError } from '../core/errors.ts';
import { attempt } from '../upstream/attempt.ts';
import { readPrompt } from './read-prompt.ts';
import type { Rooms } from './rooms.ts';
import { parseWhole } from './whole-document.ts';

/** Asks a model on the gateway's own behalf and gives the text of its answer. The call is recorded like any other, under the caller that is named. Throws what a client would be told. */
export async function askModel(rooms: Rooms, call: Call, caller: Caller): Promise<string> {
  const trail = rooms.telemetry.openTrail(call);
  trail.identified(caller);
  let bytes = 0;
  try {
    const prompt = readPrompt(caller, call, rooms.usage);
    const plan = await rooms.routing.choosePlan(prompt);
    trail.planned(plan);
    const reply = rooms.usage.meter(await attempt(rooms.upstream, plan, prompt, trail), trail);
    trail.answered(reply);
    const document = await parseWhole(reply);
    bytes = reply.contentLength ?? 0;
    trail.end({ name: 'complete', bytes });
    if (reply.status >= 400) throw new GatewayError('upstream_error', `The model answered ${reply.status}.`);
    return textOf(reply.dialect, document);
  } catch (error) {
    trail.fail(error);
    throw error;
  } finally {
    rooms.telemetry.publish(trail.settle(), trail.fault);
  }
}

function textOf(dialect: keyof typeof dialects, document: JsonObject): string {
  let text = '';
  for (const event of dialects[dialect].readDocument(document)) if (event.type === 'text-delta') text += event.text;
  return text;
}
