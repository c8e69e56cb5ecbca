import { isObject, type Json, type JsonObject, withoutEncrypted } from '@xidao/dialects';
import { GatewayError } from '../core/errors.ts';
import type { KeptResponse } from '../core/kept-response.ts';

/** A page of the items that a response was made from, as clients ask for it. */
export interface ItemPage {
  limit: number;
  order: 'asc' | 'desc';
  /** The id of the item after which the page begins. */
  after: string | undefined;
}

/** How the ids of items begin, by type, where a client gave them none. */
const PREFIXES: Record<string, string> = {
  message: 'msg_',
  reasoning: 'rs_',
  function_call: 'fc_',
  function_call_output: 'fco_',
  custom_tool_call: 'ctc_',
  custom_tool_call_output: 'ctco_',
};

/** Everything that a response was made from and what it said, as items to read messages from. Our own ids mean nothing to a provider. */
export function itemsOfTurn({ input, response }: KeptResponse): JsonObject[] {
  const said = outputOf(response).map(({ id: _, status: __, ...item }) => item);
  return [...readInput(input), ...said];
}

/** The items that the last of these responses was made from: its own input, and before it all input and output of the earlier ones. */
export function inputItems(conversation: readonly KeptResponse[]): JsonObject[] {
  return conversation.flatMap((kept, index) => {
    const own = readInput(kept.input).map((item, place) => withId(item, `${kept.id.replace(/^resp_/, '')}_in${place}`));
    const isLast = index === conversation.length - 1;
    return isLast ? own : [...own, ...withoutEncrypted(outputOf(kept.response))];
  });
}

/** OpenAI's list object for one page. Throws `invalid_request` where the page begins at an item that is not there. */
export function pageOf(items: readonly JsonObject[], { limit, order, after }: ItemPage): JsonObject {
  const inOrder = order === 'asc' ? [...items] : items.toReversed();
  const start = after === undefined ? 0 : inOrder.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0) {
    throw new GatewayError('invalid_request', `No item with id '${after.slice(0, 100)}' found.`, { param: 'after' });
  }
  const data = inOrder.slice(start, start + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: start + limit < inOrder.length,
  };
}

export function outputOf({ output }: JsonObject): JsonObject[] {
  return Array.isArray(output) ? output.filter(isObject) : [];
}

/** A text is one message; the short form of a message is written out, as OpenAI shows it. */
function readInput(text: string): JsonObject[] {
  const input = JSON.parse(text) as Json;
  if (typeof input === 'string') return [messageOf({ role: 'user', content: input })];
  if (!Array.isArray(input)) return [];
  return input.filter(isObject).map((item) => (isMessage(item) ? messageOf(item) : item));
}

function isMessage({ type, role }: JsonObject): boolean {
  return (type === undefined && role !== undefined) || type === 'message';
}

function messageOf(item: JsonObject): JsonObject {
  const { content, role } = item;
  const type = role === 'assistant' ? 'output_text' : 'input_text';
  return {
    ...item,
    type: 'message',
    content: typeof content === 'string' ? [{ type, text: content }] : (content ?? []),
  };
}

function withId(item: JsonObject, id: string): JsonObject {
  if (typeof item['id'] === 'string') return item;
  return { id: `${PREFIXES[String(item['type'])] ?? 'item_'}${id}`, ...item };
}
