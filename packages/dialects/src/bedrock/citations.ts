import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { Citation } from '../request.ts';

/** A citation as `citationsContent` and the `citation` delta tell it. Its places are those of the source, not of the answer. */
export function readCitation(value: JsonObject): Citation {
  const citation: Citation = { origin: 'bedrock', value };
  const url = urlOf(value);
  if (url !== undefined) citation.url = url;
  if (typeof value['title'] === 'string') citation.title = value['title'];
  const cited = joinTexts(value['sourceContent']);
  if (cited !== '') citation.citedText = cited;
  return citation;
}

/** The citation in the words of Converse; undefined for one of another dialect without a URL or a title. */
export function writeCitation(citation: Citation): JsonObject | undefined {
  if (citation.origin === 'bedrock') return citation.value;
  const { url, title, citedText } = citation;
  if (url === undefined && title === undefined) return undefined;
  return {
    ...(title === undefined ? {} : { title }),
    ...(citedText === undefined ? {} : { sourceContent: [{ text: citedText }] }),
    ...(url === undefined ? {} : { location: { web: { url } } }),
  };
}

/** The texts of blocks such as `[{"text": "…"}]`, put together. */
export function joinTexts(blocks: Json | undefined, between = ''): string {
  if (!Array.isArray(blocks)) return '';
  return blocks
    .flatMap((block) => (isObject(block) && typeof block['text'] === 'string' ? [block['text']] : []))
    .join(between);
}

function urlOf({ location, source }: JsonObject): string | undefined {
  const web = isObject(location) ? location['web'] : undefined;
  if (isObject(web) && typeof web['url'] === 'string') return web['url'];
  return typeof source === 'string' && /^https?:/.test(source) ? source : undefined;
}
