import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { Piece } from './cache-points.ts';
import type { Turn } from './write-conversation.ts';
import type { WriteJob } from './write-job.ts';

/**
 * Puts the results of a turn's calls at the head of the user's next turn, each once and in the order of the calls. The
 * API refuses a call without a result and a result without a call: the one gets a result that says so, the other
 * becomes text.
 */
export function pairToolResults(turns: Turn[], job: WriteJob): Turn[] {
  const paired: Turn[] = [];
  for (const turn of turns) {
    const calls = idsOfCalls(paired.at(-1));
    // Two turns of one role never follow each other, so that only the last calls of all can be left without a turn.
    paired.push(turn.role === 'assistant' ? turn : pairTurn(turn, calls, job));
  }
  const unanswered = idsOfCalls(paired.at(-1));
  if (unanswered.length > 0) paired.push(pairTurn({ role: 'user', pieces: [] }, unanswered, job));
  return paired;
}

function idsOfCalls(turn: Turn | undefined): string[] {
  if (turn?.role !== 'assistant') return [];
  return turn.pieces.flatMap(({ block: { toolUse } }) => (isObject(toolUse) ? [String(toolUse['toolUseId'])] : []));
}

function pairTurn(turn: Turn, calls: string[], job: WriteJob): Turn {
  const results = new Map<string, Piece>();
  const others: Piece[] = [];
  for (const piece of turn.pieces) {
    const result = piece.block['toolResult'];
    if (!isObject(result)) others.push(piece);
    else if (calls.includes(String(result['toolUseId']))) keepLast(results, String(result['toolUseId']), piece, job);
    else others.push(...asText(piece, result, job));
  }
  const ordered = calls.map((id) => results.get(id) ?? missingResult(id, job));
  return { role: turn.role, pieces: [...ordered, ...others] };
}

function keepLast(results: Map<string, Piece>, id: string, piece: Piece, job: WriteJob): void {
  if (results.has(id)) job.drop(`an earlier result of the tool call ${clientId(id, job)}`);
  results.set(id, piece);
}

function missingResult(id: string, job: WriteJob): Piece {
  job.change(`no result of the tool call ${clientId(id, job)}→an error result that says so`);
  const content = [{ text: 'No result was given for this call.' }];
  return { block: { toolResult: { toolUseId: id, content, status: 'error' } } };
}

function asText({ cache }: Piece, result: JsonObject, job: WriteJob): Piece[] {
  const id = clientId(String(result['toolUseId']), job);
  job.change(`the result of the tool call ${id} (no such call before it)→text`);
  const content = (result['content'] as JsonObject[]).filter((block) => block['json'] === undefined);
  const pieces: Piece[] = [{ text: `[Result of the tool call ${id}]` }, ...content].map((block) => ({ block }));
  const last = pieces.at(-1);
  if (last !== undefined && cache !== undefined) last.cache = cache;
  return pieces;
}

function clientId(id: string, job: WriteJob): string {
  return job.callIds.get(id) ?? id;
}
