import type { JsonObject } from '../json.ts';
import type { Message } from '../request.ts';
import { type Piece, withCachePoints } from './cache-points.ts';
import { AS_THEY_ARE, type CallIds, createCallIds } from './call-ids.ts';
import { pairToolResults } from './pair-tool-results.ts';
import type { WriteJob } from './write-job.ts';
import { isBlank, writePart } from './write-parts.ts';

export interface Turn {
  role: 'user' | 'assistant' | 'system';
  pieces: Piece[];
  extras?: JsonObject;
}

export interface Conversation {
  system: Piece[];
  turns: Turn[];
}

/** The system blocks and the turns. A client's own words of this dialect stay as they are; all others are made to fit its rules. */
export function writeConversation(job: WriteJob): Conversation {
  const { messages } = job.request;
  const firstTurn = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  const turnsFrom = job.isOwn ? ownTurnsFrom(job) : firstTurn === -1 ? messages.length : firstTurn;
  const ids = job.isOwn ? AS_THEY_ARE : createCallIds(job.callIds);
  const system = messages.slice(0, turnsFrom).flatMap((message, index) => writeSystem(message, index, ids, job));
  const turns = messages.slice(turnsFrom).flatMap((message, index) => writeTurn(message, turnsFrom + index, ids, job));
  if (job.isOwn) return { system, turns };
  const paired = pairToolResults(mergeTurns(turns, job), job).map((turn) => withWords(turn, job));
  return begunByUser({ system, turns: ended(paired, job) }, job);
}

/** What this dialect calls `system` is the first message here. */
function ownTurnsFrom({ request }: WriteJob): number {
  return request.fieldOrder?.includes('system') && request.messages[0]?.role === 'system' ? 1 : 0;
}

function writeSystem(message: Message, index: number, ids: CallIds, job: WriteJob): Piece[] {
  return message.parts.flatMap((part, at) => {
    const path = job.pathOf(index, at);
    if (part.type !== 'text' && part.type !== 'refusal' && !job.isOwn) {
      job.drop(`${path} (${part.type} in a system message)`);
      return [];
    }
    const piece = writePart(part, 'system', path, ids, job);
    return piece === undefined || (!job.isOwn && isBlank(piece.block)) ? [] : [piece];
  });
}

function writeTurn(message: Message, index: number, ids: CallIds, job: WriteJob): Turn[] {
  if (message.role === 'assistant' && job.request.messages[index - 1]?.role !== 'assistant') ids.beginTurn();
  const pieces = message.parts.flatMap((part, at) => {
    const piece = writePart(part, message.role, job.pathOf(index, at), ids, job);
    return piece === undefined ? [] : [piece];
  });
  if (job.isOwn) {
    const role = message.role === 'assistant' || message.role === 'system' ? message.role : 'user';
    return [{ role, pieces, ...(message.extras === undefined ? {} : { extras: message.extras }) }];
  }
  if (message.name !== undefined && message.role !== 'tool') job.drop(`${pathOfMessage(index, job)}.name`);
  if (message.role === 'system' || message.role === 'developer') return writeLateSystem(pieces, index, job);
  if (message.role === 'assistant') return [{ role: 'assistant', pieces }];
  if (message.role === 'user' && pieces.every(({ block }) => isBlank(block))) {
    job.change(`${pathOfMessage(index, job)} empty→"(empty message)"`);
    return [{ role: 'user', pieces: [{ block: { text: '(empty message)' } }] }];
  }
  return [{ role: 'user', pieces }];
}

function pathOfMessage(index: number, job: WriteJob): string {
  return job.pathOf(index);
}

/** Stays where it is: hoisted to the top, it would change the prefix of the prompt, and with it every cached token. */
function writeLateSystem(pieces: Piece[], index: number, job: WriteJob): Turn[] {
  const texts = pieces.filter(({ block }) => typeof block['text'] === 'string' && !isBlank(block));
  if (texts.length === 0) return [];
  job.change(`${pathOfMessage(index, job)} system message→text of the user, marked <system>`);
  const wrapped = texts.map((piece) => ({
    ...piece,
    block: { text: `<system>\n${String(piece.block['text'])}\n</system>` },
  }));
  return [{ role: 'user', pieces: wrapped }];
}

/** Consecutive messages of one role are one turn; blank texts go, their cache mark moves to the block before. */
function mergeTurns(turns: Turn[], job: WriteJob): Turn[] {
  const merged: Turn[] = [];
  for (const { role, pieces } of turns) {
    const last = merged.at(-1);
    const into: Turn = last?.role === role ? last : { role, pieces: [] };
    for (const piece of pieces) addPiece(into.pieces, piece, job);
    if (into !== last && into.pieces.length > 0) merged.push(into);
  }
  return merged;
}

function addPiece(pieces: Piece[], piece: Piece, job: WriteJob): void {
  if (!isBlank(piece.block)) {
    pieces.push(piece);
    return;
  }
  if (piece.block['text'] !== '') job.drop('text of white space alone');
  const before = pieces.at(-1);
  if (before !== undefined && before.cache === undefined && piece.cache !== undefined) before.cache = piece.cache;
}

/** Documents without a word beside them are refused. */
function withWords(turn: Turn, job: WriteJob): Turn {
  const has = (name: string) => turn.pieces.some(({ block }) => block[name] !== undefined);
  if (!has('document') || has('text')) return turn;
  job.change('a document without any text→"(see the document)" beside it');
  return { ...turn, pieces: [...turn.pieces, { block: { text: '(see the document)' } }] };
}

/** The last words of an assistant are continued, and must not end in white space. */
function ended(turns: Turn[], job: WriteJob): Turn[] {
  const last = turns.at(-1);
  const block = last?.role === 'assistant' ? last.pieces.at(-1)?.block : undefined;
  if (typeof block?.['text'] === 'string' && /\s$/.test(block['text'])) {
    block['text'] = block['text'].trimEnd();
    job.change("white space at the end of the assistant's last text→none");
  }
  return turns;
}

/** There is a turn, and the first one is the user's. */
function begunByUser({ system, turns }: Conversation, job: WriteJob): Conversation {
  if (turns[0]?.role === 'user') return { system, turns };
  const opening = (text: string): Turn => ({ role: 'user', pieces: [{ block: { text } }] });
  if (turns.length > 0) {
    job.change('an assistant began→a line of the user before it');
    return { system, turns: [opening('(The conversation begins.)'), ...turns] };
  }
  const last = system.at(-1);
  if (last === undefined) return { system, turns: [opening('(empty message)')] };
  job.change('the only message, of the system→of the user');
  return { system: system.slice(0, -1), turns: [{ role: 'user', pieces: [last] }] };
}

export function writeTurns(turns: Turn[]): JsonObject[] {
  return turns.map(({ role, pieces, extras }) => ({ role, content: withCachePoints(pieces), ...extras }));
}
