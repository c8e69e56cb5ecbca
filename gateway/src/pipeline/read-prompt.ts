import { dialects, type ModelRequest } from '@xidao/dialects';
import type { Call } from '../core/call.ts';
import type { Caller } from '../core/caller.ts';
import type { Prompt } from '../core/prompt.ts';

/** Puts call and caller together. The call's content is read only when somebody asks for it. */
export function readPrompt(caller: Caller, call: Call): Prompt {
  let request: ModelRequest | undefined;
  return {
    call,
    caller,
    request() {
      request ??= readRequest(call);
      return request;
    },
  };
}

function readRequest(call: Call): ModelRequest {
  // A hint for the gateway's own routing, and none of the model's business.
  const { task_type: _, ...body } = call.json();
  // Some dialects demand an output limit of a call, but not of a count.
  const whole = call.operation === 'count-tokens' ? { max_tokens: 1, ...body } : body;
  const request = dialects[call.dialect].readRequest(whole);
  // Gemini tells both in the path.
  return { ...request, model: call.model, stream: call.wantsStream };
}
