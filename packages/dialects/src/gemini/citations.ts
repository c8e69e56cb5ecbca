import type { Json, JsonObject } from '../json.ts';
import type { Citation } from '../request.ts';
import { defined, numberOf, objectOf, objectsOf, textOf } from './fields.ts';

/** Reads `citationMetadata`: `citationSources` in the Gemini API, `citations` on Vertex AI. `text` is the answer so far. */
export function readCitations(metadata: JsonObject, text: string): Citation[] {
  const told = [...objectsOf(metadata['citationSources']), ...objectsOf(metadata['citations'])];
  return told.map((value) => {
    const span = spanOf(text, numberOf(value['startIndex']), numberOf(value['endIndex']));
    return defined({
      url: textOf(value['uri']),
      title: textOf(value['title']),
      ...span,
      origin: 'gemini' as const,
      value,
    });
  });
}

/** Reads `groundingMetadata`: one citation for each segment of the answer and each source that supports it. */
export function readGrounding(metadata: JsonObject, text: string): Citation[] {
  const sources = objectsOf(metadata['groundingChunks']);
  return objectsOf(metadata['groundingSupports']).flatMap((support) => {
    const segment = objectOf(support['segment']) ?? {};
    const span = spanOf(text, numberOf(segment['startIndex']) ?? 0, numberOf(segment['endIndex']));
    const chosen = Array.isArray(support['groundingChunkIndices']) ? support['groundingChunkIndices'] : [];
    return chosen.flatMap((index: Json): Citation[] => {
      const chunk = sources[Number(index)];
      if (chunk === undefined) return [];
      const source = objectOf(chunk['web'] ?? chunk['retrievedContext'] ?? chunk['maps'] ?? chunk['image']) ?? {};
      const citation = defined({
        url: textOf(source['uri'] ?? source['sourceUri']),
        title: textOf(source['title']),
        citedText: textOf(source['text']),
        ...span,
        origin: 'gemini' as const,
        value: { groundingChunk: chunk, groundingSupport: support },
      });
      return [citation];
    });
  });
}

/** Citations of any origin as `citationSources`; those that `groundingMetadata` tells anyway are left to it. */
export function writeCitations(citations: Citation[], text: string): JsonObject | undefined {
  const sources = citations
    .filter(({ origin, value }) => origin !== 'gemini' || value['groundingSupport'] === undefined)
    .map(({ origin, value, url, title, start, end }) => {
      if (origin === 'gemini') return value;
      return defined({ startIndex: bytesTo(text, start), endIndex: bytesTo(text, end), uri: url, title });
    });
  return sources.length === 0 ? undefined : { citationSources: sources };
}

/** Google counts UTF-8 bytes; everybody else counts characters. */
function spanOf(text: string, start: number | undefined, end: number | undefined): { start?: number; end?: number } {
  if (end === undefined) return {};
  return { start: charactersTo(text, start ?? 0), end: charactersTo(text, end) };
}

function charactersTo(text: string, bytes: number): number {
  let counted = 0;
  for (let at = 0; at < text.length; at++) {
    if (counted >= bytes) return at;
    counted += bytesOf(text.charCodeAt(at));
  }
  return counted >= bytes ? text.length : bytes;
}

function bytesTo(text: string, characters: number | undefined): number | undefined {
  if (characters === undefined) return undefined;
  let counted = 0;
  for (let at = 0; at < characters; at++) counted += at < text.length ? bytesOf(text.charCodeAt(at)) : 1;
  return counted;
}

/** Bytes of one UTF-16 unit in UTF-8; each half of a surrogate pair stands for two. */
function bytesOf(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff)) return 2;
  return 3;
}
