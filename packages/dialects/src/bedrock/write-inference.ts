import type { JsonObject } from '../json.ts';
import type { WriteJob } from './write-job.ts';
import type { WrittenReasoning } from './write-reasoning.ts';

export interface WrittenInference {
  /** `inferenceConfig`. */
  config: JsonObject;
  /** For `additionalModelRequestFields`. */
  fields: JsonObject;
}

/** The settings that every model takes, and `top_k`, as far as the model and its reasoning let them. */
export function writeInference(reasoning: WrittenReasoning, job: WriteJob): WrittenInference {
  const { request } = job;
  if (job.isOwn) return { config: writeOwn(reasoning, job), fields: {} };
  const config: JsonObject = {};
  const isFree = reasoning.forbids !== 'limits';
  if (reasoning.maxTokens !== undefined && isFree) config['maxTokens'] = reasoning.maxTokens;
  else if (request.maxOutputTokens !== undefined)
    job.drop(`${job.said('maxOutputTokens')} (not at this effort of reasoning)`);
  writeTemperature(config, reasoning, job);
  writeTopP(config, reasoning, job);
  const stop = writeStop(job);
  if (stop !== undefined) config['stopSequences'] = stop;
  return { config, fields: writeTopK(reasoning, job) };
}

function writeOwn({ maxTokens }: WrittenReasoning, job: WriteJob): JsonObject {
  const { temperature, topP, stop } = job.request;
  const samples = job.traits.takesSampling !== false;
  if (!samples && temperature !== undefined) job.drop('inferenceConfig.temperature');
  if (!samples && topP !== undefined) job.drop('inferenceConfig.topP');
  return {
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined || !samples ? {} : { temperature }),
    ...(topP === undefined || !samples ? {} : { topP }),
    ...(stop === undefined ? {} : { stopSequences: stop }),
  };
}

function writeTemperature(config: JsonObject, reasoning: WrittenReasoning, job: WriteJob): void {
  const { temperature } = job.request;
  if (temperature === undefined) return;
  const refusal = refusalOf(reasoning, job);
  if (refusal !== undefined) {
    // At its default it may go unsaid.
    if (temperature !== 1) job.drop(`${job.said('temperature')} (${refusal})`);
    return;
  }
  const within = Math.min(1, Math.max(0, temperature));
  if (within !== temperature) job.change(`${job.said('temperature')} ${temperature}→${within}`);
  config['temperature'] = within;
}

function writeTopP(config: JsonObject, reasoning: WrittenReasoning, job: WriteJob): void {
  const { topP } = job.request;
  if (topP === undefined) return;
  const isNearOne = reasoning.forbids === 'sampling' && job.traits.takesSampling !== false && topP >= 0.95;
  const isSecond = config['temperature'] !== undefined && !job.maker.takesBothSamplings;
  const refusal = isNearOne
    ? undefined
    : (refusalOf(reasoning, job) ?? (isSecond ? 'not beside temperature' : undefined));
  if (refusal === undefined) config['topP'] = topP;
  else if (topP !== 1) job.drop(`${job.said('topP')} (${refusal})`);
}

function writeTopK(reasoning: WrittenReasoning, job: WriteJob): JsonObject {
  const { topK } = job.request;
  if (topK === undefined) return {};
  const refusal = refusalOf(reasoning, job);
  if (refusal !== undefined) {
    job.drop(`${job.said('topK')} (${refusal})`);
    return {};
  }
  return job.maker.topK === 'top_k' ? { top_k: topK } : { inferenceConfig: { topK } };
}

function refusalOf({ forbids }: WrittenReasoning, { traits }: WriteJob): string | undefined {
  if (traits.takesSampling === false) return 'not taken by the model';
  return forbids === undefined ? undefined : 'not with reasoning';
}

/** Stop sequences without a visible character are refused. */
function writeStop(job: WriteJob): string[] | undefined {
  const taken = (job.request.stop ?? []).filter((sequence) => {
    const isSeen = sequence.trim() !== '';
    if (!isSeen) job.drop(`${job.said('stop')} ${JSON.stringify(sequence)} (white space alone)`);
    return isSeen;
  });
  return taken.length > 0 ? taken : undefined;
}
