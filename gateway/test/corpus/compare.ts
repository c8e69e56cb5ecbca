import { isDeepStrictEqual } from 'node:util';
import type { Usage } from '@xidao/dialects';
import type { ChoiceMeaning, Meaning } from './meaning.ts';

export interface Difference {
  what: string;
  /** Which of several answers; absent where it is not about one. */
  choice?: number;
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
    const was = before.choices[difference.choice ?? 0] ?? silence;
    const is = after.choices[difference.choice ?? 0] ?? silence;
    const rule = rules.find(({ explains }) => explains(difference, was, is));
    return rule === undefined ? difference : { ...difference, because: rule.because };
  });
}

function compareChoices(before: ChoiceMeaning[], after: ChoiceMeaning[]): Difference[] {
  const most = Math.max(before.length, after.length);
  return Array.from({ length: most }, (_, choice) => choice).flatMap((choice) => {
    const [was, is] = [before[choice] ?? silence, after[choice] ?? silence];
    return (['text', 'reasoning', 'refusal', 'calls', 'media', 'finish'] as const).flatMap((what) =>
      isDeepStrictEqual(was[what], is[what]) ? [] : [{ what, choice, before: was[what], after: is[what] }],
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
    ...(before.status === after.status
      ? []
      : [{ what: 'error status', before: `${before.status} ${before.kind}`, after: `${after.status} ${after.kind}` }]),
    ...(after.message.includes(before.message.slice(0, 200))
      ? []
      : [{ what: 'error message', before: before.message, after: after.message }]),
  ];
}

interface Rule {
  because: string;
  /** `was` and `is`: the whole answer in which the difference lies. */
  explains(difference: Difference, was: ChoiceMeaning, is: ChoiceMeaning): boolean;
}

/** What the dialects themselves make unavoidable. */
const rules: Rule[] = [
  {
    because: 'a refusal and a content filter are one word in the client’s dialect',
    explains: ({ what, before, after }) => what === 'finish' && oneOf(before, after, 'refusal', 'content-filter'),
  },
  {
    because: 'an answer that calls tools ends as one in the client’s dialect, whatever the provider said',
    explains: ({ what, before, after }, was) =>
      what === 'finish' && before === 'stop' && after === 'tool-calls' && was.calls.length > 0,
  },
  {
    because: 'the client’s dialect tells one answer where its client asked for no more: the others are left out',
    explains: ({ choice = 0 }, _, is) => choice > 0 && is === silence,
  },
  {
    because: 'the client’s dialect has no field for a refusal’s words: they are its text',
    explains: ({ what }, was, is) =>
      (what === 'text' || what === 'refusal') &&
      was.refusal !== '' &&
      is.refusal === '' &&
      is.text === was.text + was.refusal,
  },
  {
    because: 'the reason of a refusal stands beside the answer at the provider, and in it for the client',
    explains: ({ what, before }, was) => what === 'refusal' && before === '' && was.finish === 'refusal',
  },
  {
    because: 'the client’s dialect cannot show an image: a note stands in its place',
    explains: ({ what, after }, was, is) =>
      was.media.length > 0 &&
      is.media.length === 0 &&
      (what === 'media' || (what === 'text' && String(after).replace(/\[[^\]]*not shown[^\]]*\]/g, '') === was.text)),
  },
  {
    because: 'the host closed after the finish reason without its end mark: the answer is complete',
    explains: ({ what, before }, was) => what === 'end' && before === false && was.finish !== undefined,
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
    explains: ({ what, before, after }) =>
      (what === 'error kind' && before === 'server' && after === 'unavailable') ||
      (what === 'error status' && before === '500 server' && String(after).startsWith('502 ')),
  },
  {
    because: 'the provider told the error under an unusual status, its client gets the one by which it knows the error',
    explains: ({ what, after }) => {
      const [status, kind] = String(after).split(' ');
      return what === 'error status' && (usual[kind ?? ''] ?? []).includes(Number(status));
    },
  },
];

/** The statuses by which clients know what is wrong. */
const usual: Record<string, number[]> = {
  authentication: [401],
  permission: [403],
  billing: [402, 403],
  quota: [429],
  'rate-limit': [429],
  server: [500],
};

function oneOf(before: unknown, after: unknown, first: string, second: string): boolean {
  return (before === first && after === second) || (before === second && after === first);
}
