import { dialects, type JsonObject, type Receipt, type ReplyContext } from '@xidao/dialects';
import { GatewayError } from '../core/errors.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Target } from '../core/target.ts';
import { headersToForward } from './forward-headers.ts';
import { asksForUsage, spliceBody } from './splice.ts';

/** The provider's words for a prompt, and what must be remembered to read its answer. */
export interface Words {
  body: readonly Uint8Array[];
  contentType: string;
  headers: Record<string, string>;
  receipt?: Receipt;
  /** Names that were rewritten on the way out and must be put back on the way in. */
  renamed?: Pick<ReplyContext, 'toolNames' | 'toolCallIds' | 'jsonTool'>;
  /** True: the usage chunk of the stream was our wish, and is not to be shown. */
  hidesUsage: boolean;
}

/** Same dialect: the original bytes with the model's name spliced in. Another one: read once, written for this target. */
export function translateRequest(prompt: Prompt, target: Target): Words {
  return prompt.call.dialect === target.dialect ? keepWords(prompt, target) : changeWords(prompt, target);
}

function keepWords({ call }: Prompt, target: Target): Words {
  const tellsUsageOnlyIfAsked =
    call.dialect === 'openai-chat' &&
    (call.operation === 'chat' || call.operation === 'completions') &&
    call.wantsStream &&
    target.traits.takesStreamOptions !== false;
  const hidesUsage = tellsUsageOnlyIfAsked && !asksForUsage(call);
  const spliced = target.preset.adaptRequest === undefined ? spliceBody(call, target.model, hidesUsage) : undefined;
  return {
    body: spliced ?? [encode(rewriteParsed(call.json(), target, { asksUsage: hidesUsage, prompt: call.operation }))],
    contentType: call.contentType,
    headers: headersToForward(call.dialect, target.dialect, call.headers),
    hidesUsage,
  };
}

function rewriteParsed(
  body: JsonObject,
  target: Target,
  wish: { asksUsage: boolean; prompt: Prompt['call']['operation'] },
): JsonObject {
  const { task_type: _, ...rest } = body;
  const renamed: JsonObject = 'model' in rest ? { ...rest, model: target.model } : rest;
  if (wish.asksUsage) {
    const options = renamed['stream_options'];
    renamed['stream_options'] = {
      ...(typeof options === 'object' && !Array.isArray(options) ? options : {}),
      include_usage: true,
    };
  }
  return target.preset.adaptRequest?.(renamed, wish.prompt) ?? renamed;
}

function changeWords(prompt: Prompt, target: Target): Words {
  const { call } = prompt;
  if (call.operation !== 'chat') {
    throw new GatewayError(
      'operation_not_supported',
      `${target.name} does not offer ${call.operation} in the dialect of this call.`,
    );
  }
  const written = dialects[target.dialect].writeRequest(prompt.request(), target.traits);
  const body = target.preset.adaptRequest?.(written.body, call.operation) ?? written.body;
  return {
    body: [encode(body)],
    contentType: 'application/json',
    headers: { ...headersToForward(call.dialect, target.dialect, call.headers), ...written.headers },
    receipt: written.receipt,
    renamed: {
      ...(written.toolNames !== undefined && { toolNames: written.toolNames }),
      ...(written.toolCallIds !== undefined && { toolCallIds: written.toolCallIds }),
      ...(written.jsonTool !== undefined && { jsonTool: written.jsonTool }),
    },
    hidesUsage: false,
  };
}

function encode(body: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(body));
}
