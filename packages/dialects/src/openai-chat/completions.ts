/** The older `/completions`: a prompt in, a text out. Its clients reach chat models through these. */

import { InvalidRequest, type ReplyContext, type StreamWriter } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { emptyReceipt, type Receipt } from '../receipt.ts';
import type { ModelRequest } from '../request.ts';
import type { Usage } from '../usage.ts';
import { missing } from './check-fields.ts';
import { writeFinishReason } from './finish-reasons.ts';
import { readRequest } from './read-request.ts';
import { writeUsage } from './usage.ts';
import { writeError, writeStreamError } from './write-error.ts';

/** Fields that a chat model has no word for. */
const LOST = ['suffix', 'echo', 'best_of'];

/** The prompt as a user's message. Throws InvalidRequest for several prompts and for tokens; the receipt names what a chat model cannot do. */
export function readCompletionsRequest(body: JsonObject): { request: ModelRequest; receipt: Receipt } {
  const { prompt, logprobs, ...rest } = body;
  const receipt = emptyReceipt();
  for (const name of LOST) {
    const value = rest[name] ?? undefined;
    if (value !== undefined && value !== false && value !== '' && value !== 1) receipt.dropped.push(name);
    delete rest[name];
  }
  const chat: JsonObject = { ...rest, messages: [{ role: 'user', content: readPrompt(prompt) }] };
  if (typeof logprobs === 'number') Object.assign(chat, { logprobs: true, top_logprobs: logprobs });
  return { request: readRequest(chat), receipt };
}

function readPrompt(prompt: JsonObject[string]): string {
  if (prompt === undefined || prompt === null) throw missing('prompt');
  const [only, ...more] = Array.isArray(prompt) ? prompt : [prompt];
  if (typeof only === 'string' && more.length === 0) return only;
  throw new InvalidRequest(
    "Invalid value for 'prompt': a chat model takes one prompt, and takes it as text.",
    'prompt',
  );
}

/** Writes the events as one `text_completion`. */
export function writeCompletionsDocument(events: Iterable<ModelEvent>, context: ReplyContext): JsonObject {
  const texts = new Map<number, { text: string; finish: string | null }>();
  let envelope = envelopeOf({}, context);
  let usage: Usage | undefined;
  const choiceOf = (index: number) => {
    const choice = texts.get(index) ?? { text: '', finish: null };
    texts.set(index, choice);
    return choice;
  };
  for (const event of events) {
    if (event.type === 'error') return writeError(event.error, context.id).body;
    if (event.type === 'start') envelope = envelopeOf(event, context);
    else if (event.type === 'usage') usage = { ...usage, ...event.usage };
    else if (event.type === 'text-delta' || event.type === 'refusal-delta') choiceOf(event.choice).text += event.text;
    else if (event.type === 'finish') choiceOf(event.choice).finish = finishOf(event.reason);
  }
  return {
    ...envelope,
    choices: [...texts].map(([index, { text, finish }]) => ({ text, index, logprobs: null, finish_reason: finish })),
    ...(usage ? { usage: writeUsage(usage) } : {}),
  };
}

/** Writes the events as a stream of `text_completion`s. */
export function createCompletionsWriter(context: ReplyContext): StreamWriter {
  let envelope = JSON.stringify(envelopeOf({}, context)).slice(0, -1);
  let usage: Usage | undefined;
  const chunk = (choice: number, text: string, finish: string | null) =>
    `data: ${envelope},"choices":[{"text":${JSON.stringify(text)},"index":${choice},"logprobs":null,"finish_reason":${JSON.stringify(finish)}}]}\n\n`;
  return {
    write(event) {
      switch (event.type) {
        case 'start':
          envelope = JSON.stringify(envelopeOf(event, context)).slice(0, -1);
          return '';
        case 'text-delta':
        case 'refusal-delta':
          return chunk(event.choice, event.text, null);
        case 'usage':
          usage = { ...usage, ...event.usage };
          return '';
        case 'finish':
          return chunk(event.choice, '', finishOf(event.reason));
        case 'error':
          return writeStreamError(event.error, context.id);
        case 'end': {
          const told =
            usage && context.wantsUsage
              ? `data: ${envelope},"choices":[],"usage":${JSON.stringify(writeUsage(usage))}}\n\n`
              : '';
          return `${told}data: [DONE]\n\n`;
        }
        default:
          return '';
      }
    },
    finish: () => '',
  };
}

function finishOf(reason: Parameters<typeof writeFinishReason>[0]): string {
  const word = writeFinishReason(reason, true);
  return word === 'tool_calls' ? 'stop' : word;
}

function envelopeOf(start: Partial<Extract<ModelEvent, { type: 'start' }>>, context: ReplyContext): JsonObject {
  return {
    id: start.id ?? context.id,
    object: 'text_completion',
    created: start.createdAtSeconds ?? context.nowSeconds,
    model: context.model,
  };
}
