import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import type { Usage } from '../usage.ts';
import { writeStopReason } from './stop-reasons.ts';
import { writeUsage } from './usage.ts';

type Finish = Extract<ModelEvent, { type: 'finish' }>;
type Start = Extract<ModelEvent, { type: 'start' }>;

/** What of an answer its end depends on. */
export interface Told {
  start?: Start;
  usage?: Usage;
  finish?: Finish;
  calls: boolean;
  refused: boolean;
}

const NOTHING_COUNTED: Usage = { inputTokens: 0, outputTokens: 0 };
const END_FIELDS = ['container', 'context_management', 'diagnostics'];

/** The message object without content and ending, as `message_start` tells it. */
export function writeMessageHead(told: Told, context: ReplyContext): JsonObject {
  return {
    id: told.start?.id ?? context.id,
    type: 'message',
    role: 'assistant',
    model: context.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: writeToldUsage(told),
  };
}

/** Clients read the counts without asking whether they are there, so an answer without any tells zeros. */
export function writeToldUsage(told: Told): JsonObject {
  return writeUsage(told.usage ?? NOTHING_COUNTED);
}

/** Stop reason, stop sequence and what else the end of a message tells. */
export function writeEnding({ finish, calls, refused }: Told): JsonObject {
  const raw = finish?.raw === undefined ? {} : { raw: finish.raw };
  const stopReason = writeStopReason(finish?.reason ?? 'stop', { ...raw, calls, refused });
  const ending: JsonObject = {
    stop_reason: stopReason,
    stop_sequence: stopReason === 'stop_sequence' ? (finish?.stopSequence ?? null) : null,
  };
  const extras = finish?.extras ?? {};
  const details = extras['stop_details'];
  if (details !== undefined) ending['stop_details'] = details;
  else if (stopReason === 'refusal' && finish?.message !== undefined) {
    ending['stop_details'] = { type: 'refusal', category: null, explanation: finish.message };
  }
  for (const field of END_FIELDS) if (extras[field] !== undefined) ending[field] = extras[field];
  return ending;
}
