import { renameTools } from '../chat-words.ts';
import type { TargetTraits, WrittenRequest } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { parseArguments } from '../parse-arguments.ts';
import {
  createWriteJob,
  isOff,
  limitOf,
  type PlainMessage,
  plainMessages,
  plainTools,
  saysHow,
  tellStrict,
  textIn,
  type WriteJob,
  writeExtras,
  writeFunction,
  writeSettings,
} from '../plain-chat.ts';
import type { MediaPart, ModelRequest, ReasoningEffort, ToolCallPart } from '../request.ts';

/** Settings by the names that they have in `options`. */
export const SETTINGS = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  seed: 'seed',
  stop: 'stop',
} as const;

/** Settings that this API has no word for. */
const UNSAYABLE = [
  ...(['choices', 'logitBias', 'verbosity', 'modalities', 'audio', 'user', 'metadata', 'store'] as const),
  ...(['previousResponseId', 'parallelToolCalls'] as const),
] as const;

/** Fields of this API that clients of others send along to it, and a setting that hosts call otherwise. */
const SHARED = new Set(['options', 'keep_alive', 'truncate', 'shift', 'think', 'repetition_penalty']);

/** Writes a request for `/api/chat`: arguments are objects, images bare base64, settings `options`. */
export function writeRequest(request: ModelRequest, traits: TargetTraits): WrittenRequest {
  const names = renameTools(request);
  const job = createWriteJob(request, traits, { own: 'ollama-chat', tools: names });
  const messages = plainMessages(job, { takesMedia: isInlineImage, takesReasoning: true });
  const {
    options,
    repetition_penalty: repeat,
    ...extras
  } = writeExtras(job, { unsayable: unsayable(job), shared: SHARED });
  const body: JsonObject = {
    model: traits.model,
    messages: messages.map((message) => writeMessage(message, job)),
    stream: request.stream,
    ...writeTools(job),
    ...writeFormat(request),
    ...writeLogprobs(request),
    ...extras,
    ...writeThink(job),
  };
  const settings = {
    ...(isObject(options) ? options : {}),
    ...(typeof repeat === 'number' ? { repeat_penalty: repeat } : {}),
    ...writeSettings(job, SETTINGS),
    ...writeLimit(job),
  };
  if (Object.keys(settings).length > 0) body['options'] = settings;
  const toolNames = names.back();
  return { body, receipt: job.notes.receipt, ...(toolNames === undefined ? {} : { toolNames }) };
}

/** Where nothing can be called, the number of calls is no matter. */
function unsayable({ request, traits }: WriteJob) {
  const mayCall = request.tools.length > 0 && traits.takesTools !== false && request.toolChoice?.type !== 'none';
  return mayCall ? UNSAYABLE : UNSAYABLE.filter((setting) => setting !== 'parallelToolCalls');
}

function isInlineImage({ type, source }: MediaPart): boolean {
  return type === 'image' && source.kind === 'base64';
}

function writeMessage(message: PlainMessage, job: WriteJob): JsonObject {
  const images = message.parts.flatMap((part) =>
    part.type !== 'text' && part.source.kind === 'base64' ? [part.source.data] : [],
  );
  const { result } = message;
  return {
    role: message.role,
    content: textIn(message),
    ...(images.length > 0 ? { images } : {}),
    ...(message.reasoning.length > 0 ? { thinking: message.reasoning.join('\n\n') } : {}),
    ...(message.calls.length > 0 ? { tool_calls: message.calls.map((call) => writeCall(call, job)) } : {}),
    ...(result === undefined ? {} : writeResult(result, job)),
    ...message.extras,
  };
}

function writeCall({ id, name, arguments: json }: ToolCallPart, { tools, notes }: WriteJob): JsonObject {
  const { input, isWrapped } = parseArguments(json);
  if (isWrapped) notes.changed(`arguments of ${name} that are no JSON object→{"arguments": …}`);
  return { id, function: { name: tools.written(name), arguments: input } };
}

/** By the name older servers know what was called, by the id newer ones. */
function writeResult({ callId, name }: { callId: string; name: string | undefined }, { tools }: WriteJob): JsonObject {
  return { ...(name === undefined ? {} : { tool_name: tools.written(name) }), tool_call_id: callId };
}

/** There is no choice among tools: they are declared or not. */
function writeTools(job: WriteJob): JsonObject {
  const { functions, choice } = plainTools(job);
  if (functions.length === 0) return {};
  if (choice?.type === 'none') {
    job.notes.changed(`${job.said('toolChoice')} none→no tools declared`);
    return {};
  }
  if (choice?.type === 'required' || choice?.type === 'tool') job.notes.dropped(job.said('toolChoice'));
  tellStrict(job);
  return { tools: functions.map(writeFunction) };
}

function writeFormat({ output }: ModelRequest): JsonObject {
  if (output === undefined || output.type === 'text') return {};
  return { format: output.type === 'json' ? 'json' : output.schema };
}

function writeLogprobs({ logprobs }: ModelRequest): JsonObject {
  if (logprobs === undefined) return {};
  return { logprobs: true, ...(logprobs.top === undefined ? {} : { top_logprobs: logprobs.top }) };
}

function writeLimit(job: WriteJob): JsonObject {
  const limit = limitOf(job);
  return limit === undefined ? {} : { num_predict: limit };
}

const LEVELS: Record<Exclude<ReasoningEffort, 'none'>, string> = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};

/** Only the open models of one maker know levels; all others think or do not, and refuse a level. */
const TAKES_LEVELS = /gpt-oss/i;

function writeThink(job: WriteJob): JsonObject {
  const { request, traits, notes } = job;
  const settings = request.reasoning;
  if (settings === undefined || !saysHow(settings)) return {};
  if (isOff(settings)) return traits.reasoning === 'none' ? {} : { think: false };
  const word = job.said('reasoning');
  if (traits.reasoning === 'none') {
    notes.dropped(word);
    return {};
  }
  const { effort, budgetTokens } = settings;
  if (effort !== undefined && effort !== 'none' && TAKES_LEVELS.test(traits.model)) {
    const level = LEVELS[effort];
    if (level !== effort) notes.changed(`${word} ${effort}→${level}`);
    return { think: level };
  }
  if (effort !== undefined || (budgetTokens ?? 0) > 0) notes.changed(`${word}→think, without a budget`);
  return { think: true };
}
