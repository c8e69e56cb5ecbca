/** What of a request a dialect has no word for, told in the client's words, and only where it says something. */

import { type Setting, wordOf } from './client-words.ts';
import type { DialectName } from './dialect.ts';
import { isObject, type Json } from './json.ts';
import type { Notes } from './notes.ts';
import type { ModelRequest, Part, Tool } from './request.ts';

/** The client's words for those of the settings that say something: one at its default is no loss. */
export function saidAmong(request: ModelRequest, settings: readonly Setting[]): string[] {
  return settings.filter((setting) => says(request, setting)).map((setting) => wordOf(request, setting));
}

function says(request: ModelRequest, setting: Setting): boolean {
  const value = request[setting];
  if (value === undefined) return false;
  switch (setting) {
    case 'minP':
    case 'frequencyPenalty':
    case 'presencePenalty':
      return value !== 0;
    case 'temperature':
    case 'topP':
    case 'choices':
      return value !== 1;
    case 'verbosity':
      return value !== 'medium';
    case 'modalities':
      return (value as string[]).some((kind) => kind.toLowerCase() !== 'text');
    case 'logitBias':
    case 'metadata':
      return Object.keys(value).length > 0;
    case 'stop':
      return (value as string[]).length > 0;
    case 'parallelToolCalls':
      return value === false;
    case 'store':
      // A chat host keeps nothing unasked. What the Responses API calls `store` is kept by the gateway itself.
      return value === true && request.origin === 'openai-chat';
    default:
      return true;
  }
}

/** Where marks for the prompt cache have no word the provider caches as it sees fit: no answer changes by it. */
export function tellCacheMarks({ messages, tools, origin, extras }: ModelRequest, notes: Notes): void {
  const isMarked = (one: Part | Tool) => 'cache' in one && one.cache !== undefined;
  const word = origin === 'bedrock' ? 'cachePoint' : CACHE_CONTROL;
  const hasMark =
    extras[CACHE_CONTROL] !== undefined || tools.some(isMarked) || messages.some(({ parts }) => parts.some(isMarked));
  if (hasMark) notes.changed(`${word}→the provider's own caching`);
}

/** Anthropic also takes one mark for the whole request. */
const CACHE_CONTROL = 'cache_control';

/** What happens in each dialect when the field is not there, so that saying it changes nothing. */
const DEFAULTS: Record<DialectName, Record<string, Json[]>> = {
  'openai-chat': { repetition_penalty: [1], safe_prompt: [false], prediction: [], include_reasoning: [true] },
  'openai-responses': { background: [false], truncation: ['disabled'] },
  'anthropic-messages': {},
  gemini: { store: [false] },
  bedrock: {},
  'cohere-chat': {},
  'ollama-chat': {},
  dashscope: {},
};

/**
 * What a request of another dialect holds that no writer has a word for: its own top-level fields, and what its reader
 * read past. `isCarried` tells the fields that the target knows too.
 */
export function foreignFields(request: ModelRequest, isCarried: (field: string, value: Json) => boolean): string[] {
  const left = Object.entries(request.extras).filter(([field, value]) => {
    if (value === undefined || field === CACHE_CONTROL || isCarried(field, value)) return false;
    return DEFAULTS[request.origin][field]?.includes(value) !== true;
  });
  return [...left.flatMap(([field, value]) => pathsIn(request.origin, field, value)), ...request.unread];
}

/** Fields of which only a part is kept as an extra: the rest of them was read. */
const IN_PART: Partial<Record<DialectName, readonly string[]>> = {
  'openai-chat': ['stream_options'],
  'openai-responses': ['text', 'reasoning'],
};

function pathsIn(origin: DialectName, field: string, value: Json | undefined): string[] {
  if (!IN_PART[origin]?.includes(field) || !isObject(value)) return [field];
  // `generate_summary` is the old name of `summary`, and was read as such.
  return Object.keys(value).flatMap((key) => (key === 'generate_summary' ? [] : [`${field}.${key}`]));
}
