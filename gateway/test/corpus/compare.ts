import { isDeepStrictEqual } from 'node:util';
import type { Usage } from '@xidao/dialects';
import type { ChoiceMeaning, Meaning } from './meaning.ts';

export interface Difference {
  what: string;
  before: unknown;
  after: unknown;
  /** Why it must be so. Absent: nothing explains it. */
  because?: string;
}

/** Everything in which the meaning differs from what it was, each with its reason where there is one. */
export function compareMeanings(before: Meaning, after: Meaning): Difference[] {
  const differences =
    before.error !== undefined || after.error !== undefined
      ? compareErrors(before, after)
      : [
          ...compareChoices(before.choices, after.choices),
          ...compareUsage(before.usage, after.usage),
          ...(before.isComplete === after.isComplete
            ? []
            : [{ what: 'end', before: before.isComplete, after: after.isComplete }]),
        ];
  return differences.map((difference) => {
    const rule = rules.find(({ explains }) => explains(difference, { before, after }));
    return rule === undefined ? difference : { ...difference, because: rule.because };
  });
}

function compareChoices(before: ChoiceMeaning[], after: ChoiceMeaning[]): Difference[] {
  const most = Math.max(before.length, after.length);
  return Array.from({ length: most }, (_, index) => index).flatMap((index) => {
    const [was, is] = [before[index] ?? silence, after[index] ?? silence];
    return (['text', 'reasoning', 'refusal', 'calls', 'media', 'finish'] as const).flatMap((what) =>
      isDeepStrictEqual(was[what], is[what]) ? [] : [{ what, before: was[what], after: is[what] }],
    );
  });
}

const silence: ChoiceMeaning = { text: '', reasoning: '', refusal: '', calls: [], media: [], finish: undefined };

/** A count that was not told is nothing to compare; what was told must be told again. */
function compareUsage(before: Usage | undefined, after: Usage | undefined): Difference[] {
  if (before === undefined) return [];
  return (['inputTokens', 'outputTokens', 'cachedInputTokens', 'reasoningTokens'] as const).flatMap((what) =>
    (before[what] ?? 0) === (after?.[what] ?? 0) ? [] : [{ what, before: before[what], after: after?.[what] }],
  );
}

function compareErrors({ error: before }: Meaning, { error: after }: Meaning): Difference[] {
  if (before === undefined || after === undefined) return [{ what: 'error', before, after }];
  return [
    ...(before.kind === after.kind ? [] : [{ what: 'error kind', before: before.kind, after: after.kind }]),
    ...(after.message.includes(before.message.slice(0, 200))
      ? []
      : [{ what: 'error message', before: before.message, after: after.message }]),
  ];
}

interface Rule {
  because: string;
  explains(difference: Difference, all: { before: Meaning; after: Meaning }): boolean;
}

const firstOf = ({ choices }: Meaning): ChoiceMeaning => choices[0] ?? silence;

/** What the dialects themselves make unavoidable. */
const rules: Rule[] = [
  {
    because: 'a refusal and a content filter are one word in the client’s dialect',
    explains: ({ what, before, after }) => what === 'finish' && oneOf(before, after, 'refusal', 'content-filter'),
  },
  {
    because: 'an answer that calls tools ends as one in the client’s dialect, whatever the provider said',
    explains: ({ what, before, after }, all) =>
      what === 'finish' && before === 'stop' && after === 'tool-calls' && firstOf(all.before).calls.length > 0,
  },
  {
    because: 'the client’s dialect has no field for a refusal’s words: they are its text',
    explains: ({ what }, { before, after }) =>
      (what === 'text' || what === 'refusal') &&
      firstOf(after).refusal === '' &&
      firstOf(after).text === firstOf(before).text + firstOf(before).refusal,
  },
  {
    because: 'the reason of a refusal stands beside the answer at the provider, and in it for the client',
    explains: ({ what, before }, all) =>
      what === 'refusal' && before === '' && firstOf(all.before).finish === 'refusal',
  },
  {
    because: 'the client’s dialect cannot show an image: a note stands in its place',
    explains: ({ what, after }, all) =>
      firstOf(all.before).media.length > 0 &&
      (what === 'media' ||
        (what === 'text' && String(after).replace(/\[[^\]]*not shown[^\]]*\]/g, '') === firstOf(all.before).text)),
  },
  {
    because: 'several thoughts are one text in the client’s dialect, with a blank line between them',
    explains: ({ what, before, after }) =>
      what === 'reasoning' && String(before).replace(/\s+/g, '') === String(after).replace(/\s+/g, ''),
  },
  {
    because: 'the host closed after the finish reason without its end mark: the answer is complete',
    explains: ({ what, before }, all) => what === 'end' && before === false && firstOf(all.before).finish !== undefined,
  },
  {
    because: 'the client’s dialect has no word for a policy’s refusal of the request: the request is invalid',
    explains: ({ what, before, after }) =>
      what === 'error kind' && before === 'content-policy' && after === 'invalid-request',
  },
  {
    because: 'an exhausted quota, unpaid bills and too many requests are told apart by words, not by codes',
    explains: ({ what, before, after }) =>
      what === 'error kind' &&
      [before, after].every((kind) => ['quota', 'billing', 'rate-limit'].includes(String(kind))),
  },
  {
    because:
      'a provider that fails in the midst of its answer is a bad gateway (502) to a client that waits for a document',
    explains: ({ what, before, after }) => what === 'error kind' && before === 'server' && after === 'unavailable',
  },
];

function oneOf(before: unknown, after: unknown, first: string, second: string): boolean {
  return (before === first && after === second) || (before === second && after === first);
}
