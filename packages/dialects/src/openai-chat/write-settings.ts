import { isDeepStrictEqual } from 'node:util';
import { wordOf } from '../client-words.ts';
import type { DialectName, TargetTraits } from '../dialect.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { Notes } from '../notes.ts';
import type { ModelRequest, OutputFormat, ReasoningEffort, ReasoningSettings } from '../request.ts';
import { saidAmong } from '../unsaid.ts';
import { REASONING_FIELDS, readReasoningSettings } from './read-reasoning.ts';
import { readOutputFormat } from './read-request.ts';

const SAMPLING = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
} as const;

export function writeSampling(body: JsonObject, request: ModelRequest, traits: TargetTraits, notes: Notes): void {
  const fields = Object.keys(SAMPLING) as (keyof typeof SAMPLING)[];
  if (traits.takesSampling === false) {
    for (const word of saidAmong(request, fields)) notes.dropped(word);
    return;
  }
  for (const field of fields) if (request[field] !== undefined) body[SAMPLING[field]] = request[field];
}

/** The output limit under the host's own name for it, and never above what the model allows. */
export function writeLimit(body: JsonObject, request: ModelRequest, traits: TargetTraits, notes: Notes): void {
  const wanted = request.maxOutputTokens;
  if (wanted === undefined) return;
  const told = request.wording?.['maxTokensField'];
  const name =
    traits.maxTokensField ?? (request.origin === 'openai-chat' && typeof told === 'string' ? told : 'max_tokens');
  const most = traits.maxOutputTokens;
  if (most !== undefined && wanted > most) notes.changed(`${wordOf(request, 'maxOutputTokens')} ${wanted}→${most}`);
  body[name] = most === undefined ? wanted : Math.min(wanted, most);
}

/** The text that must join the prompt, when the host has no word for a schema. */
export function writeOutput(
  body: JsonObject,
  request: ModelRequest,
  traits: TargetTraits,
  notes: Notes,
): string | undefined {
  const output = request.output;
  if (!output) return undefined;
  if (output.type === 'json-schema' && traits.takesJsonSchema === false) {
    body['response_format'] = { type: 'json_object' };
    notes.changed(`${wordOf(request, 'output')} json_schema→json_object, schema told in a system message`);
    return `Answer with one JSON value and nothing else. It must satisfy this JSON Schema:\n${JSON.stringify(output.schema)}`;
  }
  const told = request.wording?.['response_format'];
  const isOwn = request.origin === 'openai-chat' && isObject(told) && isDeepStrictEqual(readOutputFormat(told), output);
  body['response_format'] = isOwn ? told : outputFormat(output);
  return undefined;
}

function outputFormat(output: OutputFormat): JsonObject {
  if (output.type === 'text') return { type: 'text' };
  if (output.type === 'json') return { type: 'json_object' };
  const inner: JsonObject = { name: output.name, schema: output.schema };
  if (output.strict !== undefined) inner['strict'] = output.strict;
  if (output.description !== undefined) inner['description'] = output.description;
  return { type: 'json_schema', json_schema: inner };
}

/** Reasoning settings in the words that the model takes; the client's own words where those already are. */
export function writeReasoning(body: JsonObject, request: ModelRequest, traits: TargetTraits, notes: Notes): void {
  const settings = request.reasoning;
  if (!settings) return;
  const told = ownWords(request);
  if (told && suits(settings, traits)) {
    Object.assign(body, told);
    return;
  }
  const word = wordOf(request, 'reasoning');
  noteSummary(request, traits, notes);
  if (
    settings.effort === undefined &&
    settings.budgetTokens === undefined &&
    settings.enabled === undefined &&
    !settings.adaptive
  ) {
    return;
  }
  switch (traits.reasoning) {
    case 'none':
      if (!isOff(settings)) notes.dropped(word);
      return;
    case 'budget':
      body['thinking'] = thinkingOf(settings, request, word, notes);
      return;
    case 'adaptive':
      writeAdaptive(body, settings, word, notes);
      return;
    default:
      writeEffort(body, settings, word, notes);
  }
}

/** The words in which the client told the settings, unless the settings were changed since. */
function ownWords({ origin, wording, reasoning }: ModelRequest): JsonObject | undefined {
  if (origin !== 'openai-chat' || !wording) return undefined;
  const told: JsonObject = {};
  for (const name of REASONING_FIELDS) if (wording[name] !== undefined) told[name] = wording[name];
  return isDeepStrictEqual(readReasoningSettings(told), reasoning) ? told : undefined;
}

function suits(settings: ReasoningSettings, { reasoning }: TargetTraits): boolean {
  if (reasoning === undefined) return true;
  if (reasoning === 'effort') return settings.effort !== undefined && settings.budgetTokens === undefined;
  if (reasoning === 'budget') return settings.effort === undefined && !settings.adaptive;
  return reasoning === 'adaptive' && settings.adaptive === true;
}

function isOff({ effort, enabled, budgetTokens }: ReasoningSettings): boolean {
  return enabled === false || effort === 'none' || budgetTokens === 0;
}

/** Where reasoning is told at all, it is told unasked; a summary has no word here. Encrypted reasoning that a client
 * wants back (`wantsEncrypted`) is none of a chat host's: it keeps no state, and tells all it has in plain text. */
function noteSummary(request: ModelRequest, traits: TargetTraits, notes: Notes): void {
  const summary = request.reasoning?.summary;
  const isUnasked = request.origin === 'anthropic-messages' && summary === 'auto';
  if (summary === undefined || isUnasked || traits.reasoningField !== undefined) return;
  notes.changed(`${SUMMARY_WORDS[request.origin]} ${summary}→not told by this host`);
}

const SUMMARY_WORDS: Record<DialectName, string> = {
  'openai-chat': 'reasoning.summary',
  'openai-responses': 'reasoning.summary',
  'anthropic-messages': 'thinking.display',
  gemini: 'generationConfig.thinkingConfig.includeThoughts',
  bedrock: 'additionalModelRequestFields.thinking.display',
  'cohere-chat': 'thinking',
  'ollama-chat': 'think',
  dashscope: 'parameters.enable_thinking',
};

/** Tokens that each effort stands for, as Gemini's OpenAI surface documents it. */
export const BUDGETS: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 65_536,
};

function writeEffort(body: JsonObject, settings: ReasoningSettings, word: string, notes: Notes): void {
  const effort = settings.effort ?? effortOf(settings);
  if (effort === undefined) {
    // The model decides how long it thinks: that is the default of a model that is told by effort.
    if (settings.budgetTokens === -1 || settings.adaptive || settings.enabled) return;
    notes.dropped(word);
    return;
  }
  if (settings.effort === undefined) notes.changed(`${word} ${told(settings)}→reasoning_effort ${effort}`);
  body['reasoning_effort'] = effort;
}

function told({ budgetTokens, enabled }: ReasoningSettings): string {
  return enabled === false ? 'disabled' : `budget ${budgetTokens}`;
}

function effortOf(settings: ReasoningSettings): ReasoningEffort | undefined {
  if (isOff(settings)) return 'none';
  const budget = settings.budgetTokens;
  if (budget === undefined || budget < 0) return undefined;
  if (budget <= BUDGETS.low) return 'low';
  return budget <= BUDGETS.medium ? 'medium' : 'high';
}

function thinkingOf(settings: ReasoningSettings, request: ModelRequest, word: string, notes: Notes): JsonObject {
  if (isOff(settings)) return { type: 'disabled' };
  const wanted = settings.budgetTokens ?? (settings.effort ? BUDGETS[settings.effort] : undefined);
  if (wanted === undefined || wanted < 0) return { type: 'enabled' };
  // A budget that leaves no room for the answer is refused.
  const limit = request.maxOutputTokens;
  const budget = limit !== undefined && wanted >= limit ? Math.max(1, limit - 1) : wanted;
  if (settings.budgetTokens === undefined) notes.changed(`${word} ${settings.effort}→budget_tokens ${budget}`);
  else if (budget !== wanted) notes.changed(`${word} ${wanted}→${budget}`);
  return { type: 'enabled', budget_tokens: budget };
}

function writeAdaptive(body: JsonObject, settings: ReasoningSettings, word: string, notes: Notes): void {
  body['thinking'] = { type: isOff(settings) ? 'disabled' : 'adaptive' };
  if (isOff(settings)) return;
  const effort = settings.effort ?? effortOf(settings);
  if (effort === undefined) return;
  if (settings.effort === undefined) notes.changed(`${word} ${told(settings)}→reasoning_effort ${effort}`);
  body['reasoning_effort'] = effort;
}
