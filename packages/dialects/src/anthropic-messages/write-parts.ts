import type { JsonObject } from '../json.ts';
import { parseArguments } from '../parse-arguments.ts';
import type {
  CacheMark,
  Citation,
  Part,
  ReasoningPart,
  Role,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../request.ts';
import { writeCitation } from './citations.ts';
import type { WriteJob } from './write-job.ts';
import { writeMedia } from './write-media.ts';

/** The ids of calls and results as they are sent. */
export interface CallIds {
  /** The assistant speaks anew: results from here on belong to calls from here on. */
  beginTurn(): void;
  forCall(id: string): string;
  forResult(id: string): string;
}

/** The block for a part, or undefined if there is none; what is lost stands in the receipt. */
export function writePart(part: Part, role: Role, path: string, ids: CallIds, job: WriteJob): JsonObject | undefined {
  if ((part.type === 'text' || part.type === 'tool-call') && part.signature !== undefined) {
    job.drop(`${path} (thought signature)`);
  }
  switch (part.type) {
    case 'text':
      return writeText(part, path, job);
    case 'refusal':
      return { type: 'text', text: part.text };
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
      if (role === 'assistant' && !job.isOwn) {
        job.drop(`${path} (${part.type} of an assistant)`);
        return undefined;
      }
      return marked(writeMedia(part, path, job), part.cache, undefined);
    case 'tool-call':
      return writeToolCall(part, path, ids, job);
    case 'tool-result':
      return writeToolResult(part, path, ids, job);
    case 'reasoning':
      return writeReasoning(part, path, job);
    case 'opaque':
      if (part.origin === 'anthropic-messages') return { ...part.value };
      job.drop(`${path} (${part.label})`);
      return undefined;
  }
}

function writeText(part: TextPart, path: string, job: WriteJob): JsonObject {
  const { cache_control: control, ...extras } = ownExtras(part.extras, job);
  const citations = (part.citations ?? [])
    .map((citation) => ownCitation(citation))
    .filter((value) => value !== undefined);
  if (citations.length < (part.citations?.length ?? 0)) job.drop(`${path}.citations`);
  const block: JsonObject = { type: 'text', text: part.text, ...extras };
  if (citations.length > 0) block['citations'] = citations;
  return marked(block, part.cache, control);
}

/** Only citations that Anthropic itself made can be sent back to it: they carry its own index. */
function ownCitation(citation: Citation): JsonObject | undefined {
  return citation.origin === 'anthropic-messages' ? writeCitation(citation) : undefined;
}

function writeToolCall(part: ToolCallPart, path: string, ids: CallIds, job: WriteJob): JsonObject {
  if (job.traits.takesTools === false) {
    job.change(`${path} tool call→text`);
    return { type: 'text', text: `[Called ${part.name} with ${part.arguments}]` };
  }
  const { cache_control: control, ...extras } = ownExtras(part.extras, job);
  const { input, isWrapped } = part.custom
    ? { input: { input: part.arguments }, isWrapped: false }
    : parseArguments(part.arguments);
  if (isWrapped && !job.isOwn) job.change(`${path} arguments (no JSON object)→{"arguments": …}`);
  const name = job.isOwn ? part.name : job.names.write(part.name);
  return marked({ type: 'tool_use', id: ids.forCall(part.id), name, input, ...extras }, part.cache, control);
}

function writeToolResult(part: ToolResultPart, path: string, ids: CallIds, job: WriteJob): JsonObject {
  const { cache_control: control, ...extras } = ownExtras(part.extras, job);
  const blocks = part.parts
    .map((inner, index) => writePart(inner, 'tool', `${path}.content[${index}]`, ids, job))
    .filter((block) => block !== undefined)
    .filter((block) => job.isOwn || !isBlank(block));
  const block: JsonObject = { type: 'tool_result', tool_use_id: ids.forResult(part.callId), ...extras };
  if (blocks.length > 0) block['content'] = asContent(blocks);
  if (part.isError !== undefined && (part.isError || job.isOwn)) block['is_error'] = part.isError;
  return marked(block, part.cache, control);
}

/** Reasoning goes back to the provider that signed it, and to no other: it would refuse the whole request. */
function writeReasoning(part: ReasoningPart, path: string, job: WriteJob): JsonObject | undefined {
  const isSigned = part.boundTo === 'anthropic-messages' && (part.signature ?? part.redacted) !== undefined;
  if (!isSigned || job.traits.reasoning === 'none') {
    const whose = part.boundTo === undefined || isSigned ? '' : ` of ${part.boundTo}`;
    if (part.text || part.signature || part.encrypted || part.redacted)
      job.dropReasoning(`${path} (reasoning${whose})`);
    return undefined;
  }
  const extras = ownExtras(part.extras, job);
  if (part.redacted !== undefined) return { type: 'redacted_thinking', data: part.redacted, ...extras };
  return { type: 'thinking', thinking: part.text ?? '', signature: part.signature, ...extras };
}

/** The block with its cache mark: as the client wrote it, or made anew. */
export function marked<B extends JsonObject | undefined>(
  block: B,
  cache: CacheMark | undefined,
  control: JsonObject[string],
): B {
  if (block === undefined || cache === undefined || block['cache_control'] !== undefined) return block;
  block['cache_control'] = control ?? { type: 'ephemeral', ...(cache.ttl === undefined ? {} : { ttl: cache.ttl }) };
  return block;
}

/** One plain text is written as such, anything else as blocks. */
export function asContent(blocks: JsonObject[]): string | JsonObject[] {
  const [first] = blocks;
  const isPlain = blocks.length === 1 && first?.['type'] === 'text' && Object.keys(first).length === 2;
  return isPlain ? (first?.['text'] as string) : blocks;
}

/** Text blocks without any visible character are refused. */
export function isBlank(block: JsonObject): boolean {
  return block['type'] === 'text' && String(block['text']).trim() === '';
}

function ownExtras(extras: JsonObject | undefined, job: WriteJob): JsonObject {
  return job.isOwn ? (extras ?? {}) : {};
}
