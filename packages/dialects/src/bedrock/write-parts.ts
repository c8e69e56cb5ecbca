import type { Json, JsonObject } from '../json.ts';
import { parseArguments } from '../parse-arguments.ts';
import type { CacheMark, Part, ReasoningPart, Role, TextPart, ToolCallPart, ToolResultPart } from '../request.ts';
import type { Piece } from './cache-points.ts';
import type { CallIds } from './call-ids.ts';
import type { WriteJob } from './write-job.ts';
import { writeMedia } from './write-media.ts';

/** The block for a part with its cache mark, or undefined if there is none; what is lost stands in the receipt. */
export function writePart(part: Part, role: Role, path: string, ids: CallIds, job: WriteJob): Piece | undefined {
  if ((part.type === 'text' || part.type === 'tool-call') && part.signature !== undefined) {
    job.drop(`${path} (thought signature)`);
  }
  const block = writeBlock(part, role, path, ids, job);
  if (block === undefined) return undefined;
  // A cache point right after reasoning is refused.
  const cache = 'cache' in part && (job.isOwn || part.type !== 'reasoning') ? part.cache : undefined;
  const mark = cache ?? (part.type === 'tool-result' ? lastInnerMark(part) : undefined);
  return mark === undefined ? { block } : { block, cache: mark };
}

function writeBlock(part: Part, role: Role, path: string, ids: CallIds, job: WriteJob): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return writeText(part, path, job);
    case 'refusal':
      return { text: part.text };
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
      if (role === 'assistant' && !job.isOwn) {
        job.drop(`${path} (${part.type} of an assistant)`);
        return undefined;
      }
      return guarded(writeMedia(part, path, job), part.extras, job);
    case 'tool-call':
      return writeToolCall(part, path, ids, job);
    case 'tool-result':
      return writeToolResult(part, path, ids, job);
    case 'reasoning':
      return writeReasoning(part, path, job);
    case 'opaque':
      if (part.origin === 'bedrock') return { ...part.value };
      job.drop(`${path} (${part.label})`);
      return undefined;
  }
}

function writeText(part: TextPart, path: string, job: WriteJob): JsonObject {
  if (!job.isOwn) {
    if (part.citations !== undefined && part.citations.length > 0) job.drop(`${path}.citations`);
    return { text: part.text };
  }
  const { json, guardContent, citedContent } = part.extras ?? {};
  if (json === true) return { json: parseOr(part.text) };
  if (guardContent !== undefined)
    return { guardContent: { text: { text: part.text, ...(guardContent as JsonObject) } } };
  if (part.citations === undefined) return { text: part.text };
  const content = citedContent === undefined ? [{ text: part.text }] : citedContent;
  const citations = part.citations.map(({ value }) => value);
  return { citationsContent: { ...(content === null ? {} : { content }), citations } };
}

function guarded(block: JsonObject | undefined, extras: JsonObject | undefined, job: WriteJob): JsonObject | undefined {
  return block !== undefined && job.isOwn && extras?.['guardContent'] !== undefined ? { guardContent: block } : block;
}

function writeToolCall(part: ToolCallPart, path: string, ids: CallIds, job: WriteJob): JsonObject {
  if (job.traits.takesTools === false) {
    job.change(`${path} tool call→text`);
    return { text: `[Called ${part.name} with ${part.arguments}]` };
  }
  const toolUse = { toolUseId: ids.forCall(part.id), name: job.toolName(part.name) };
  if (job.isOwn) return { toolUse: { ...toolUse, input: parseOr(part.arguments), ...part.extras } };
  const { input, isWrapped } = part.custom
    ? { input: { input: part.arguments }, isWrapped: false }
    : parseArguments(part.arguments);
  if (isWrapped) job.change(`${path} arguments (no JSON object)→{"arguments": …}`);
  return { toolUse: { ...toolUse, input } };
}

function writeToolResult(part: ToolResultPart, path: string, ids: CallIds, job: WriteJob): JsonObject {
  const content = part.parts
    .map((inner, index) => writePart(inner, 'tool', `${path}.content[${index}]`, ids, job)?.block)
    .filter((block) => block !== undefined)
    .filter((block) => job.isOwn || (!isBlank(block) && isResultContent(block, path, job)));
  if (!job.isOwn && content.length === 0) {
    // An empty result is refused by some models, and by all of them for an error.
    content.push({ text: '(no output)' });
    job.change(`${path} empty result→"(no output)"`);
  }
  const toolResult: JsonObject = { toolUseId: ids.forResult(part.callId), content };
  if (part.isError === true) toolResult['status'] = 'error';
  if (job.isOwn && part.isError === false) toolResult['status'] = 'success';
  if (job.isOwn) Object.assign(toolResult, part.extras);
  return job.traits.takesTools === false ? resultAsText(part, content) : { toolResult };
}

const RESULT_CONTENT = ['text', 'json', 'image', 'document', 'video', 'searchResult'];

function isResultContent(block: JsonObject, path: string, job: WriteJob): boolean {
  const [name = ''] = Object.keys(block);
  if (RESULT_CONTENT.includes(name)) return true;
  job.drop(`${path} ${name} in a tool result`);
  return false;
}

function resultAsText(part: ToolResultPart, content: JsonObject[]): JsonObject {
  const texts = content.flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
  return { text: `[Result of the tool call ${part.callId}]\n${texts.join('\n')}` };
}

/** Reasoning goes back to the service that signed it, and to no other: it would refuse the whole request. */
function writeReasoning(part: ReasoningPart, path: string, job: WriteJob): JsonObject | undefined {
  const isBound = part.boundTo === 'bedrock' && (part.signature ?? part.redacted) !== undefined;
  if (!(isBound || (job.isOwn && part.boundTo === undefined)) || job.traits.reasoning === 'none') {
    const whose = part.boundTo === undefined || part.boundTo === 'bedrock' ? '' : ` of ${part.boundTo}`;
    if (part.text || part.signature || part.encrypted || part.redacted)
      job.dropReasoning(`${path} (reasoning${whose})`);
    return undefined;
  }
  if (part.redacted !== undefined) return { reasoningContent: { redactedContent: part.redacted } };
  const signature = part.signature === undefined ? {} : { signature: part.signature };
  return { reasoningContent: { reasoningText: { text: part.text ?? '', ...signature } } };
}

/** A text without any visible character is refused. */
export function isBlank(block: JsonObject): boolean {
  return typeof block['text'] === 'string' && block['text'].trim() === '';
}

/** There is no cache point within a result, so the one after it stands for those inside. */
function lastInnerMark({ parts }: ToolResultPart): CacheMark | undefined {
  return parts.flatMap((inner) => ('cache' in inner && inner.cache !== undefined ? [inner.cache] : [])).at(-1);
}

function parseOr(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
