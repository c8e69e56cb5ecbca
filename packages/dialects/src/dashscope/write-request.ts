import { renameTools } from '../chat-words.ts';
import type { TargetTraits, WrittenRequest } from '../dialect.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
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
import { generationOf } from './generation.ts';

/** Settings by the names that they have in `parameters`. */
export const SETTINGS = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  presencePenalty: 'presence_penalty',
  seed: 'seed',
  stop: 'stop',
  choices: 'n',
} as const;

/** Settings that this API has no word for. */
const UNSAYABLE = [
  ...(['minP', 'frequencyPenalty', 'logitBias', 'verbosity', 'modalities', 'audio', 'user', 'metadata'] as const),
  ...(['store', 'previousResponseId'] as const),
] as const;

/** Parameters of this API that clients of others send along to it, under the same name and in the same form. */
const SHARED = new Set([
  'enable_search',
  'search_options',
  'repetition_penalty',
  'enable_code_interpreter',
  'preserve_thinking',
  'translation_options',
  'vl_high_resolution_images',
]);

/** Writes a request for text or multimodal generation. A header, not the body, says that the answer is to stream. */
export function writeRequest(request: ModelRequest, traits: TargetTraits): WrittenRequest {
  const names = renameTools(request);
  const job = createWriteJob(request, traits, { own: 'dashscope', tools: names });
  const isMultimodal = generationOf(traits.model) === 'multimodal-generation';
  const messages = plainMessages(job, { takesMedia: (part) => isMultimodal && isSeen(part), takesReasoning: true });
  const tools = plainTools(job);
  const output = writeOutput(messages, job);
  const { parameters, ...others } = placed(writeExtras(job, { unsayable: UNSAYABLE, shared: SHARED }), job);
  const limit = limitOf(job);
  const body: JsonObject = {
    model: traits.model,
    input: { messages: messages.map((message) => writeMessage(message, isMultimodal, job)) },
    parameters: {
      result_format: 'message',
      ...(request.stream ? { incremental_output: true } : {}),
      ...writeSettings(job, SETTINGS),
      ...(limit === undefined ? {} : { max_tokens: limit }),
      ...writeTools(tools, job),
      ...output,
      ...writeThinking(job),
      ...writeLogprobs(request),
      ...parameters,
    },
    ...others,
  };
  const toolNames = names.back();
  return {
    body,
    receipt: job.notes.receipt,
    ...(request.stream ? { headers: { 'x-dashscope-sse': 'enable' } } : {}),
    ...(toolNames === undefined ? {} : { toolNames }),
  };
}

/** The client's own fields stand where it put them; those of others are parameters. */
function placed(extras: JsonObject, { isOwn }: WriteJob): { parameters: JsonObject; [name: string]: Json | undefined } {
  if (!isOwn) return { parameters: extras };
  const { parameters, ...others } = extras;
  return { ...others, parameters: isObject(parameters) ? parameters : {} };
}

function isSeen({ type, source }: MediaPart): boolean {
  return type !== 'file' && (source.kind === 'url' || source.kind === 'base64');
}

function writeMessage(message: PlainMessage, isMultimodal: boolean, { tools }: WriteJob): JsonObject {
  const { role, result } = message;
  const content: Json = isMultimodal ? message.parts.map(writePart) : textIn(message);
  return {
    role,
    content,
    ...(message.reasoning.length > 0 ? { reasoning_content: message.reasoning.join('\n\n') } : {}),
    ...(message.calls.length > 0
      ? {
          tool_calls: message.calls.map(({ id, name, arguments: json }, index) => ({
            index,
            id,
            type: 'function',
            function: { name: tools.written(name), arguments: json || '{}' },
          })),
        }
      : {}),
    ...(result === undefined ? {} : { tool_call_id: result.callId }),
    ...(result?.name === undefined ? {} : { name: tools.written(result.name) }),
    ...message.extras,
  };
}

/** A part is known by its key: `{"text": …}`, `{"image": …}`. */
function writePart(part: PlainMessage['parts'][number]): JsonObject {
  if (part.type === 'text') return { text: part.text };
  const { source } = part;
  const place =
    source.kind === 'base64'
      ? `data:${source.mediaType};base64,${source.data}`
      : source.kind === 'url'
        ? source.url
        : '';
  return { [part.type]: place };
}

/** A call can be forbidden or one tool demanded, but not any call. */
function writeTools({ functions, choice }: PlainTools, job: WriteJob): JsonObject {
  const { request, notes } = job;
  if (functions.length === 0) return {};
  tellStrict(job);
  return {
    tools: functions.map(writeFunction),
    ...(choice === undefined ? {} : writeChoice({ functions, choice }, job, notes.dropped)),
    ...(request.parallelToolCalls === undefined ? {} : { parallel_tool_calls: request.parallelToolCalls }),
  };
}

function writeChoice(
  { functions, choice }: Required<PlainTools>,
  { notes, said }: WriteJob,
  dropped: (path: string) => void,
): JsonObject {
  const demand = (name: string): JsonObject => ({ tool_choice: { type: 'function', function: { name } } });
  if (choice.type === 'tool') return demand(choice.name);
  if (choice.type !== 'required') return { tool_choice: choice.type };
  const [only, ...others] = functions;
  if (only === undefined || others.length > 0) {
    dropped(`${said('toolChoice')} required`);
    return {};
  }
  notes.changed(`${said('toolChoice')} required→${only.name}, the only tool`);
  return demand(only.name);
}

function writeOutput(messages: PlainMessage[], job: WriteJob): JsonObject {
  const { output } = job.request;
  if (output === undefined || output.type === 'text') return {};
  if (output.type === 'json') return { response_format: { type: 'json_object' } };
  if (job.traits.takesJsonSchema === false) {
    job.notes.changed(`${job.said('output')} json_schema→json_object, schema told in a system message`);
    askForJson(messages, output.schema);
    return { response_format: { type: 'json_object' } };
  }
  const { type: _, ...schema } = output;
  return { response_format: { type: 'json_schema', json_schema: schema } };
}

function writeThinking(job: WriteJob): JsonObject {
  const thinking = thinkingOf(job);
  if (thinking === undefined) return {};
  if (!thinking.isOn) return job.traits.reasoning === 'none' ? {} : { enable_thinking: false };
  return { enable_thinking: true, ...(thinking.budget === undefined ? {} : { thinking_budget: thinking.budget }) };
}

function writeLogprobs({ logprobs }: ModelRequest): JsonObject {
  if (logprobs === undefined) return {};
  return { logprobs: true, ...(logprobs.top === undefined ? {} : { top_logprobs: logprobs.top }) };
}
