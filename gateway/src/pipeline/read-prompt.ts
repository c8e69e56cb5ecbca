import {
  dialects,
  isObject,
  type JsonObject,
  type ModelRequest,
  type Receipt,
  readCompletionsRequest,
} from '@xidao/dialects';
import type { Call } from '../core/call.ts';
import type { Caller } from '../core/caller.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Meter } from '../usage/meter.ts';

/** Puts call and caller together. The call's content is read only when somebody asks for it. */
export function readPrompt(caller: Caller, call: Call, { estimateInput }: Pick<Meter, 'estimateInput'>): Prompt {
  let read: Read | undefined;
  const reading = () => {
    read ??= readRequest(call);
    return read;
  };
  let tokens: number | undefined;
  return {
    call,
    caller,
    request: () => reading().request,
    unsaid: () => reading().receipt,
    inputTokens() {
      tokens ??= estimateInput(call);
      return tokens;
    },
  };
}

interface Read {
  request: ModelRequest;
  /** What was left behind in reading. */
  receipt?: Receipt;
}

function readRequest(call: Call): Read {
  // A hint for the gateway's own routing, and none of the model's business.
  const { task_type: _, ...body } = call.json();
  const { request, ...rest } = readBody(call, body);
  // Gemini tells both in the path.
  return { request: { ...request, model: call.model, stream: call.wantsStream }, ...rest };
}

function readBody(call: Call, body: JsonObject): Read {
  if (call.operation === 'completions') return readCompletionsRequest(body);
  if (call.bodyDialect !== call.dialect) return { request: readMisplaced(call, body) };
  // Some dialects demand an output limit of a call, but not of a count.
  const whole = call.operation === 'count-tokens' ? { max_tokens: 1, ...body } : body;
  return { request: dialects[call.dialect].readRequest(whole) };
}

/**
 * A body of the Responses API on the path of Chat Completions, which is what Cursor sends for newer models. Known, from those who serve it: `input` and no `messages`, tools in the
 * form of the Responses API, `reasoning`, and `stream_options` as Chat has them, which the Responses API refuses; the answer is read in Chat's form. Assumed: that whatever else is in the body is
 * meant as the Responses API means it.
 */
function readMisplaced(call: Call, { stream_options: options, ...body }: JsonObject): ModelRequest {
  const wantsUsage = isObject(options) && options['include_usage'] === true;
  return { ...dialects[call.bodyDialect].readRequest(body), wantsUsage };
}
