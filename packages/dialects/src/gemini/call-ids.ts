/** Gemini often calls a function without an id; everybody else pairs results by id. So ids are made up, and taken off again. */

const MADE = /^gemini_call_[0-9a-z]+_[0-9a-z]+$/;

/** The id of the nth call of a conversation; the same on every later turn, because earlier calls do not move. */
export function callIdInHistory(position: number, name: string): string {
  return `gemini_call_${position}_${shortHash(name)}`;
}

/** The id of the nth call of an answer; `answer` sets it apart from the calls of other turns. */
export function callIdInReply(answer: string, position: number): string {
  return `gemini_call_${shortHash(answer)}_${position}`;
}

/** True for ids made here, which the model never saw. */
export function isMadeCallId(id: string): boolean {
  return MADE.test(id);
}

/** FNV-1a over UTF-16 units, twice with different seeds: 64 bits as base 36. For telling names apart, not for secrets. */
export function shortHash(text: string): string {
  return fnv(text, 0x811c9dc5).toString(36) + fnv(text, 0x1b873593).toString(36);
}

function fnv(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
