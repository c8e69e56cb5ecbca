import { type Setting, wordOf } from '../client-words.ts';
import type { JsonObject } from '../json.ts';
import type { OutputFormat } from '../request.ts';
import { saidAmong } from '../unsaid.ts';
import { defined } from './fields.ts';
import { writeSchema } from './schema-subset.ts';
import { writeThinking } from './thinking.ts';
import { asWorded } from './wording.ts';
import type { Writing } from './write-request.ts';

const MOST_STOPS = 5;
const MOST_CHOICES = 8;
const MOST_LOGPROBS = 20;
const MOST_SEED = 2 ** 31 - 1;
const SAMPLING: Setting[] = ['temperature', 'topP', 'topK', 'presencePenalty', 'frequencyPenalty'];

/** The `generationConfig` that the client's settings amount to; undefined if there are none. */
export function writeGenerationConfig(writing: Writing): JsonObject | undefined {
  const { request, traits, notes } = writing;
  const config = defined({
    stopSequences: writeStop(writing),
    candidateCount: atMost(writing, 'choices', request.choices, MOST_CHOICES),
    maxOutputTokens: atMost(writing, 'maxOutputTokens', request.maxOutputTokens, traits.maxOutputTokens),
    ...writeSampling(writing),
    seed: writeSeed(writing),
    ...writeLogprobs(writing),
    ...writeOutput(writing, request.output),
    responseModalities: request.modalities?.map((modality) => modality.toUpperCase()),
    mediaResolution: writeMediaResolution(writing),
    thinkingConfig: writeThinking(request, traits, notes),
  });
  return Object.keys(config).length === 0 ? undefined : config;
}

function writeSampling({ request, traits, notes }: Writing): JsonObject {
  const { temperature, topP, topK, presencePenalty, frequencyPenalty } = request;
  if (traits.takesSampling === false) {
    for (const word of saidAmong(request, SAMPLING)) notes.dropped(`${word} (not taken by the model)`);
    return {};
  }
  const within = temperature === undefined ? undefined : Math.min(2, Math.max(0, temperature));
  if (within !== temperature) notes.changed(`${wordOf(request, 'temperature')} ${temperature}→${within}`);
  return defined({ temperature: within, topP, topK, presencePenalty, frequencyPenalty });
}

function atMost(
  { request, notes }: Writing,
  setting: Setting,
  value: number | undefined,
  most: number | undefined,
): number | undefined {
  if (value === undefined || most === undefined || value <= most) return value;
  notes.changed(`${wordOf(request, setting)} ${value}→${most}`);
  return most;
}

function writeStop({ request, notes }: Writing): string[] | undefined {
  const stops = request.stop?.filter((stop) => stop !== '');
  if (stops === undefined || stops.length === 0) return undefined;
  if (stops.length > MOST_STOPS)
    notes.changed(`${wordOf(request, 'stop')}: ${stops.length} sequences→the first ${MOST_STOPS}`);
  return stops.slice(0, MOST_STOPS);
}

/** Gemini's seed has 32 bits. */
function writeSeed({ request, notes }: Writing): number | undefined {
  const { seed } = request;
  if (seed === undefined || Math.abs(seed) <= MOST_SEED) return seed;
  const fitting = Math.trunc(seed) % MOST_SEED;
  notes.changed(`${wordOf(request, 'seed')} ${seed}→${fitting}`);
  return fitting;
}

function writeLogprobs(writing: Writing): JsonObject {
  const { logprobs } = writing.request;
  if (logprobs === undefined) return {};
  return defined({
    responseLogprobs: true,
    logprobs: atMost(writing, 'logprobs', logprobs.top, MOST_LOGPROBS),
  });
}

function writeOutput({ request, traits, notes }: Writing, output: OutputFormat | undefined): JsonObject {
  if (output === undefined) return {};
  if (output.type === 'text') return request.origin === 'gemini' ? { responseMimeType: 'text/plain' } : {};
  const responseMimeType = 'application/json';
  if (output.type === 'json') return { responseMimeType };
  const own = asWorded(request, 'responseSchema', '', output.schema);
  if (own !== undefined) return { responseMimeType, responseSchema: own };
  const form = traits.takesJsonSchema === false ? 'openapi' : 'json';
  const { schema, lost } = writeSchema(output.schema, form);
  if (lost.length > 0) notes.changed(`${wordOf(request, 'output')} schema: ${lost.join(', ')}`);
  // Gemini names no schemas, and its answers always keep to them.
  const told = output.description === undefined || schema['description'] !== undefined;
  const described = told ? schema : { ...schema, description: output.description };
  return { responseMimeType, [form === 'json' ? 'responseJsonSchema' : 'responseSchema']: described };
}

/** OpenAI sets the detail of each image, Gemini that of all media of a request: the highest one wanted wins. */
function writeMediaResolution({ request, notes }: Writing): string | undefined {
  const details = new Set<string>();
  for (const message of request.messages) {
    for (const part of message.parts) if ('detail' in part && part.detail) details.add(part.detail);
  }
  details.delete('auto');
  if (details.size === 0) return undefined;
  const isLow = details.size === 1 && details.has('low');
  const resolution = isLow ? 'MEDIA_RESOLUTION_LOW' : 'MEDIA_RESOLUTION_HIGH';
  notes.changed(`detail ${[...details].join(', ')}→mediaResolution ${resolution}`);
  return resolution;
}
