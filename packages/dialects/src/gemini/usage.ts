import type { Json, JsonObject } from '../json.ts';
import type { Usage } from '../usage.ts';
import { defined, numberOf, objectsOf, textOf } from './fields.ts';

/**
 * Reads `usageMetadata`. Google counts cached tokens inside `promptTokenCount`, but neither tool results
 * (`toolUsePromptTokenCount`) inside it nor thoughts inside `candidatesTokenCount`; both are added here.
 */
export function readUsage(usage: JsonObject): Usage | undefined {
  const prompt = numberOf(usage['promptTokenCount']);
  const toolUse = numberOf(usage['toolUsePromptTokenCount']);
  const answer = numberOf(usage['candidatesTokenCount']) ?? numberOf(usage['responseTokenCount']);
  const thoughts = numberOf(usage['thoughtsTokenCount']);
  const total = numberOf(usage['totalTokenCount']);
  if (prompt === undefined && answer === undefined && thoughts === undefined && total === undefined) return undefined;
  const outputTokens = (answer ?? 0) + (thoughts ?? 0);
  const inputs = [usage['promptTokensDetails'], usage['toolUsePromptTokensDetails']];
  const outputs = [usage['candidatesTokensDetails'] ?? usage['responseTokensDetails']];
  return defined({
    inputTokens: prompt === undefined ? Math.max(0, (total ?? 0) - outputTokens) : prompt + (toolUse ?? 0),
    outputTokens,
    cachedInputTokens: numberOf(usage['cachedContentTokenCount']),
    reasoningTokens: thoughts,
    audioInputTokens: tokensOf('AUDIO', inputs),
    audioOutputTokens: tokensOf('AUDIO', outputs),
    imageInputTokens: tokensOf('IMAGE', inputs),
    imageOutputTokens: tokensOf('IMAGE', outputs),
    serviceTier: textOf(usage['serviceTier'])?.toLowerCase(),
  });
}

/** The counts as `usageMetadata`; cache writes have no field there. */
export function writeUsage(usage: Usage): JsonObject {
  const reasoning = Math.min(usage.reasoningTokens ?? 0, usage.outputTokens);
  const answer = usage.outputTokens - reasoning;
  return defined({
    promptTokenCount: usage.inputTokens,
    candidatesTokenCount: answer,
    totalTokenCount: usage.inputTokens + usage.outputTokens,
    cachedContentTokenCount: usage.cachedInputTokens,
    promptTokensDetails: detailsOf(usage.inputTokens, usage.audioInputTokens, usage.imageInputTokens),
    candidatesTokensDetails: detailsOf(answer, usage.audioOutputTokens, usage.imageOutputTokens),
    thoughtsTokenCount: usage.reasoningTokens === undefined ? undefined : reasoning,
    serviceTier: usage.serviceTier,
  });
}

function tokensOf(modality: string, lists: (Json | undefined)[]): number | undefined {
  const found = lists
    .flatMap(objectsOf)
    .filter((detail) => detail['modality'] === modality)
    .map((detail) => numberOf(detail['tokenCount']) ?? 0);
  return found.length === 0 ? undefined : found.reduce((sum, count) => sum + count, 0);
}

function detailsOf(all: number, audio: number | undefined, image: number | undefined): Json[] | undefined {
  if (audio === undefined && image === undefined) return undefined;
  const details: Json[] = [{ modality: 'TEXT', tokenCount: Math.max(0, all - (audio ?? 0) - (image ?? 0)) }];
  if (audio !== undefined) details.push({ modality: 'AUDIO', tokenCount: audio });
  if (image !== undefined) details.push({ modality: 'IMAGE', tokenCount: image });
  return details;
}
