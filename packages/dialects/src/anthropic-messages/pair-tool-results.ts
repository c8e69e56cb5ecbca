import type { JsonObject } from '../json.ts';
import type { Turn } from './write-conversation.ts';
import type { WriteJob } from './write-job.ts';

/**
 * Puts the results of a turn's calls at the head of the user's next turn, each once and in the order of the calls. The
 * API refuses a call without a result and a result without a call: the one gets a result that says so, the other
 * becomes text.
 */
export function pairToolResults(turns: Turn[], job: WriteJob): Turn[] {
  const paired: Turn[] = [];
  for (const [index, turn] of turns.entries()) {
    const before = paired.at(-1);
    const calls = before?.role === 'assistant' ? idsOfCalls(before) : [];
    if (turn.role === 'user') paired.push(pairTurn(turn, calls, job));
    else paired.push(turn);
    const isLast = index === turns.length - 1;
    const unanswered = isLast && turn.role === 'assistant' ? idsOfCalls(turn) : [];
    if (unanswered.length > 0) paired.push(pairTurn({ role: 'user', blocks: [] }, unanswered, job));
  }
  return paired;
}

function idsOfCalls(turn: Turn): string[] {
  return turn.blocks.filter((block) => block['type'] === 'tool_use').map((block) => String(block['id']));
}

function pairTurn(turn: Turn, calls: string[], job: WriteJob): Turn {
  const results = new Map<string, JsonObject>();
  const others: JsonObject[] = [];
  for (const block of turn.blocks) {
    if (block['type'] !== 'tool_result') others.push(block);
    else if (calls.includes(String(block['tool_use_id']))) keepLast(results, block, job);
    else others.push(...asText(block, job));
  }
  const ordered = calls.map((id) => results.get(id) ?? missingResult(id, job));
  return { role: 'user', blocks: [...ordered, ...others] };
}

function keepLast(results: Map<string, JsonObject>, block: JsonObject, job: WriteJob): void {
  const id = String(block['tool_use_id']);
  if (results.has(id)) job.drop(`an earlier result of the tool call ${clientId(id, job)}`);
  results.set(id, block);
}

function missingResult(id: string, job: WriteJob): JsonObject {
  job.change(`no result of the tool call ${clientId(id, job)}→an error result that says so`);
  return { type: 'tool_result', tool_use_id: id, content: 'No result was given for this call.', is_error: true };
}

function asText(block: JsonObject, job: WriteJob): JsonObject[] {
  const id = clientId(String(block['tool_use_id']), job);
  job.change(`the result of the tool call ${id} (no such call before it)→text`);
  const { content } = block;
  const head = { type: 'text', text: `[Result of the tool call ${id}]` };
  if (typeof content === 'string') return [{ ...head, text: `${head.text}\n${content}` }];
  return [head, ...((content as JsonObject[] | undefined) ?? [])];
}

function clientId(id: string, job: WriteJob): string {
  return job.callIds.get(id) ?? id;
}
