import { createHash } from 'node:crypto';
import { type DialectName, dialects, isObject, type Json, type JsonObject } from '@xidao/dialects';
import type { Operation } from '../../core/operation.ts';
import { countText, countTokens } from './answer.ts';

const DIMENSIONS = 256;

/** What the mock answers to everything but a chat. */
export function answerOperation(
  operation: Exclude<Operation, 'chat'>,
  dialect: DialectName,
  body: JsonObject,
  model: string,
): JsonObject {
  switch (operation) {
    case 'embeddings':
      return dialect === 'gemini' ? { embedding: geminiVector(body) } : embed(body, model);
    case 'batch-embeddings':
      return embedBatch(body);
    case 'count-tokens':
      return count(dialect, body);
    case 'moderations':
      return {
        id: 'modr-mock',
        model: `mock/${model}`,
        results: [{ flagged: false, categories: {}, category_scores: {} }],
      };
    default:
      return complete(body, model);
  }
}

function count(dialect: DialectName, body: JsonObject): JsonObject {
  if (dialect === 'gemini') return { totalTokens: countTokens(dialects.gemini.readRequest(body)) };
  // The dialect demands an output limit of a message, but not of a count.
  return { input_tokens: countTokens(dialects[dialect].readRequest({ max_tokens: 1, ...body })) };
}

/** Legacy completions: the prompt again. */
function complete(body: JsonObject, model: string): JsonObject {
  const prompt = Array.isArray(body['prompt']) ? body['prompt'].join('') : String(body['prompt'] ?? '');
  const tokens = countText(prompt);
  return {
    id: 'cmpl-mock',
    object: 'text_completion',
    created: 0,
    model: `mock/${model}`,
    choices: [{ index: 0, text: prompt, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: tokens, completion_tokens: tokens, total_tokens: 2 * tokens },
  };
}

/** The same completion as the frames of a stream, word by word. */
export function completeInFrames(body: JsonObject, model: string): string[] {
  const { choices, usage, ...envelope } = complete(body, model);
  const text = ((choices as JsonObject[])[0]?.['text'] ?? '') as string;
  const frame = (chunk: JsonObject) => `data: ${JSON.stringify({ ...envelope, ...chunk })}\n\n`;
  const tell = (piece: string, reason: string | null) =>
    frame({ choices: [{ index: 0, text: piece, logprobs: null, finish_reason: reason }] });
  const wantsUsage = isObject(body['stream_options']) && body['stream_options']['include_usage'] === true;
  return [
    ...(text.match(/\s*\S+\s*$|\s*\S+/g) ?? []).map((piece) => tell(piece, null)),
    tell('', 'stop'),
    ...(wantsUsage ? [frame({ choices: [], usage: usage ?? null })] : []),
    'data: [DONE]\n\n',
  ];
}

function embed(body: JsonObject, model: string): JsonObject {
  const inputs =
    Array.isArray(body['input']) && typeof body['input'][0] !== 'number' ? body['input'] : [body['input'] ?? ''];
  const dimensions =
    typeof body['dimensions'] === 'number' ? Math.min(Math.max(1, body['dimensions']), 4096) : DIMENSIONS;
  const tokens = inputs.reduce((sum: number, input) => sum + countText(textOf(input)), 0);
  return {
    object: 'list',
    model: `mock/${model}`,
    data: inputs.map((input, index) => ({
      object: 'embedding',
      index,
      embedding: asAsked(vectorOf(textOf(input), dimensions), body['encoding_format']),
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function embedBatch(body: JsonObject): JsonObject {
  const requests = Array.isArray(body['requests']) ? body['requests'].filter(isObject) : [];
  return { embeddings: requests.map(geminiVector) };
}

function geminiVector(body: JsonObject): JsonObject {
  const parts =
    isObject(body['content']) && Array.isArray(body['content']['parts'])
      ? body['content']['parts'].filter(isObject)
      : [];
  const dimensions = typeof body['outputDimensionality'] === 'number' ? body['outputDimensionality'] : DIMENSIONS;
  return { values: [...vectorOf(parts.map(({ text }) => String(text ?? '')).join(''), dimensions)] };
}

function textOf(input: Json): string {
  return typeof input === 'string' ? input : JSON.stringify(input);
}

function asAsked(vector: Float32Array, format: Json | undefined): Json {
  if (format !== 'base64') return [...vector];
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
}

/** A unit vector made of the text's hash: equal texts are equal, and that is all it means. */
function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (let at = 0; at < dimensions; at += 16) {
    const hash = createHash('sha256').update(`${at}\n${text}`).digest();
    for (let index = 0; index < 16 && at + index < dimensions; index++)
      vector[at + index] = hash.readInt16LE(index * 2) / 32768;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
