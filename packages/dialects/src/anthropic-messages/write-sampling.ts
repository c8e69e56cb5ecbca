import type { JsonObject } from '../json.ts';
import type { WriteJob } from './write-job.ts';

/** Temperature and its like, as far as the model and thinking let them. */
export function writeSampling(withThinking: boolean, job: WriteJob): JsonObject {
  const { temperature, topP, topK } = job.request;
  const isRefused = job.traits.takesSampling === false;
  const written: JsonObject = {};

  if (temperature !== undefined) {
    if (isRefused) dropUnlessDefault(temperature === 1, 'temperature', 'not taken by the model', job);
    else if (withThinking) dropUnlessDefault(temperature === 1, 'temperature', 'not with thinking', job);
    else written['temperature'] = clamp(temperature, job);
  }
  if (topK !== undefined) {
    if (isRefused) job.drop(`${job.said('topK')} (not taken by the model)`);
    else if (withThinking) job.drop(`${job.said('topK')} (not with thinking)`);
    else written['top_k'] = topK;
  }
  if (topP !== undefined) {
    if (isRefused) dropUnlessDefault(topP === 1, 'topP', 'not taken by the model', job);
    else if (withThinking && topP < 0.95) job.drop(`${job.said('topP')} (below 0.95, not with thinking)`);
    else if (!job.isOwn && written['temperature'] !== undefined) {
      // Models since Claude 4.1 refuse the two together, and clients of other dialects send both out of habit.
      dropUnlessDefault(topP === 1, 'topP', 'not beside temperature', job);
    } else written['top_p'] = topP;
  }
  return written;
}

/** A setting at its default may go unsaid: nothing is lost. */
function dropUnlessDefault(isDefault: boolean, setting: 'temperature' | 'topP', why: string, job: WriteJob): void {
  if (!isDefault) job.drop(`${job.said(setting)} (${why})`);
}

function clamp(temperature: number, job: WriteJob): number {
  const within = Math.min(1, Math.max(0, temperature));
  if (within !== temperature) job.change(`${job.said('temperature')} ${temperature}→${within}`);
  return within;
}

/** Stop sequences without a visible character are refused. */
export function writeStop(job: WriteJob): JsonObject {
  const { stop } = job.request;
  if (stop === undefined) return {};
  if (job.isOwn) return { stop_sequences: stop };
  const taken = stop.filter((sequence) => sequence.trim() !== '');
  for (const sequence of stop) {
    if (sequence.trim() === '') job.drop(`${job.said('stop')} ${JSON.stringify(sequence)} (white space alone)`);
  }
  return taken.length > 0 ? { stop_sequences: taken } : {};
}
