import type { DialectName } from '../dialect.ts';
import type { JsonObject } from '../json.ts';

/**
 * The words of `reasoning_details`, in which OpenRouter tells reasoning with its signatures and takes it back. They are
 * the only common way to hand bound reasoning to a chat client, so bound reasoning of every dialect is told in them.
 */
const FORMATS: Record<string, DialectName> = {
  'anthropic-claude-v1': 'anthropic-messages',
  'openai-responses-v1': 'openai-responses',
  'google-gemini-v1': 'gemini',
  'amazon-bedrock-v1': 'bedrock',
};

const FORMAT_OF = new Map(Object.entries(FORMATS).map(([format, dialect]) => [dialect, format]));

/** Reasoning as one item tells it. In streams an item may hold a piece of the text, or the signature alone. */
export interface ReasoningDetail {
  text: string;
  isSummary: boolean;
  /** Items of one block have this in common. */
  key: string;
  id?: string;
  signature?: string;
  redacted?: string;
  encrypted?: string;
  boundTo?: DialectName;
}

/** Reads one item; undefined for a type that is not known. */
export function readReasoningDetail(item: JsonObject): ReasoningDetail | undefined {
  const type = item['type'];
  const detail: ReasoningDetail = { text: '', isSummary: false, key: keyOf(item) };
  const { id, signature } = item;
  if (typeof id === 'string') detail.id = id;
  if (type === 'reasoning.text' || type === 'reasoning.summary') {
    const text = type === 'reasoning.text' ? item['text'] : item['summary'];
    detail.isSummary = type === 'reasoning.summary';
    if (typeof text === 'string') detail.text = text;
    if (typeof signature === 'string' && signature !== '') {
      detail.signature = signature;
      detail.boundTo = boundTo(item);
    }
    return detail;
  }
  if (type !== 'reasoning.encrypted' || typeof item['data'] !== 'string') return undefined;
  const bound = boundTo(item, item['data']);
  detail.boundTo = bound;
  if (bound === 'anthropic-messages' || bound === 'bedrock') detail.redacted = item['data'];
  else detail.encrypted = item['data'];
  return detail;
}

function keyOf({ id, index, type }: JsonObject): string {
  return typeof id === 'string' ? `id ${id}` : `${type} ${index ?? 0}`;
}

/**
 * Whose the secret is. OpenRouter wraps what OpenAI encrypts (a dot and its own text follow), and Gemini's signatures
 * come from it as encrypted items: such secrets are good for the host that told them and for nobody else.
 */
function boundTo(item: JsonObject, data = ''): DialectName {
  const dialect = FORMATS[String(item['format'])] ?? 'openai-chat';
  if (dialect === 'gemini' || (dialect === 'openai-responses' && data.includes('.'))) return 'openai-chat';
  return dialect;
}

/** The items of one reasoning block: its text or summary, and what is encrypted of it. */
export function writeReasoningDetails(
  block: Partial<ReasoningDetail> & { format?: string },
  index: number,
): JsonObject[] {
  const common: JsonObject = {
    ...(block.id === undefined ? {} : { id: block.id }),
    format: block.format ?? (block.boundTo ? (FORMAT_OF.get(block.boundTo) ?? 'unknown') : 'unknown'),
    index,
  };
  const items: JsonObject[] = [];
  if (block.isSummary) items.push({ type: 'reasoning.summary', summary: block.text ?? '', ...common });
  else if (block.text || block.signature !== undefined) {
    const item: JsonObject = { type: 'reasoning.text', text: block.text ?? '', ...common };
    if (block.signature !== undefined) item['signature'] = block.signature;
    items.push(item);
  }
  const secret = block.redacted ?? block.encrypted;
  if (secret !== undefined) items.push({ type: 'reasoning.encrypted', data: secret, ...common });
  return items;
}
