import { type Asked, countWords } from '../asked.ts';
import { asList, asObject, type JsonObject } from '../json.ts';

const usualDimensions = 64;

/** A list of embeddings, as floats or as base64 of little-endian 32-bit floats, whichever was asked for. */
export function embeddingList(asked: Asked): JsonObject {
  const inputs = openaiInputs(asked.body['input']);
  const dimensions = Number(asked.body['dimensions'] ?? usualDimensions);
  const write = asked.body['encoding_format'] === 'base64' ? toBase64 : (vector: number[]) => vector;
  const tokens = inputs.reduce((sum, input) => sum + input.tokens, 0);
  return {
    object: 'list',
    data: inputs.map((input, index) => ({
      object: 'embedding',
      index,
      embedding: write(embed(input.text, dimensions)),
    })),
    model: asked.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** Gemini's answer to `embedContent` (one vector) or `batchEmbedContents` (one for each request). */
export function geminiEmbeddings(asked: Asked): JsonObject {
  if (asked.single) return { embedding: geminiVector(asked.body) };
  return { embeddings: asList(asked.body['requests']).map((request) => geminiVector(asObject(request))) };
}

/**
 * A vector of length 1 made of the text's words: each word pushes one dimension. Equal texts give equal vectors, texts
 * that share words lie near each other, others far apart.
 */
export function embed(text: string, dimensions: number = usualDimensions): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]) {
    const hash = hashOf(word);
    vector[hash % dimensions]! += hash & 0x1000_0000 ? 1 : -1;
  }
  const length = Math.hypot(...vector);
  // Words may cancel each other out; a vector without length would be no direction at all.
  if (length === 0) return vector.with(0, 1);
  return vector.map((value) => Math.fround(value / length));
}

interface EmbeddingInput {
  text: string;
  tokens: number;
}

function openaiInputs(input: unknown): EmbeddingInput[] {
  if (typeof input === 'string') return [{ text: input, tokens: countWords(input) }];
  const list = asList(input);
  if (list.every((each) => typeof each === 'number')) return [{ text: list.join(' '), tokens: list.length }];
  return list.flatMap((each) => (Array.isArray(each) ? openaiInputs(each) : openaiInputs(`${each}`)));
}

function geminiVector(request: JsonObject): JsonObject {
  const parts = asList(asObject(request['content'])['parts']);
  const text = parts.map((part) => asObject(part)['text'] ?? '').join('');
  return { values: embed(text, Number(request['outputDimensionality'] ?? usualDimensions)) };
}

function toBase64(vector: number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => {
    bytes.writeFloatLE(value, index * 4);
  });
  return bytes.toString('base64');
}

/** FNV-1a, 32 bits. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(word, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
