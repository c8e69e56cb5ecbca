import fc from 'fast-check';
import { type DialectName, isObject, type JsonObject, type ModelRequest } from '../src/index.ts';
import type { FunctionTool, MediaSource, Message, Part, ToolCallPart, ToolChoice } from '../src/request.ts';

/** What each dialect has a word for, beyond what all have. */
export const CARRIES: Record<DialectName, ReadonlySet<string>> = {
  'openai-chat': words('late-system stop none required parallel allowed part-order effort schema-beside-tools'),
  'openai-responses': words(
    'late-system none required parallel allowed result-image part-order effort schema-beside-tools',
  ),
  'anthropic-messages': words(
    'error stop none required parallel result-image top-k part-order effort schema-beside-tools',
  ),
  gemini: words('error stop none required allowed result-image top-k part-order effort schema-beside-tools'),
  bedrock: words('error stop required result-image top-k part-order effort schema-beside-tools'),
  'cohere-chat': words('late-system stop none top-k part-order'),
  'ollama-chat': words('late-system stop top-k effort schema-beside-tools'),
  dashscope: words('late-system stop none parallel top-k part-order schema-beside-tools'),
};

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

const word = fc.stringMatching(/^[a-zß漢😀"\\<>{}]{1,12}$/u);
const text = fc
  .array(word, { minLength: 1, maxLength: 6 })
  .map((words) => words.join(' '))
  // A result that is JSON may be told as such, and come back in another writing.
  .filter((words) => !/^\s*[{[]/.test(words));
const data = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const image = data.map(
  (bytes): Part => ({
    type: 'image',
    source: { kind: 'base64', data: bytes, mediaType: 'image/png' },
  }),
);
const textPart = text.map((words): Part => ({ type: 'text', text: words }));
const json = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,6}$/),
  fc.oneof(
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })),
  ),
  { maxKeys: 4 },
);

const schema = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 3 }).chain((names) =>
  fc
    .array(
      fc.constantFrom<JsonObject>(
        { type: 'string', description: 'Words.' },
        { type: 'integer' },
        { type: 'boolean' },
        { type: 'array', items: { type: 'string' } },
        { type: 'string', enum: ['a', 'b'] },
      ),
      { minLength: names.length, maxLength: names.length },
    )
    .map(
      (types): JsonObject => ({
        type: 'object',
        properties: Object.fromEntries(names.map((name, at) => [name, types[at]!])),
        required: names,
        additionalProperties: false,
      }),
    ),
);

const TOOL_NAMES = ['look', 'read_file', 'Write-2'];
const tools = fc.array(fc.record({ schema, description: text }), { maxLength: 3 }).map((all) =>
  all.map(
    ({ schema: parameters, description }, at): FunctionTool => ({
      type: 'function',
      name: TOOL_NAMES[at]!,
      description,
      parameters,
    }),
  ),
);

/** A turn of the user, and the assistant's answer to it, with calls and their results where there are tools. */
function exchange(at: number, names: string[]) {
  const called = fc.tuple(fc.constantFrom('', ...names), json);
  const calls =
    names.length === 0
      ? fc.array(called, { maxLength: 0 })
      : fc.array(
          called.filter(([name]) => name !== ''),
          { maxLength: 3 },
        );
  const asks = fc.array(fc.oneof({ weight: 3, arbitrary: textPart }, image), { minLength: 1, maxLength: 3 });
  return fc
    .record({ asks, says: fc.option(textPart, { nil: undefined }), calls })
    .chain(({ asks: parts, says, calls: called }) => {
      const ids = called.map((_, n) => `call_${at}_${n}`);
      const made = called.map(
        ([name, args], n): ToolCallPart => ({
          type: 'tool-call',
          id: ids[n]!,
          name,
          arguments: JSON.stringify(args),
        }),
      );
      const results = fc.tuple(
        ...ids.map((callId) =>
          fc.record({ words: text, isError: fc.boolean(), picture: fc.option(image, { nil: undefined, freq: 4 }) }).map(
            ({ words, isError, picture }): Message => ({
              role: 'tool',
              parts: [
                {
                  type: 'tool-result',
                  callId,
                  parts: [{ type: 'text', text: words }, ...(picture === undefined ? [] : [picture])],
                  ...(isError ? { isError } : {}),
                },
              ],
            }),
          ),
        ),
      );
      const answer = [
        ...(says === undefined && made.length > 0 ? [] : [says ?? { type: 'text' as const, text: 'Yes.' }]),
        ...made,
      ];
      return results.map((told): Message[] => [{ role: 'user', parts }, { role: 'assistant', parts: answer }, ...told]);
    });
}

function choiceAmong(names: string[]): fc.Arbitrary<ToolChoice | undefined> {
  if (names.length === 0) return fc.constant(undefined);
  return fc.constantFrom<(ToolChoice | undefined)[]>(
    undefined,
    { type: 'auto' },
    { type: 'none' },
    { type: 'required' },
    { type: 'tool', name: names[0]! },
    { type: 'allowed', mode: 'auto', names: [...names] },
  );
}

const effort = fc.constantFrom(undefined, 'low' as const, 'medium' as const, 'high' as const);

/** Conversations as any client may hold them: several turns, calls and results, images, tools, settings. */
export const conversations: fc.Arbitrary<ModelRequest> = tools.chain((declared) => {
  const names = declared.map(({ name }) => name);
  return fc
    .record({
      system: fc.option(text, { nil: undefined }),
      late: fc.option(text, { nil: undefined, freq: 5 }),
      turns: fc.tuple(exchange(0, names), exchange(1, names)),
      last: textPart,
      toolChoice: choiceAmong(names),
      parallel: fc.constantFrom(undefined, false),
      maxOutputTokens: fc.integer({ min: 2000, max: 30_000 }),
      temperature: fc.constantFrom(undefined, 0, 0.25, 1),
      stop: fc.constantFrom<(string[] | undefined)[]>(undefined, ['END'], ['a', 'b']),
      topK: fc.constantFrom(undefined, 5),
      output: fc.option(schema, { nil: undefined }),
      wanted: effort,
      stream: fc.boolean(),
    })
    .map(({ system, late, turns, last, toolChoice, parallel, output, wanted, ...rest }): ModelRequest => {
      const demandsCall = toolChoice?.type === 'required' || toolChoice?.type === 'tool';
      // A model that must call something does not think, and one that thinks does not vary: no dialect joins the two.
      const thinks = wanted !== undefined && !demandsCall;
      const { temperature, topK, stop, ...settings } = rest;
      return {
        model: 'm',
        ...settings,
        messages: [
          ...(system === undefined ? [] : [said('system', system)]),
          ...turns[0],
          ...(late === undefined ? [] : [said('system', late)]),
          ...turns[1],
          { role: 'user', parts: [last] },
        ],
        tools: declared,
        ...(toolChoice === undefined ? {} : { toolChoice }),
        ...(parallel === undefined || names.length === 0 ? {} : { parallelToolCalls: parallel }),
        ...(stop === undefined ? {} : { stop }),
        ...(output === undefined ? {} : { output: { type: 'json-schema' as const, name: 'answer', schema: output } }),
        ...(thinks ? { reasoning: { effort: wanted } } : {}),
        ...(thinks || temperature === undefined ? {} : { temperature }),
        ...(thinks || topK === undefined ? {} : { topK }),
        origin: 'openai-chat',
        extras: {},
        unread: [],
      };
    });
});

function said(role: 'system', words: string): Message {
  return { role, parts: [{ type: 'text', text: words }] };
}

/** The request without what `carries` knows no word for. */
export function within(request: ModelRequest, carries: (what: string) => boolean): ModelRequest {
  const { toolChoice, parallelToolCalls, stop, topK, output, reasoning, ...rest } = request;
  const kind = toolChoice?.type === 'tool' ? 'required' : toolChoice?.type;
  const isSayable = kind !== undefined && (kind === 'auto' || carries(kind));
  const messages = request.messages.filter(({ role }, at) => role !== 'system' || at === 0 || carries('late-system'));
  return {
    ...rest,
    messages: messages.map((message) => ({ ...message, parts: message.parts.map((part) => sayable(part, carries)) })),
    ...(isSayable ? { toolChoice } : {}),
    ...(carries('parallel') && parallelToolCalls !== undefined ? { parallelToolCalls } : {}),
    ...(carries('stop') && stop !== undefined ? { stop } : {}),
    ...(carries('top-k') && topK !== undefined ? { topK } : {}),
    ...(output !== undefined && (request.tools.length === 0 || carries('schema-beside-tools')) ? { output } : {}),
    ...(carries('effort') && reasoning !== undefined ? { reasoning } : {}),
  };
}

function sayable(part: Part, carries: (what: string) => boolean): Part {
  if (part.type !== 'tool-result' || carries('result-image')) return part;
  return { ...part, parts: part.parts.filter(({ type }) => type === 'text') };
}

/** What the request means: two requests of one meaning give the same. */
export function meaningOf(request: ModelRequest, carries: (what: string) => boolean) {
  const { toolChoice, output, tools: declared, reasoning } = request;
  return {
    said: turnsOf(request, carries),
    tools: declared.map((tool) =>
      tool.type === 'function' ? { name: tool.name, description: tool.description, parameters: tool.parameters } : tool,
    ),
    choice: toolChoice?.type === 'auto' ? undefined : toolChoice,
    // Where none may be called, the number of calls is no matter.
    parallel: toolChoice?.type === 'none' || request.parallelToolCalls !== false,
    output: output?.type === 'json-schema' ? output.schema : output,
    effort: reasoning?.effort,
    limit: request.maxOutputTokens,
    temperature: request.temperature,
    topK: request.topK,
    stop: request.stop,
  };
}

/** The conversation as a row of things said, with the texts of one speaker put together. */
function turnsOf({ messages }: ModelRequest, carries: (what: string) => boolean): string[] {
  const row: { kind: string; words: string }[] = [];
  const add = (kind: string, words: string) => {
    const last = row.at(-1);
    if (last?.kind === kind && kind.endsWith('text')) last.words += words;
    else row.push({ kind, words });
  };
  for (const [at, { role, parts }] of messages.entries()) {
    const isLate = (role === 'system' || role === 'developer') && at > 0;
    const speaker = isLate && !carries('late-system') ? 'user' : role;
    for (const part of parts) addPart(part, speaker, add, carries);
  }
  return (carries('part-order') ? row : withMediaFirst(row)).map(({ kind, words }) => `${kind}: ${words}`);
}

/** Where images stand beside the text of a message, what came first is not known. */
function withMediaFirst(row: { kind: string; words: string }[]): { kind: string; words: string }[] {
  const sorted: { kind: string; words: string }[] = [];
  let images = 0;
  for (const one of row) {
    const last = sorted.at(-1);
    const isOfUser = one.kind.startsWith('user ');
    if (!isOfUser) images = sorted.length + 1;
    if (one.kind === 'user image') sorted.splice(images++, 0, one);
    else if (isOfUser && last?.kind === one.kind) last.words += one.words;
    else sorted.push({ ...one });
  }
  return sorted;
}

function addPart(
  part: Part,
  speaker: string,
  add: (kind: string, words: string) => void,
  carries: (what: string) => boolean,
): void {
  switch (part.type) {
    case 'text':
      // Where system messages cannot stand late, the user says them, marked.
      return add(`${speaker} text`, bare(part.text).replaceAll(/<\/?system>/g, ''));
    case 'image':
      return add(`${speaker} image`, sourceOf(part.source));
    case 'tool-call':
      return add('call', JSON.stringify([part.id, part.name, JSON.parse(part.arguments)]));
    case 'tool-result': {
      const isError = carries('error') ? part.isError === true : undefined;
      const inner = part.parts.filter(({ type }) => type === 'text' || carries('result-image'));
      const told = inner.map((one) =>
        one.type === 'text' ? bare(one.text) : one.type === 'image' ? sourceOf(one.source) : one.type,
      );
      return add('result', JSON.stringify([part.callId, isError, told]));
    }
    default:
      return add(`${speaker} ${part.type}`, isObject(part) ? JSON.stringify(part) : '');
  }
}

function sourceOf(source: MediaSource): string {
  return source.kind === 'base64' ? `${source.mediaType} ${source.data}` : source.kind;
}

/** The words without the white space by which dialects join texts. */
function bare(words: string): string {
  return words.replaceAll(/\s+/g, '');
}
