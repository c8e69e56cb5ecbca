import type { JsonObject } from '../json.ts';
import type { Message } from '../request.ts';
import { createCallIds } from './call-ids.ts';
import { pairToolResults } from './pair-tool-results.ts';
import type { WriteJob } from './write-job.ts';
import { asContent, type CallIds, isBlank, writePart } from './write-parts.ts';

export interface Turn {
  role: 'user' | 'assistant' | 'system';
  blocks: JsonObject[];
  extras?: JsonObject;
}

export interface Conversation {
  system: JsonObject[];
  turns: Turn[];
}

/** The system blocks and the turns. A client's own words of this dialect stay as they are; all others are made to fit its rules. */
export function writeConversation(job: WriteJob): Conversation {
  const { messages } = job.request;
  const firstTurn = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  const turnsFrom = firstTurn === -1 ? messages.length : firstTurn;
  const ids = job.isOwn ? AS_THEY_ARE : createCallIds(job.callIds);
  const system = messages.slice(0, turnsFrom).flatMap((message, index) => writeSystem(message, index, ids, job));
  const turns = messages.slice(turnsFrom).flatMap((message, index) => writeTurn(message, turnsFrom + index, ids, job));
  if (job.isOwn) return { system, turns };
  return begunByUser({ system, turns: ended(pairToolResults(mergeTurns(turns, job), job), job) }, job);
}

const AS_THEY_ARE: CallIds = { beginTurn: () => {}, forCall: (id) => id, forResult: (id) => id };

function writeSystem(message: Message, index: number, ids: CallIds, job: WriteJob): JsonObject[] {
  return message.parts.flatMap((part, at) => {
    const path = job.pathOf(index, at);
    if (part.type !== 'text' && part.type !== 'refusal' && !job.isOwn) {
      job.drop(`${path} (${part.type} in a system message)`);
      return [];
    }
    const block = writePart(part, 'system', path, ids, job);
    return block === undefined || (!job.isOwn && isBlank(block)) ? [] : [block];
  });
}

function writeTurn(message: Message, index: number, ids: CallIds, job: WriteJob): Turn[] {
  if (message.role === 'assistant' && job.request.messages[index - 1]?.role !== 'assistant') ids.beginTurn();
  const blocks = message.parts.flatMap((part, at) => {
    const block = writePart(part, message.role, job.pathOf(index, at), ids, job);
    return block === undefined ? [] : [block];
  });
  if (job.isOwn) {
    // Nothing is left where a message held another provider's reasoning alone.
    if (blocks.length === 0 && message.parts.length > 0) return [];
    const role = message.role === 'assistant' || message.role === 'system' ? message.role : 'user';
    return [{ role, blocks, ...(message.extras === undefined ? {} : { extras: message.extras }) }];
  }
  if (message.name !== undefined && message.role !== 'tool') job.drop(`${job.pathOf(index)}.name`);
  if (message.role === 'system' || message.role === 'developer') return writeLateSystem(blocks, index, job);
  if (message.role === 'assistant') return [{ role: 'assistant', blocks }];
  if (message.role === 'user' && blocks.every(isBlank)) return [{ role: 'user', blocks: [emptyMessage(index, job)] }];
  return [{ role: 'user', blocks }];
}

/** Stays where it is: hoisted to the top, it would change the prefix of the prompt, and with it every cached token. */
function writeLateSystem(blocks: JsonObject[], index: number, job: WriteJob): Turn[] {
  const texts = blocks.filter((block) => block['type'] === 'text' && !isBlank(block));
  if (texts.length === 0) return [];
  job.change(`${job.pathOf(index)} system message→text of the user, marked <system>`);
  const wrapped = texts.map((block) => ({ ...block, text: `<system>\n${String(block['text'])}\n</system>` }));
  return [{ role: 'user', blocks: wrapped }];
}

function emptyMessage(index: number, job: WriteJob): JsonObject {
  job.change(`${job.pathOf(index, 0)} empty→"(empty message)"`);
  return { type: 'text', text: '(empty message)' };
}

/** Consecutive messages of one role are one turn; blank texts go, their cache mark moves to the block before. */
function mergeTurns(turns: Turn[], job: WriteJob): Turn[] {
  const merged: Turn[] = [];
  for (const { role, blocks } of turns) {
    const last = merged.at(-1);
    const into = last?.role === role ? last : { role, blocks: [] as JsonObject[] };
    for (const block of blocks) addBlock(into.blocks, block, job);
    if (into !== last && into.blocks.length > 0) merged.push(into);
  }
  return merged;
}

function addBlock(blocks: JsonObject[], block: JsonObject, job: WriteJob): void {
  if (!isBlank(block)) {
    blocks.push(block);
    return;
  }
  if (block['text'] !== '') job.drop(`text of white space alone`);
  const before = blocks.at(-1);
  const takesMark = before !== undefined && before['type'] !== 'thinking' && before['type'] !== 'redacted_thinking';
  if (takesMark && block['cache_control'] !== undefined) before['cache_control'] ??= block['cache_control'];
}

/** The last words of an assistant are continued, and must not end in white space. */
function ended(turns: Turn[], job: WriteJob): Turn[] {
  const last = turns.at(-1);
  const block = last?.role === 'assistant' ? last.blocks.at(-1) : undefined;
  if (block?.['type'] === 'text' && typeof block['text'] === 'string' && /\s$/.test(block['text'])) {
    block['text'] = block['text'].trimEnd();
    job.change("white space at the end of the assistant's last text→none");
  }
  return turns;
}

/** There is a turn, and the first one is the user's. */
function begunByUser({ system, turns }: Conversation, job: WriteJob): Conversation {
  if (turns[0]?.role === 'user') return { system, turns };
  if (turns.length > 0) {
    job.change('an assistant began→a line of the user before it');
    return {
      system,
      turns: [{ role: 'user', blocks: [{ type: 'text', text: '(The conversation begins.)' }] }, ...turns],
    };
  }
  const last = system.at(-1);
  if (last === undefined)
    return { system, turns: [{ role: 'user', blocks: [{ type: 'text', text: '(empty message)' }] }] };
  job.change('the only message, of the system→of the user');
  return { system: system.slice(0, -1), turns: [{ role: 'user', blocks: [last] }] };
}

export function writeTurns(turns: Turn[]): JsonObject[] {
  return turns.map(({ role, blocks, extras }) => ({
    role,
    content: blocks.length === 0 ? '' : asContent(blocks),
    ...extras,
  }));
}
