import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, MediaPart, Message, ModelRequest, Part, ReasoningSettings, Tool } from '@xidao/dialects';

/** What a request asks, whatever dialect asks it and however it is cut into messages. */
export interface RequestMeaning {
  /** All instructions, one after the other, without white space. */
  system: string;
  /** True: some of them stand after the conversation has begun. */
  hasLateSystem: boolean;
  items: RequestItem[];
  tools: Map<string, ToolMeaning>;
  settings: Record<string, unknown>;
}

/** One thing that was said, called, answered or shown. */
export interface RequestItem {
  who: 'user' | 'assistant' | 'tool';
  what: Part['type'];
  says: string;
}

export interface ToolMeaning {
  type: Tool['type'];
  description: string;
  schema: unknown;
  strict: boolean;
}

/** What stands at an address on the network, by its bytes. Undefined: nobody but the provider can know. */
export type Fetched = (url: string) => Buffer | undefined;

/** Puts a request into the words in which two dialects can be compared. */
export function meaningOfRequest(request: ModelRequest, fetched: Fetched): RequestMeaning {
  const { messages, tools } = request;
  const spoken = messages.findIndex(({ role }) => !isSystem(role));
  const instructions = messages.filter(({ role }) => isSystem(role));
  const names = namesOfCalls(messages);
  return {
    system: withoutSpace(instructions.flatMap(({ parts }) => parts.map(textOf)).join('')),
    hasLateSystem: messages.some(({ role }, index) => isSystem(role) && spoken !== -1 && index > spoken),
    items: messages.flatMap((message) => (isSystem(message.role) ? [] : itemsOf(message, { names, fetched }))),
    tools: new Map(tools.map((tool) => [nameOf(tool), meaningOfTool(tool)])),
    settings: settingsOf(request),
  };
}

interface Reading {
  names: Map<string, string>;
  fetched: Fetched;
}

function isSystem(role: Message['role']): boolean {
  return role === 'system' || role === 'developer';
}

/** Ids of calls are rewritten for some providers; which call was answered is told by its name and its place among them. */
function namesOfCalls(messages: readonly Message[]): Map<string, string> {
  const calls = messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'tool-call'));
  return new Map(calls.map(({ id, name }, index) => [id, `${index} ${name}`]));
}

function itemsOf({ role, parts }: Message, reading: Reading): RequestItem[] {
  const who = role === 'assistant' ? 'assistant' : 'user';
  return parts.flatMap((part) => itemsOfPart(part, who, reading)).filter(({ says }) => says !== '');
}

function itemsOfPart(part: Part, who: RequestItem['who'], reading: Reading): RequestItem[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return [{ who, what: part.type, says: withoutSpace(part.text) }];
    case 'reasoning':
      return [{ who, what: part.type, says: withoutSpace(part.text ?? '') || 'unreadable' }];
    case 'tool-call':
      return [{ who, what: part.type, says: `${part.name} ${jsonOf(part.arguments)}` }];
    case 'tool-result': {
      const call = reading.names.get(part.callId) ?? `? ${part.name ?? ''}`;
      const text = part.parts.map(textOf).join('');
      const shown = part.parts.filter((one) => one.type !== 'text').flatMap((one) => itemsOfPart(one, 'tool', reading));
      return [{ who: 'tool', what: part.type, says: `${call} ${jsonOf(text)}` }, ...shown];
    }
    case 'opaque':
      return [{ who, what: part.type, says: `${part.label} ${jsonOf(JSON.stringify(part.value))}` }];
    default:
      return [{ who, what: part.type, says: keyOfMedia(part, reading.fetched) }];
  }
}

/** Media by their bytes where these are known, so that an image that was fetched on the way is the one that was named. */
function keyOfMedia({ source }: MediaPart, fetched: Fetched): string {
  switch (source.kind) {
    case 'base64':
      return hashOf(Buffer.from(source.data, 'base64'));
    case 'text':
      return `text ${withoutSpace(source.text)}`;
    case 'file-id':
      return `id ${source.id}`;
    case 'url': {
      const bytes = fetched(source.url);
      return bytes === undefined ? `url ${source.url}` : hashOf(bytes);
    }
  }
}

function hashOf(bytes: Buffer): string {
  return `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
}

function textOf(part: Part): string {
  return part.type === 'text' || part.type === 'refusal' ? part.text : '';
}

function nameOf(tool: Tool): string {
  return tool.type === 'hosted' ? tool.label : tool.name;
}

function meaningOfTool(tool: Tool): ToolMeaning {
  return {
    type: tool.type,
    description: tool.type === 'hosted' ? '' : withoutSpace(tool.description ?? ''),
    schema: tool.type === 'function' ? sorted(tool.parameters ?? {}) : undefined,
    strict: tool.type === 'function' && tool.strict === true,
  };
}

/** Settings that have a line of their own below, or say nothing of the answer. */
const apart = new Set(
  'messages tools model extras unread origin wording fieldOrder stream wantsUsage reasoning output'.split(' '),
);

/** Everything that steers the answer, as far as the request says it. */
function settingsOf(request: ModelRequest): Record<string, unknown> {
  const plain = Object.entries(request).filter(([key]) => !apart.has(key));
  const { output, reasoning } = request;
  const all = [
    ...plain,
    ['reasoning', depthOf(reasoning)],
    ['reasoning shown', isShown(reasoning?.summary) || undefined],
    ['encrypted reasoning', reasoning?.wantsEncrypted],
    ['output', output?.type],
    ...(output?.type === 'json-schema'
      ? [
          ['output schema', output.schema],
          ['output name', output.name],
          ['output strict', output.strict],
          ['output description', output.description],
        ]
      : []),
  ] as [string, unknown][];
  const said = all.filter(([key, value]) => value !== undefined && !isDeepStrictEqual(value, defaults[key]));
  return Object.fromEntries(said.map(([key, value]) => [key, sorted(value)]));
}

/** What is meant where nothing is said: to say it is to say nothing. */
const defaults: Record<string, unknown> = {
  choices: 1,
  temperature: 1,
  store: false,
  toolChoice: { type: 'auto' },
  parallelToolCalls: true,
  output: 'text',
};

/** How much is to be thought, in one word of several dialects. Undefined: as the model sees fit. */
function depthOf(settings: ReasoningSettings | undefined): string | undefined {
  if (settings === undefined) return undefined;
  const { enabled, effort, budgetTokens = -1 } = settings;
  if (enabled === false || effort === 'none' || budgetTokens === 0) return 'off';
  return budgetTokens > 0 ? `${budgetTokens} tokens` : effort;
}

function isShown(summary: string | undefined): boolean {
  return summary !== undefined && summary !== 'none' && summary !== 'omitted';
}

/** A text that is JSON in one spelling: a tool's result is a text in some dialects and an object in others. */
function jsonOf(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return withoutSpace(typeof value === 'string' ? value : JSON.stringify(sorted(value)));
  } catch {
    return withoutSpace(text);
  }
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, '');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as JsonObject).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
