import type { Asked } from '../asked.ts';
import { asObject, type JsonObject, parseJson } from '../json.ts';
import type { Finish, Said, SaidToolCall } from '../reply-script.ts';
import { eventFrame, type Frame, frame, type Mark } from '../wire-reply.ts';

const finishReasons: Record<Finish, string> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  pause: 'STOP',
};

/** A `GenerateContentResponse`. */
export function generateDocument(_asked: Asked, said: Said): JsonObject {
  const parts = [
    ...(said.reasoning === '' ? [] : [{ text: said.reasoning, thought: true }]),
    ...(said.text === '' ? [] : [{ text: said.text }]),
    ...callParts(said),
  ];
  return chunkOf(said, [finishedCandidate(said, parts)], usageOf(said, said.usage.output));
}

/** A stream of `GenerateContentResponse`: server-sent events with `alt=sse`, else one JSON array told bit by bit. */
export function generateStream(asked: Asked, said: Said): Frame[] {
  const chunks = streamChunks(asked, said);
  if (asked.asEvents) return chunks.map(({ mark, chunk }) => eventFrame(mark, chunk));
  return [
    ...chunks.map(({ mark, chunk }, index) => frame(mark, `${index === 0 ? '[' : ',\r\n'}${pretty(chunk)}`)),
    frame('done', ']'),
  ];
}

/** Gemini writes its documents with indentation, and a stream's array so too. */
export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** The number of tokens that the request would cost to read. */
export function geminiTokenCount(asked: Asked): JsonObject {
  const count = asked.inputWords;
  return { totalTokens: count, promptTokensDetails: [{ modality: 'TEXT', tokenCount: count }] };
}

interface MarkedChunk {
  mark: Mark;
  chunk: JsonObject;
}

function streamChunks(asked: Asked, said: Said): MarkedChunk[] {
  const calls = callParts(said);
  const rows: [Mark, JsonObject[]][] = [
    ...said.reasoningPieces.map((text): [Mark, JsonObject[]] => ['reasoning', [{ text, thought: true }]]),
    ...said.pieces.map((text): [Mark, JsonObject[]] => ['text', [{ text }]]),
    // Calls made at once come in one chunk, as parts; a call's arguments are never cut.
    ...(said.parallel ? [calls].filter((parts) => parts.length > 0) : calls.map((part) => [part])).map(
      (parts): [Mark, JsonObject[]] => ['tool', parts],
    ),
  ];
  const late = asked.usageStyle === 'late';
  const told = rows.map(([mark, parts], index) => ({
    mark,
    chunk: chunkOf(said, [candidate(parts)], late ? undefined : growing(said, (index + 1) / (rows.length + 1))),
  }));
  const usage = usageOf(said, said.usage.output);
  const last = chunkOf(said, [finishedCandidate(said, [{ text: '' }])], late ? undefined : usage);
  const after: MarkedChunk = { mark: 'usage', chunk: chunkOf(said, undefined, usage) };
  return [...told, { mark: 'finish', chunk: last }, ...(late ? [after] : [])];
}

function chunkOf(said: Said, candidates: JsonObject[] | undefined, usage: JsonObject | undefined): JsonObject {
  return {
    ...(candidates === undefined ? {} : { candidates }),
    ...(usage === undefined ? {} : { usageMetadata: usage }),
    modelVersion: said.model,
    responseId: said.id,
  };
}

function candidate(parts: JsonObject[]): JsonObject {
  return { content: { parts, role: 'model' }, index: 0 };
}

function finishedCandidate(said: Said, parts: JsonObject[]): JsonObject {
  const broken = said.toolCalls.some((call) => parseJson(call.arguments) === undefined);
  return {
    ...candidate(parts),
    finishReason: said.rawFinish ?? (broken ? 'MALFORMED_FUNCTION_CALL' : finishReasons[said.finish]),
    ...(said.refusal === undefined ? {} : { finishMessage: said.refusal }),
    ...(said.citations.length === 0 ? {} : { groundingMetadata: grounding(said) }),
  };
}

/** The first call carries the seal on the thoughts that led to all of them. */
function callParts(said: Said): JsonObject[] {
  return said.toolCalls
    .filter((call) => parseJson(call.arguments) !== undefined)
    .map((call, index) => ({
      functionCall: writeCall(call),
      ...(said.reasoning === '' || index > 0 ? {} : { thoughtSignature: said.signature }),
    }));
}

function writeCall(call: SaidToolCall): JsonObject {
  return { id: call.id, name: call.name, args: asObject(parseJson(call.arguments)) };
}

function grounding(said: Said): JsonObject {
  return {
    groundingChunks: said.citations.map(({ url, title }) => ({ web: { uri: url, title } })),
    groundingSupports: said.citations.map(({ text }, index) => {
      // Offsets count bytes of UTF-8 here, not characters.
      const startIndex = Buffer.byteLength(said.text.slice(0, Math.max(0, said.text.indexOf(text))));
      return {
        segment: { startIndex, endIndex: startIndex + Buffer.byteLength(text), text },
        groundingChunkIndices: [index],
      };
    }),
  };
}

/** Here the thoughts are no part of the candidates' tokens, and the total counts both. */
function usageOf(said: Said, output: number): JsonObject {
  const { input, cached, reasoning } = said.usage;
  const thoughts = Math.min(reasoning, output);
  return {
    promptTokenCount: input,
    candidatesTokenCount: output - thoughts,
    totalTokenCount: input + output,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    ...(cached === 0 ? {} : { cachedContentTokenCount: cached }),
    ...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts }),
  };
}

function growing(said: Said, share: number): JsonObject {
  return usageOf(said, Math.floor(said.usage.output * share));
}
