import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Citation } from '../request.ts';

/** Reads `annotations` (OpenAI, OpenRouter), `search_results` and `citations` (Perplexity): items, or bare addresses. */
export function readCitations(list: Json | undefined): Citation[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item): Citation[] => {
    if (typeof item === 'string') return [{ url: item, origin: 'openai-chat', value: { url: item } }];
    return isObject(item) ? [readCitation(item)] : [];
  });
}

function readCitation(item: JsonObject): Citation {
  const inner = isObject(item['url_citation']) ? item['url_citation'] : item;
  const citation: Citation = { origin: 'openai-chat', value: item };
  const { url, title, start_index: start, end_index: end } = inner;
  const cited = inner['content'] ?? inner['snippet'];
  if (typeof url === 'string') citation.url = url;
  if (typeof title === 'string') citation.title = title;
  if (typeof cited === 'string') citation.citedText = cited;
  if (typeof start === 'number') citation.start = start;
  if (typeof end === 'number') citation.end = end;
  return citation;
}

/** The citation as an annotation; undefined for one without an address, for which there is no word. */
export function writeAnnotation(citation: Citation): JsonObject | undefined {
  if (citation.origin === 'openai-chat' && typeof citation.value['type'] === 'string') return citation.value;
  if (citation.url === undefined) return undefined;
  const inner: JsonObject = {
    end_index: citation.end ?? 0,
    start_index: citation.start ?? 0,
    title: citation.title ?? citation.url,
    url: citation.url,
  };
  if (citation.citedText !== undefined) inner['content'] = citation.citedText;
  return { type: 'url_citation', url_citation: inner };
}
