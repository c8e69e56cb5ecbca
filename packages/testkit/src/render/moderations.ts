import type { Asked } from '../asked.ts';
import { asList, asObject, type JsonObject } from '../json.ts';

const categories = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/instructions',
  'self-harm/intent',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
];

/** A verdict for each text. A text is flagged for violence if the word `kill` stands in it, and for nothing else. */
export function moderationResults(asked: Asked): JsonObject {
  return {
    id: `modr-${asked.call.number}`,
    model: asked.model,
    results: textsOf(asked.body['input']).map(judge),
  };
}

function textsOf(input: unknown): string[] {
  if (typeof input === 'string') return [input];
  const list = asList(input);
  // A list of objects is one input made of parts (text and images); a list of strings is many inputs.
  if (list.some((each) => typeof each === 'object'))
    return [list.map((part) => asObject(part)['text'] ?? '').join(' ')];
  return list.map(String);
}

function judge(text: string): JsonObject {
  const flagged = /\bkill\b/i.test(text);
  const each = <Value>(value: (bad: boolean) => Value) =>
    Object.fromEntries(categories.map((category) => [category, value(flagged && category === 'violence')]));
  return {
    flagged,
    categories: each((bad) => bad),
    category_scores: each((bad) => (bad ? 0.97 : 0.0001)),
    category_applied_input_types: each(() => ['text']),
  };
}
