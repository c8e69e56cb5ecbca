import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { defined, numberOf, objectsOf, textOf } from './fields.ts';

/** Reads `logprobsResult` in the wording of OpenAI Chat's `logprobs.content`. */
export function readLogprobs(result: JsonObject): Json[] {
  const alternatives = Array.isArray(result['topCandidates']) ? result['topCandidates'] : [];
  return objectsOf(result['chosenCandidates']).map((chosen, at) => {
    const top = alternatives[at];
    const candidates = isObject(top) ? objectsOf(top['candidates']) : [];
    return { ...readToken(chosen), top_logprobs: candidates.map(readToken) };
  });
}

/** `logprobs.content` of OpenAI Chat as `logprobsResult`. */
export function writeLogprobs(content: Json[]): JsonObject {
  const tokens = content.filter(isObject);
  return {
    chosenCandidates: tokens.map(writeToken),
    topCandidates: tokens.map((token) => ({ candidates: objectsOf(token['top_logprobs']).map(writeToken) })),
  };
}

function readToken(candidate: JsonObject): JsonObject {
  const token = textOf(candidate['token']) ?? '';
  return { token, logprob: numberOf(candidate['logProbability']) ?? 0, bytes: [...Buffer.from(token)] };
}

function writeToken(token: JsonObject): JsonObject {
  return defined({ token: textOf(token['token']) ?? '', logProbability: numberOf(token['logprob']) });
}
