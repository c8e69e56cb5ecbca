import type { DialectName } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import type { Citation } from '../request.ts';
import { isSealed, seal, unseal } from '../seal.ts';

export function readCitation(value: JsonObject): Citation {
  const index = value['encrypted_index'];
  const origin: DialectName =
    typeof index === 'string' && isSealed(index) ? (unseal(index).boundTo ?? 'openai-chat') : 'anthropic-messages';
  const citation: Citation = { origin, value };
  const url = value['url'] ?? value['source'];
  if (typeof url === 'string') citation.url = url;
  const title = value['title'] ?? value['document_title'];
  if (typeof title === 'string') citation.title = title;
  if (typeof value['cited_text'] === 'string') citation.citedText = value['cited_text'];
  return citation;
}

/** The citation in the words of Messages. Another dialect's one needs a URL, else there is no word for it. */
export function writeCitation(citation: Citation): JsonObject | undefined {
  if (citation.origin === 'anthropic-messages') return citation.value;
  if (citation.url === undefined) return undefined;
  return {
    type: 'web_search_result_location',
    url: citation.url,
    title: citation.title ?? null,
    cited_text: citation.citedText ?? '',
    // Required by SDKs; marked, so that it is known for a foreign one when the client sends it back.
    encrypted_index: seal({ boundTo: citation.origin }),
  };
}
