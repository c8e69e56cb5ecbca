import { asList, asObject, asText, type JsonObject } from './json.ts';
import { type OfferedTool, readJsonSchema, readToolDemand, readTools } from './offered-tools.ts';
import type { RecordedCall } from './recorded-call.ts';
import { findRoute, type Route } from './routes.ts';

/** Where a stream tells its usage. `usual`: as the provider does. */
export type UsageStyle = 'usual' | 'every-chunk' | 'late';

/** A request, read as far as an answer needs it. */
export interface Asked extends Route {
  call: RecordedCall;
  body: JsonObject;
  model: string;
  streams: boolean;
  /** Gemini: the stream is server-sent events (`alt=sse`), not a JSON array. */
  asEvents: boolean;
  /** The text of the last turn that the user spoke, or the prompt; empty where there is none. */
  lastUserText: string;
  /** Words in all texts of the conversation, split at white space: what the upstream counts as input tokens. */
  inputWords: number;
  tools: OfferedTool[];
  /** The tools that the request demands to be called; empty where it leaves the choice. */
  demandedTools: OfferedTool[];
  /** The schema that the answer's text must satisfy. */
  jsonSchema: unknown;
  usageStyle: UsageStyle;
}

/** Reads what a call asks for. Never throws: a body that is none asks for nothing. */
export function readAsked(call: RecordedCall): Asked {
  const body = call.form ? readForm(call) : asObject(call.json);
  const route = findRoute(call.method, call.path, call.headers);
  const tools = readTools(body);
  return {
    ...route,
    call,
    body,
    model: route.model ?? asText(body['model']) ?? 'unnamed-model',
    streams: route.streams ?? (body['stream'] === true || body['stream'] === 'true'),
    asEvents: call.query.get('alt') === 'sse',
    lastUserText: findLastUserText(body),
    inputWords: countWords(conversationTexts(body).join(' ')),
    tools,
    demandedTools: readToolDemand(body, tools),
    jsonSchema: readJsonSchema(body),
    usageStyle: 'usual',
  };
}

/** Words split at white space; the upstream counts one token for each. */
export function countWords(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}

function readForm(call: RecordedCall): JsonObject {
  const fields = (call.form ?? []).filter((part) => part.filename === undefined);
  return Object.fromEntries(fields.map((part) => [part.name, part.bytes.toString('utf8')]));
}

const conversationKeys = ['messages', 'contents', 'content', 'requests', 'input', 'prompt', 'system', 'instructions'];
const textKeys = new Set([...conversationKeys, 'text', 'parts', 'output']);

function conversationTexts(body: JsonObject): string[] {
  // Gemini's countTokens takes a whole request as well.
  const whole = body['generateContentRequest'] === undefined ? body : asObject(body['generateContentRequest']);
  const roots = [...conversationKeys, 'systemInstruction', 'system_instruction'].map((key) => whole[key]);
  return roots.flatMap(textsIn);
}

/** The texts inside a message, a list of parts, or a text itself, in order. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return Object.entries(asObject(value)).flatMap(([key, inner]) => (textKeys.has(key) ? textsIn(inner) : []));
}

function findLastUserText(body: JsonObject): string {
  const turns = body['messages'] ?? body['contents'] ?? body['input'] ?? body['prompt'] ?? body['content'];
  if (!Array.isArray(turns)) return textsIn(turns).join('');
  const spoken = asList(turns).filter((turn) => (asObject(turn)['role'] ?? 'user') === 'user');
  return (
    spoken
      .map((turn) => textsIn(turn).join(''))
      .filter(Boolean)
      .at(-1) ?? ''
  );
}
