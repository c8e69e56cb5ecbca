import type { TargetTraits, WrittenRequest } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import {
  askForJson,
  createWriteJob,
  limitOf,
  type PlainMessage,
  type PlainTools,
  plainMessages,
  plainTools,
  tellStrict,
  textIn,
  thinkingOf,
  type WriteJob,
  writeExtras,
  writeFunction,
  writeSettings,
} from '../plain-chat.ts';
import type { MediaPart, ModelRequest } from '../request.ts';
import { renameTools } from './rename-tools.ts';

/** Settings by the names of this API. */
export const SETTINGS = {
  temperature: 'temperature',
  topP: 'p',
  topK: 'k',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  seed: 'seed',
  stop: 'stop_sequences',
} as const;

/** Settings that this API has no word for. */
const UNSAYABLE = [
  ...(['minP', 'choices', 'logitBias', 'verbosity', 'modalities', 'audio', 'user', 'metadata', 'store'] as const),
  ...(['previousResponseId', 'parallelToolCalls'] as const),
] as const;

/** Fields of this API that clients of others send along to it, under the same name and in the same form. */
const SHARED = new Set(['documents', 'citation_options', 'safety_mode', 'strict_tools', 'priority']);
const MOST_STOPS = 5;
/** More is refused; it would say nothing anyway. */
const GREATEST_P = 0.99;

/** Writes a request of version 2. What the API has no word for is in the receipt, in the client's words. */
export function writeRequest(request: ModelRequest, traits: TargetTraits): WrittenRequest {
  const names = renameTools(request);
  const job = createWriteJob(request, traits, { own: 'cohere-chat', tools: names });
  const messages = plainMessages(job, { takesMedia: isImage, takesReasoning: true });
  const tools = plainTools(job);
  const output = writeOutput(messages, tools, job);
  const body: JsonObject = {
    model: traits.model,
    messages: messages.map((message) => writeMessage(message, job)),
    stream: request.stream,
    ...writeTools(tools, job),
    ...fitted(writeSettings(job, SETTINGS), job),
    ...output,
    ...writeThinking(job),
  };
  const limit = limitOf(job);
  if (limit !== undefined) body['max_tokens'] = limit;
  if (request.logprobs !== undefined) writeLogprobs(body, job);
  Object.assign(body, writeExtras(job, { unsayable: parallelSaid(tools), shared: SHARED }));
  const toolNames = names.back();
  return { body, receipt: job.notes.receipt, ...(toolNames === undefined ? {} : { toolNames }) };
}

/** Where nothing can be called, the number of calls is no matter. */
function parallelSaid({ functions, choice }: PlainTools) {
  const mayCall = functions.length > 0 && choice?.type !== 'none';
  return mayCall ? UNSAYABLE : UNSAYABLE.filter((setting) => setting !== 'parallelToolCalls');
}

function isImage({ type, source }: MediaPart): boolean {
  return type === 'image' && (source.kind === 'url' || source.kind === 'base64');
}

function writeMessage(message: PlainMessage, job: WriteJob): JsonObject {
  if (message.result !== undefined) {
    return { role: 'tool', tool_call_id: message.result.callId, content: textIn(message) };
  }
  if (message.role === 'assistant') return { ...writeAssistant(message, job), ...message.extras };
  const isPlain = message.parts.every(({ type }) => type === 'text');
  return {
    role: message.role,
    content: isPlain ? textIn(message) : message.parts.map((part) => writePart(part)),
    ...message.extras,
  };
}

function writePart(part: PlainMessage['parts'][number]): JsonObject {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const { source, detail } = part;
  const url =
    source.kind === 'base64' ? `data:${source.mediaType};base64,${source.data}` : 'url' in source ? source.url : '';
  return { type: 'image_url', image_url: { url, ...(detail === undefined ? {} : { detail }) } };
}

/** Words beside calls are the plan that the model told before them. */
function writeAssistant(message: PlainMessage, { tools }: WriteJob): JsonObject {
  const text = textIn(message);
  const content: JsonObject[] = message.reasoning.map((thinking) => ({ type: 'thinking', thinking }));
  if (text !== '' && message.calls.length === 0) content.push({ type: 'text', text });
  const body: JsonObject = { role: 'assistant' };
  if (content.length > 0) body['content'] = content;
  if (message.calls.length === 0) return content.length > 0 ? body : { ...body, content: '' };
  if (text !== '') body['tool_plan'] = text;
  body['tool_calls'] = message.calls.map(({ id, name, arguments: json }) => ({
    id,
    type: 'function',
    function: { name: tools.written(name), arguments: json || '{}' },
  }));
  return body;
}

/** A choice is all of the tools or none: to demand one, it is declared alone. */
function writeTools({ functions, choice }: PlainTools, job: WriteJob): JsonObject {
  if (functions.length === 0) return {};
  const declared = choice?.type === 'tool' ? functions.filter(({ name }) => name === choice.name) : functions;
  if (choice?.type === 'tool' && functions.length > 1)
    job.notes.changed(`${job.said('toolChoice')} ${choice.name}→the only tool, and demanded`);
  const isStrict = declared.length > 0 && declared.every(({ strict }) => strict === true);
  if (!isStrict) tellStrict(job);
  return {
    tools: declared.map(writeFunction),
    ...(choice === undefined || choice.type === 'auto'
      ? {}
      : { tool_choice: choice.type === 'none' ? 'NONE' : 'REQUIRED' }),
    ...(isStrict ? { strict_tools: true } : {}),
  };
}

/** The format is refused beside tools, and then asked for in words. */
function writeOutput(messages: PlainMessage[], { functions }: PlainTools, job: WriteJob): JsonObject {
  const { output } = job.request;
  if (output === undefined || output.type === 'text') return {};
  const schema = output.type === 'json-schema' ? output.schema : undefined;
  const isSayable = functions.length === 0 && (schema === undefined || job.traits.takesJsonSchema !== false);
  if (isSayable)
    return { response_format: { type: 'json_object', ...(schema === undefined ? {} : { json_schema: schema }) } };
  job.notes.changed(`${job.said('output')}→told in a system message`);
  askForJson(messages, schema);
  return functions.length === 0 ? { response_format: { type: 'json_object' } } : {};
}

/** Settings within the bounds of the API. */
function fitted({ p, stop_sequences: stops, ...rest }: JsonObject, { notes, said, isOwn }: WriteJob): JsonObject {
  const body: JsonObject = { ...rest };
  // Without a word the API's own 0.75 holds, so the whole of it is told as nearly as it can be.
  if (typeof p === 'number') body['p'] = isOwn ? p : Math.min(p, GREATEST_P);
  if (Array.isArray(stops)) {
    if (stops.length > MOST_STOPS) notes.changed(`${said('stop')} of ${stops.length}→the first ${MOST_STOPS}`);
    body['stop_sequences'] = stops.slice(0, MOST_STOPS);
  }
  for (const [name, setting] of [
    ['frequency_penalty', 'frequencyPenalty'],
    ['presence_penalty', 'presencePenalty'],
  ] as const) {
    const value = body[name];
    if (typeof value !== 'number' || (value >= 0 && value <= 1)) continue;
    body[name] = Math.min(Math.max(value, 0), 1);
    notes.changed(`${said(setting)} ${value}→${body[name]}`);
  }
  return body;
}

function writeThinking(job: WriteJob): JsonObject {
  const thinking = thinkingOf(job);
  if (thinking === undefined) return {};
  if (!thinking.isOn) return job.traits.reasoning === 'none' ? {} : { thinking: { type: 'disabled' } };
  const budget = thinking.budget === undefined ? {} : { token_budget: thinking.budget };
  return { thinking: { type: 'enabled', ...budget } };
}

function writeLogprobs(body: JsonObject, { request, notes, said }: WriteJob): void {
  body['logprobs'] = true;
  if ((request.logprobs?.top ?? 0) > 0) notes.dropped(`${said('logprobs')} (alternatives)`);
}
