import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Citation } from '../request.ts';

/** A citation: its places are characters of the answer's text, and its first source is the document or the tool's output. */
export function readCitation(value: JsonObject): Citation {
  const citation: Citation = { origin: 'cohere-chat', value };
  const { start, end, sources } = value;
  if (typeof start === 'number') citation.start = start;
  if (typeof end === 'number') citation.end = end;
  const source = Array.isArray(sources) ? sources.find(isObject) : undefined;
  const held = source?.['document'] ?? source?.['tool_output'];
  const document: JsonObject = isObject(held) ? held : {};
  const url = textOf(document['url']) ?? addressOf(source?.['id']);
  if (url !== undefined) citation.url = url;
  const title = textOf(document['title']);
  if (title !== undefined) citation.title = title;
  const cited = textOf(document['text']) ?? textOf(document['snippet']) ?? textOf(document['content']);
  if (cited !== undefined) citation.citedText = cited;
  return citation;
}

/** The citation as this API tells it; undefined for one of another dialect without a place in the text. */
export function writeCitation(citation: Citation): JsonObject | undefined {
  if (citation.origin === 'cohere-chat') return citation.value;
  const { start, end, url, title, citedText } = citation;
  if (start === undefined || end === undefined) return undefined;
  const document = {
    ...(title === undefined ? {} : { title }),
    ...(url === undefined ? {} : { url }),
    ...(citedText === undefined ? {} : { text: citedText }),
  };
  return { start, end, sources: [{ type: 'document', id: url ?? title ?? '', document }], type: 'TEXT_CONTENT' };
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function addressOf(id: Json | undefined): string | undefined {
  return typeof id === 'string' && /^https?:\/\//.test(id) ? id : undefined;
}
