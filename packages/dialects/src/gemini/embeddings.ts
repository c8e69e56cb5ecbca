/**
 * Embeddings between OpenAI's `/v1/embeddings` and Gemini's embedContent and batchEmbedContents, both ways.
 * Gemini tells no token counts for embeddings; where it does not, `prompt_tokens` is 0 and the caller estimates.
 */

import { InvalidRequest } from '../dialect.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { emptyReceipt, type Receipt } from '../receipt.ts';
import { defined, numberOf, objectOf, objectsOf, textOf } from './fields.ts';
import { toCamelCase } from './spelling.ts';

export interface WrittenEmbeddings {
  body: JsonObject;
  receipt: Receipt;
}

/** A batchEmbedContents request for an OpenAI embeddings request. Throws InvalidRequest for token arrays: only OpenAI knows its tokens. */
export function toBatchEmbedContents(request: JsonObject, model: string): WrittenEmbeddings {
  const receipt = emptyReceipt();
  const inputs = Array.isArray(request['input']) ? request['input'] : [request['input']];
  if (inputs.length === 0 || !inputs.every((input) => typeof input === 'string')) {
    throw new InvalidRequest('`input` must be a text or a list of texts; token arrays cannot be translated.', 'input');
  }
  if (request['user'] !== undefined) receipt.dropped.push('user');
  const name = model.startsWith('models/') ? model : `models/${model}`;
  const outputDimensionality = numberOf(request['dimensions']);
  const requests = inputs.map((text) => defined({ model: name, content: { parts: [{ text }] }, outputDimensionality }));
  return { body: { requests }, receipt };
}

/** An OpenAI embeddings request for embedContent (`{content}`) or batchEmbedContents (`{requests}`). */
export function fromEmbedContents(body: JsonObject, model: string): WrittenEmbeddings {
  const receipt = emptyReceipt();
  const told = toCamelCase(body);
  const requests = told['requests'] === undefined ? [told] : objectsOf(told['requests']);
  const input = requests.map((request, at) => inputOf(request, told['requests'] ? `requests[${at}].` : '', receipt));
  const sizes = new Set(requests.map((request) => numberOf(request['outputDimensionality'])));
  const dimensions = requests.length === 0 ? undefined : numberOf(requests[0]!['outputDimensionality']);
  if (sizes.size > 1) receipt.changed.push(`outputDimensionality→${dimensions} for all`);
  return { body: defined({ model, input, dimensions, encoding_format: 'float' }), receipt };
}

function inputOf(request: JsonObject, path: string, receipt: Receipt): string {
  for (const key of ['taskType', 'title', 'autoTruncate', 'documentOcr', 'audioTrackExtraction']) {
    if (request[key] !== undefined) receipt.dropped.push(path + key);
  }
  const parts = objectsOf(objectOf(request['content'])?.['parts']);
  if (parts.some((part) => part['text'] === undefined)) receipt.dropped.push(`${path}content.parts (not text)`);
  return parts.map((part) => textOf(part['text']) ?? '').join('\n');
}

/** OpenAI's answer for a reply of embedContent, batchEmbedContents or Vertex AI `predict`. */
export function toOpenAIEmbeddings(reply: JsonObject, model: string, encoding?: string): JsonObject {
  const vectors = vectorsOf(reply);
  const data = vectors.map((values, index) => ({
    object: 'embedding',
    index,
    embedding: encoding === 'base64' ? toBase64(values) : values,
  }));
  const tokens = tokensOf(reply);
  return { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

/** Gemini's answer for an OpenAI embeddings reply: `embedding` for one (embedContent), `embeddings` for a batch. */
export function fromOpenAIEmbeddings(reply: JsonObject, isBatch: boolean): JsonObject {
  const data = objectsOf(reply['data']).toSorted((one, other) => {
    return (numberOf(one['index']) ?? 0) - (numberOf(other['index']) ?? 0);
  });
  const embeddings = data.map(({ embedding }) => ({
    values: typeof embedding === 'string' ? fromBase64(embedding) : (embedding ?? []),
  }));
  const promptTokenCount = numberOf(objectOf(reply['usage'])?.['prompt_tokens']);
  const usageMetadata = promptTokenCount === undefined ? undefined : { promptTokenCount };
  return isBatch
    ? defined({ embeddings, usageMetadata })
    : defined({ embedding: embeddings[0] ?? { values: [] }, usageMetadata });
}

function vectorsOf(reply: JsonObject): Json[] {
  const one = objectOf(reply['embedding']);
  const many = one === undefined ? objectsOf(reply['embeddings']) : [one];
  const predictions = objectsOf(reply['predictions']).map((prediction) => objectOf(prediction['embeddings']) ?? {});
  return [...many, ...predictions].map((embedding) => embedding['values'] ?? []);
}

function tokensOf(reply: JsonObject): number {
  const told = numberOf(objectOf(reply['usageMetadata'])?.['promptTokenCount']);
  if (told !== undefined) return told;
  const predictions = objectsOf(reply['predictions']).map((prediction) => objectOf(prediction['embeddings']) ?? {});
  return [...objectsOf(reply['embeddings']), ...predictions]
    .map(({ statistics }) => (isObject(statistics) ? statistics : {}))
    .reduce((sum, told) => sum + (numberOf(told['token_count']) ?? numberOf(told['tokenCount']) ?? 0), 0);
}

/** Little-endian 32-bit floats, as OpenAI packs them. */
function toBase64(values: Json): string {
  const numbers = Array.isArray(values) ? values.map((value) => numberOf(value) ?? 0) : [];
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [at, number] of numbers.entries()) bytes.writeFloatLE(number, at * 4);
  return bytes.toString('base64');
}

function fromBase64(text: string): number[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, at) => bytes.readFloatLE(at * 4));
}
