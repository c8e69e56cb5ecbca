import type { ModelEvent } from '../events.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { Usage } from '../usage.ts';
import { type CandidateReader, createCandidateReader } from './candidate-reader.ts';
import { readErrorObject } from './errors.ts';
import { defined, numberOf, objectOf, textOf } from './fields.ts';
import { promptBlocked, readFinishReason } from './finish-reason.ts';
import { readUsage } from './usage.ts';

/** Turns GenerateContentResponse objects, one or many, into events. */
export interface AnswerReader {
  read(chunk: JsonObject): ModelEvent[];
  /** The answer is over. `end` is told only if every candidate gave a finish reason, which is all that Gemini ends with. */
  close(): ModelEvent[];
  /** Ends the row with an error: nothing is told after it. */
  fail(error: JsonObject): ModelEvent[];
}

/** A reader at the beginning of an answer. */
export function createAnswerReader(): AnswerReader {
  const candidates = new Map<number, CandidateReader>();
  let answer: string | undefined;
  let blocked: { reason: string; message: string | undefined } | undefined;
  let told: Usage | undefined;
  let failed = false;

  const start = (chunk: JsonObject): ModelEvent => {
    const id = textOf(chunk['responseId']);
    answer = id ?? textOf(chunk['createTime']) ?? '';
    const created = Date.parse(textOf(chunk['createTime']) ?? '');
    return defined({
      type: 'start' as const,
      id,
      model: textOf(chunk['modelVersion']),
      createdAtSeconds: Number.isNaN(created) ? undefined : Math.floor(created / 1000),
    });
  };

  const readCandidate = (candidate: Json, at: number, events: ModelEvent[]) => {
    if (!isObject(candidate)) return;
    const index = numberOf(candidate['index']) ?? at;
    let reader = candidates.get(index);
    if (reader === undefined) candidates.set(index, (reader = createCandidateReader(index, answer ?? '')));
    reader.read(candidate, events);
  };

  const readPromptFeedback = (feedback: JsonObject) => {
    const reason = textOf(feedback['blockReason']);
    const message = textOf(feedback['blockReasonMessage']);
    if (reason !== undefined || message !== undefined) blocked = { reason: reason ?? 'OTHER', message };
  };

  const readCounts = (usage: JsonObject, events: ModelEvent[]) => {
    const counts = readUsage(usage);
    if (counts === undefined || isSame(counts, told)) return;
    told = counts;
    events.push({ type: 'usage', usage: counts });
  };

  const fail = (error: JsonObject): ModelEvent[] => {
    if (failed) return [];
    failed = true;
    return [{ type: 'error', error: readErrorObject(error) }];
  };

  return {
    fail,
    read(chunk) {
      if (failed) return [];
      const error = objectOf(chunk['error']);
      if (error !== undefined) return fail(error);
      const events: ModelEvent[] = [];
      if (answer === undefined) events.push(start(chunk));
      const list = chunk['candidates'];
      if (Array.isArray(list)) for (const [at, candidate] of list.entries()) readCandidate(candidate, at, events);
      const feedback = objectOf(chunk['promptFeedback']);
      if (feedback !== undefined) readPromptFeedback(feedback);
      const usage = objectOf(chunk['usageMetadata']);
      if (usage !== undefined) readCounts(usage, events);
      return events;
    },
    close() {
      if (failed) return [];
      const events: ModelEvent[] = [];
      let isClean = candidates.size > 0;
      for (const candidate of candidates.values()) isClean = candidate.close(events) && isClean;
      if (candidates.size === 0 && blocked !== undefined) {
        events.push(blockedFinish(blocked));
        isClean = true;
      }
      if (isClean) events.push({ type: 'end' });
      return events;
    },
  };
}

function blockedFinish({ reason, message }: { reason: string; message: string | undefined }): ModelEvent {
  const told = { type: 'finish' as const, choice: 0, raw: promptBlocked(reason), message };
  const kind = readFinishReason(reason, false);
  return defined({ ...told, reason: kind === 'other' ? ('content-filter' as const) : kind });
}

function isSame(one: Usage, other: Usage | undefined): boolean {
  if (other === undefined) return false;
  const keys = Object.keys(one) as (keyof Usage)[];
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
