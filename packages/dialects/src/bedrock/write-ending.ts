import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import type { Usage } from '../usage.ts';
import { writeStopReason } from './stop-reasons.ts';
import { writeUsage } from './usage.ts';

/** What of an answer its end depends on. */
export interface Told {
  start?: Extract<ModelEvent, { type: 'start' }>;
  usage?: Usage;
  finish?: Extract<ModelEvent, { type: 'finish' }>;
  calls: boolean;
}

/** Why the message stopped, as the answer and the `messageStop` event tell it. */
export function writeStop({ finish, calls }: Told): JsonObject {
  const raw = finish?.raw === undefined ? {} : { raw: finish.raw };
  const additional = finish?.extras?.['additionalModelResponseFields'];
  const sequence = finish?.stopSequence;
  const fields = additional ?? (sequence === undefined ? undefined : { stop_sequence: sequence });
  return {
    stopReason: writeStopReason(finish?.reason ?? 'stop', { ...raw, calls }),
    ...(fields === undefined ? {} : { additionalModelResponseFields: fields }),
  };
}

/** The counts and what else stands beside the message, as the answer and the `metadata` event tell it. */
export function writeEnding({ start, usage, finish }: Told): JsonObject {
  const ending: JsonObject = { usage: writeUsage(usage ?? { inputTokens: 0, outputTokens: 0 }) };
  for (const field of ['metrics', 'trace', 'performanceConfig']) {
    const value = finish?.extras?.[field];
    if (value !== undefined) ending[field] = value;
  }
  const tier = usage?.serviceTier ?? start?.serviceTier;
  if (tier !== undefined) ending['serviceTier'] = { type: tier };
  return ending;
}
