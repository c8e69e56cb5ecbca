import { isDeepStrictEqual } from 'node:util';
import type { DialectName } from '@xidao/dialects';
import type { Difference } from './compare.ts';
import type { RequestWay } from './compare-requests.ts';
import type { RequestMeaning } from './request-meaning.ts';

interface RequestRule {
  because: string;
  explains(difference: Difference, way: RequestWay, meanings: { asked: RequestMeaning; told: RequestMeaning }): boolean;
}

/** What a line of the receipt must name for a difference of this kind, in the words of any client. */
const named: Record<string, RegExp> = {
  temperature: /temperature/,
  topP: /top_?p/i,
  topK: /top_?k/i,
  seed: /seed/,
  stop: /stop/,
  choices: /^n\b|candidateCount/,
  logprobs: /logprobs/i,
  logitBias: /logit_bias/,
  frequencyPenalty: /frequency_?penalty/i,
  presencePenalty: /presence_?penalty/i,
  maxOutputTokens: /max\w*tokens/i,
  reasoning: /reasoning|thinking|effort/i,
  output: /format|schema/i,
  'output schema': /(format|output|schema).*schema/i,
  'output name': /(format|output|schema).*(→|schema:)/i,
  'output strict': /(format|output|schema).*(→|schema:)/i,
  'reasoning shown': /reasoning|thinking|summary|includeThoughts/i,
  verbosity: /verbosity/,
  modalities: /modalities/i,
  audio: /audio|speechConfig/,
  user: /user/,
  metadata: /metadata|labels/,
  serviceTier: /service_?tier/i,
  store: /store/,
  previousResponseId: /previous_response_id/,
  toolChoice: /tool_?choice|functionCallingConfig/i,
  parallelToolCalls: /parallel/,
  instructions: /system|format/i,
  conversation: /system|developer|in a tool result|\(text file→text\)|\(file\)→text/,
  'late instructions': /system|developer/,
  'tool lost': /tools/,
  'tool type': /tools.*custom/,
  'tool schema': /tools.*schema/,
  'tool strict': /tools.*strict/,
};

export const requestRules: readonly RequestRule[] = [
  {
    because: 'told in the receipt',
    explains: ({ what, before }, { receipt }, { asked, told }) => {
      const [, part, who] = /^(\S+) of the (\S+) (?:lost|added)$/.exec(what) ?? [];
      const pattern = part === undefined ? named[what] : patternOfPart(part, who ?? '', before);
      if (pattern === undefined) return false;
      const lines = [...receipt.dropped, ...receipt.changed].filter((line) => pattern.test(line));
      // Each thing that is lost has a line of its own.
      const kind = part === 'opaque' ? `opaque ${labelOf(before)}` : part;
      const lost = kind === undefined ? 0 : countOf(asked, kind) - countOf(told, kind);
      return lines.length >= Math.max(1, lost);
    },
  },
  {
    because: 'the gateway asks providers to keep nothing: what is kept for clients it keeps itself',
    explains: ({ what, before, after }, { from }) =>
      what === 'store' && from === 'openai-responses' && before === true && after === undefined,
  },
  {
    because: 'a hint for the provider’s prompt cache, which changes no answer',
    explains: ({ what }) => what === 'cacheKey',
  },
  {
    because: 'a model of this dialect does not think unless it is told to',
    explains: ({ what, before, after }, { to }) =>
      what === 'reasoning' && before === 'off' && after === undefined && thinksOnlyIfTold.has(to),
  },
  {
    because:
      'whether thoughts are shown: the gateway asks for all that the provider shows, and tells the client what came',
    explains: ({ what }) => what === 'reasoning shown',
  },
  {
    because: 'sealed reasoning is carried by the gateway, asked for where there is some and opened where it comes back',
    explains: ({ what }) => what === 'encrypted reasoning',
  },
  {
    because: 'the dialect has no name for a schema of the answer',
    explains: ({ what }, { from, to }) => what === 'output name' && (nameless.has(from) || nameless.has(to)),
  },
  {
    because: 'the dialect has no lax schema of the answer: it always holds',
    explains: ({ what, before, after }, { to }) =>
      what === 'output strict' && before === true && after === undefined && alwaysStrict.has(to),
  },
  {
    because: 'the dialect demands that objects be closed (additionalProperties: false)',
    explains: ({ what, before, after }) => what === 'output schema' && isDeepStrictEqual(open(before), open(after)),
  },
  {
    because: 'a list of required properties that is empty says nothing',
    explains: ({ what, before, after }) =>
      what === 'tool schema' && isDeepStrictEqual(withoutEmptyLists(before), withoutEmptyLists(after)),
  },
  {
    because: 'the dialect demands that tools in the history be declared: they are, and may not be called',
    explains: ({ what, after }, _, { asked, told }) =>
      asked.tools.size === 0 &&
      asked.items.some((item) => item.what === 'tool-call') &&
      (what === 'tool added' ||
        (what === 'toolChoice' && told.tools.size > 0 && isDeepStrictEqual(after, { type: 'none' }))),
  },
  {
    because: 'the dialect can demand tools, not one of them: the only one that is declared is demanded',
    explains: ({ what, before, after }, _, { told }) =>
      what === 'toolChoice' &&
      isDeepStrictEqual(after, { type: 'required' }) &&
      isDeepStrictEqual(before, { name: [...told.tools.keys()][0], type: 'tool' }) &&
      told.tools.size === 1,
  },
  {
    because: 'the dialect keeps a message’s images beside its text: which of them came first is not said',
    explains: ({ what }, { to }, { asked, told }) =>
      what === 'conversation' && imagesApart.has(to) && isDeepStrictEqual(textsOf(asked), textsOf(told)),
  },
  {
    because: 'a turn or a word that the dialect demands where the client need say nothing is put in',
    explains: ({ what, after }) =>
      what === 'conversation' && /^user text \((Theconversationbegins\.|seethedocument)\)$/.test(String(after)),
  },
];

const thinksOnlyIfTold = new Set<DialectName>(['anthropic-messages', 'bedrock']);
const imagesApart = new Set<DialectName>(['ollama-chat']);
const nameless = new Set<DialectName>(['anthropic-messages', 'gemini', 'cohere-chat', 'ollama-chat']);
const alwaysStrict = new Set<DialectName>(['anthropic-messages', 'bedrock', 'gemini', 'cohere-chat', 'ollama-chat']);

/** What each speaker says, apart from all that stands between. */
function textsOf({ items }: RequestMeaning): string[] {
  const texts = items.filter(({ what }) => what === 'text');
  return ['user', 'assistant'].map((speaker) =>
    texts.flatMap(({ who, says }) => (who === speaker ? [says] : [])).join(''),
  );
}

/** A schema without what closes its objects. */
function open(schema: unknown): unknown {
  return withoutKeys(schema, (key, value) => key === 'additionalProperties' && value === false);
}

function withoutEmptyLists(schema: unknown): unknown {
  return withoutKeys(schema, (key, value) => key === 'required' && Array.isArray(value) && value.length === 0);
}

function withoutKeys(schema: unknown, isLeftOut: (key: string, value: unknown) => boolean): unknown {
  if (Array.isArray(schema)) return schema.map((one) => withoutKeys(one, isLeftOut));
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([key, value]) => !isLeftOut(key, value));
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutKeys(value, isLeftOut)]));
}

function countOf({ items }: RequestMeaning, kind: string): number {
  return items.filter(({ what, says }) => kind === what || kind === `${what} ${labelOf(says)}`).length;
}

function labelOf(says: unknown): string {
  return String(says).split(' ')[0] ?? '';
}

function patternOfPart(part: string, who: string, says: unknown): RegExp {
  if (part === 'opaque') return new RegExp(labelOf(says));
  if (part === 'reasoning') return /reasoning|thought/;
  return new RegExp(who === 'tool' ? `${part} in a tool result|tool result\\) \\(${part}` : `\\(.*${part}`);
}
