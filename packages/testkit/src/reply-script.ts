import { type Asked, countWords } from './asked.ts';
import { sampleOf } from './offered-tools.ts';

/** Why the model stops. Each dialect says it in its own words. */
export type Finish = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'refusal' | 'stop-sequence' | 'pause';

export interface ToolCallScript {
  id?: string;
  name: string;
  /** A value is written as JSON; a string goes out as it is, also when it is no JSON. */
  arguments?: unknown;
  /** The arguments as a stream tells them, piece by piece. Default: cut in three. */
  pieces?: string[];
}

/** Counts in tokens, in one convention for all dialects: `input` holds the cached and written ones, `output` the reasoning. */
export interface UsageScript {
  input?: number;
  output?: number;
  cached?: number;
  cacheWrite?: number;
  reasoning?: number;
}

export interface CitationScript {
  url: string;
  title: string;
  /** The words of the answer that it supports. Default: the whole text. */
  text?: string;
}

/** What to answer, in no dialect's words. Whatever is left out is as plain as the dialect allows. */
export interface ReplyScript {
  text?: string;
  reasoning?: string;
  /** The name of the reasoning field in OpenAI Chat, which hosts spell in two ways. */
  reasoningField?: 'reasoning_content' | 'reasoning';
  /** The provider's seal on the reasoning (Anthropic signature, Gemini thought signature, Responses encrypted content). */
  signature?: string;
  toolCalls?: ToolCallScript[];
  /** Streams tell the pieces of several tool calls in turns, where the dialect can. */
  parallel?: boolean;
  refusal?: string;
  finish?: Finish;
  /** The dialect's own word, sent as it is instead of `finish`. */
  rawFinish?: string;
  usage?: UsageScript;
  /** The model that answers, as the answer names it. Default: the one asked for. */
  model?: string;
  id?: string;
  /** How a stream cuts the text: by words (default), by characters, not at all, every n characters, or just so. */
  chunks?: 'words' | 'characters' | 'whole' | number | string[];
  citations?: CitationScript[];
}

export interface SaidToolCall {
  id: string;
  name: string;
  arguments: string;
  pieces: string[];
}

/** A script with every blank filled in, ready to be written in a dialect. */
export interface Said {
  id: string;
  model: string;
  createdSeconds: number;
  text: string;
  pieces: string[];
  reasoning: string;
  reasoningPieces: string[];
  reasoningField: 'reasoning_content' | 'reasoning';
  signature: string;
  refusal: string | undefined;
  toolCalls: SaidToolCall[];
  parallel: boolean;
  finish: Finish;
  rawFinish: string | undefined;
  usage: Required<UsageScript>;
  citations: Required<CitationScript>[];
}

/** The moment at which every scripted answer was made, so that bytes repeat from run to run. */
export const createdSeconds = 1_760_000_000;

const plainSignature = Buffer.from('sealed by the upstream of the testkit').toString('base64');

/** Fills in a script for one request. Usage not given is one token for each word. */
export function say(asked: Asked, script: ReplyScript): Said {
  const toolCalls = (script.toolCalls ?? []).map((call, index) => sayToolCall(asked, call, index));
  const text = script.text ?? '';
  const reasoning = script.reasoning ?? '';
  return {
    id: script.id ?? `${String(asked.call.number).padStart(8, '0')}`,
    model: script.model ?? asked.model,
    createdSeconds,
    text,
    pieces: cutText(text, script.chunks ?? 'words'),
    reasoning,
    reasoningPieces: cutText(reasoning, Array.isArray(script.chunks) ? 'words' : (script.chunks ?? 'words')),
    reasoningField: script.reasoningField ?? 'reasoning_content',
    signature: script.signature ?? plainSignature,
    refusal: script.refusal,
    toolCalls,
    parallel: script.parallel ?? false,
    finish: script.finish ?? (toolCalls.length > 0 ? 'tool-calls' : script.refusal === undefined ? 'stop' : 'refusal'),
    rawFinish: script.rawFinish,
    usage: countUsage(asked, script, toolCalls),
    citations: (script.citations ?? []).map((citation) => ({ ...citation, text: citation.text ?? text })),
  };
}

/** The script that answers a request nobody wrote one for: calls what must be called, keeps to a schema, else echoes. */
export function plainScript(asked: Asked): ReplyScript {
  const word = asked.lastUserText || 'Hello';
  if (asked.demandedTools.length > 0) {
    return { toolCalls: asked.demandedTools.map(({ name, schema }) => ({ name, arguments: sampleOf(schema, word) })) };
  }
  if (asked.jsonSchema !== undefined) return { text: JSON.stringify(sampleOf(asked.jsonSchema, word)) };
  return { text: word };
}

/** Cuts a text into the pieces in which a stream tells it; joined they are the text again. Never inside a character. */
export function cutText(text: string, how: NonNullable<ReplyScript['chunks']>): string[] {
  if (Array.isArray(how)) return how;
  if (text === '') return [];
  if (how === 'whole') return [text];
  if (how === 'words') return text.match(/\s*\S+\s*$|\s*\S+|\s+/g) ?? [text];
  const characters = [...text];
  const size = how === 'characters' ? 1 : how;
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, index) =>
    characters.slice(index * size, (index + 1) * size).join(''),
  );
}

const idPrefixes = { openai: 'call_', anthropic: 'toolu_', gemini: 'fc_', bedrock: 'tooluse_' };

function sayToolCall(asked: Asked, call: ToolCallScript, index: number): SaidToolCall {
  const written = call.arguments ?? call.pieces?.join('') ?? {};
  const text = typeof written === 'string' ? written : JSON.stringify(written);
  const id = call.id ?? `${idPrefixes[asked.surface]}${String(asked.call.number).padStart(8, '0')}${index}`;
  const pieces = call.pieces ?? cutText(text, Math.max(1, Math.ceil([...text].length / 3)));
  return { id, name: call.name, arguments: text, pieces };
}

function countUsage(asked: Asked, script: ReplyScript, toolCalls: SaidToolCall[]): Required<UsageScript> {
  const { usage } = script;
  const reasoning = usage?.reasoning ?? countWords(script.reasoning ?? '');
  const spoken = [script.text ?? '', script.refusal ?? '', ...toolCalls.map((call) => call.arguments)].join(' ');
  return {
    input: usage?.input ?? asked.inputWords,
    output: usage?.output ?? countWords(spoken) + reasoning,
    cached: usage?.cached ?? 0,
    cacheWrite: usage?.cacheWrite ?? 0,
    reasoning,
  };
}
