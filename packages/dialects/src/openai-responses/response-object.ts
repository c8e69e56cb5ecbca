/** The response object: what the client asked for, said back, and what became of it. */

import type { ReplyContext } from '../dialect.ts';
import type { FinishReason } from '../events.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ModelRequest, Tool } from '../request.ts';
import { given } from './fields.ts';
import { instructionsOf } from './instructions.ts';
import { regroup } from './namespaces.ts';
import { writeFormat } from './settings.ts';
import { writeCustomTool, writeFunctionTool, writeToolChoice } from './tools.ts';

/** Extras that OpenAI says back as they were sent. */
const ECHOED = ['max_tool_calls', 'prompt', 'prompt_cache_retention', 'safety_identifier', 'truncation'] as const;
const DEFAULTS: Partial<Record<(typeof ECHOED)[number], Json>> = { truncation: 'disabled' };

/** An id as clients expect it: they know a response by its prefix. */
export function responseId(id: string): string {
  return id.startsWith('resp_') ? id : `resp_${id}`;
}

/** The settings part of a response object, with OpenAI's defaults where the client said nothing. */
export function echoRequest({ request }: ReplyContext): JsonObject {
  const extras = request?.extras ?? {};
  return given<JsonObject>({
    // A response that is written here was waited for, and belongs to no conversation of OpenAI's.
    background: false,
    conversation: null,
    instructions: request?.messages.map(instructionsOf).find((text) => text !== undefined) ?? null,
    max_output_tokens: request?.maxOutputTokens ?? null,
    metadata: request?.metadata ?? {},
    parallel_tool_calls: request?.parallelToolCalls ?? true,
    previous_response_id: request?.previousResponseId ?? null,
    prompt_cache_key: request?.cacheKey ?? null,
    reasoning: { effort: request?.reasoning?.effort ?? null, summary: request?.reasoning?.summary ?? null },
    store: request?.store ?? true,
    temperature: request?.temperature ?? 1,
    text: given<JsonObject>({
      format: writeFormat(request?.output ?? { type: 'text' }),
      verbosity: request?.verbosity,
    }),
    tool_choice: echoToolChoice(request),
    tools: regroup((request?.tools ?? []).map((tool) => ({ tool, written: echoTool(tool) }))),
    top_logprobs: request?.logprobs?.top ?? 0,
    top_p: request?.topP ?? 1,
    user: request?.user,
    ...Object.fromEntries(ECHOED.map((field) => [field, extras[field] ?? DEFAULTS[field] ?? null])),
  });
}

function echoToolChoice(request: ModelRequest | undefined): Json {
  if (request?.toolChoice) return writeToolChoice(request.toolChoice, request.tools, (name) => name);
  return request?.extras['tool_choice'] ?? 'auto';
}

function echoTool(tool: Tool): JsonObject {
  if (tool.type === 'hosted') return tool.value;
  if (tool.type === 'custom') return writeCustomTool(tool, tool.name, false);
  // The types of the official SDK have both fields on every function.
  return { parameters: null, strict: true, ...writeFunctionTool(tool, tool.name, false) };
}

/** How an answer ended, as a response object says it. */
export interface Outcome {
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  error?: JsonObject;
  incompleteReason?: 'max_output_tokens' | 'content_filter';
}

export function outcomeOf(reason: FinishReason | undefined): Outcome {
  switch (reason) {
    case 'length':
    case 'context-overflow':
      return { status: 'incomplete', incompleteReason: 'max_output_tokens' };
    case 'content-filter':
      return { status: 'incomplete', incompleteReason: 'content_filter' };
    case 'malformed-tool-call':
      return { status: 'failed', error: serverError('The model wrote a tool call that cannot be read.') };
    default:
      return { status: 'completed' };
  }
}

export function serverError(message: string): JsonObject {
  return { code: 'server_error', message };
}
