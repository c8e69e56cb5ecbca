import type { ModelError } from '../errors.ts';
import type { ModelEvent } from '../events.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Citation } from '../request.ts';
import { readCitation } from './citations.ts';
import { FAILED, readFinishReason } from './finish-reasons.ts';
import { readErrorObject } from './read-error.ts';
import { readUsage } from './usage.ts';

type OpenKind = 'text' | 'reasoning';

/** Makes events of what an answer tells, in whatever pieces. There is one choice, and one block is open at a time besides calls. */
export class AnswerReader {
  readonly #into: ModelEvent[];
  readonly #calls = new Map<number, { block: number; hasArguments: boolean }>();
  #blocks = 0;
  #open: OpenKind | undefined;
  #openBlock = -1;
  #citations: Citation[] = [];
  #isOver = false;

  constructor(into: ModelEvent[]) {
    this.#into = into;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  start(id: Json | undefined): void {
    this.#into.push({ type: 'start', ...(typeof id === 'string' && id !== '' ? { id } : {}) });
  }

  /** A piece of text, or of the plan, which is text before the calls. */
  text(text: Json | undefined): void {
    if (typeof text !== 'string' || text === '') return;
    this.#begin('text');
    this.#into.push({ type: 'text-delta', choice: 0, block: this.#openBlock, text });
  }

  thinking(text: Json | undefined): void {
    if (typeof text !== 'string' || text === '') return;
    this.#begin('reasoning');
    this.#into.push({ type: 'reasoning-delta', choice: 0, block: this.#openBlock, text });
  }

  /** Citations of the thinking and of the plan rest under words that are no part of the answer. */
  citation(value: Json | undefined): void {
    if (!isObject(value) || (value['type'] !== undefined && value['type'] !== 'TEXT_CONTENT')) return;
    const citation = readCitation(value);
    if (this.#open === 'text') this.#into.push({ type: 'citation', choice: 0, block: this.#openBlock, citation });
    else this.#citations.push(citation);
  }

  beginCall(index: number, call: JsonObject): void {
    this.close();
    const block = this.#blocks++;
    const inner = isObject(call['function']) ? call['function'] : {};
    const told = inner['arguments'];
    const opened = { block, hasArguments: false };
    this.#calls.set(index, opened);
    const id = typeof call['id'] === 'string' && call['id'] !== '' ? call['id'] : `call_${block}`;
    const name = typeof inner['name'] === 'string' ? inner['name'] : '';
    this.#into.push({ type: 'tool-call-start', choice: 0, block, id, name });
    if (typeof told === 'string') this.callArguments(index, told);
  }

  callArguments(index: number, text: Json | undefined): void {
    const call = this.#calls.get(index);
    if (call === undefined || typeof text !== 'string' || text === '') return;
    call.hasArguments = true;
    this.#into.push({ type: 'tool-call-delta', choice: 0, block: call.block, arguments: text });
  }

  endCall(index: number): void {
    const call = this.#calls.get(index);
    if (call === undefined) return;
    this.#calls.delete(index);
    const at = { choice: 0, block: call.block };
    if (!call.hasArguments) this.#into.push({ type: 'tool-call-delta', ...at, arguments: '{}' });
    this.#into.push({ type: 'tool-call-end', ...at });
  }

  logprobs(value: Json | undefined): void {
    const pieces = (Array.isArray(value) ? value : [value]).filter(isObject);
    const content = pieces.map(({ text, logprobs }): JsonObject => {
      const sum = Array.isArray(logprobs) ? logprobs.reduce<number>((all, one) => all + Number(one), 0) : 0;
      const token = typeof text === 'string' ? text : '';
      return { token, logprob: sum, bytes: [...Buffer.from(token)], top_logprobs: [] };
    });
    if (content.length > 0) this.#into.push({ type: 'logprobs', choice: 0, content });
  }

  /** The answer is whole, or says that it failed. */
  finish(raw: Json | undefined, usage: Json | undefined, error?: Json): void {
    this.close();
    for (const index of [...this.#calls.keys()]) this.endCall(index);
    const counts = isObject(usage) ? readUsage(usage) : undefined;
    if (counts !== undefined) this.#into.push({ type: 'usage', usage: counts });
    const reason = typeof raw === 'string' ? raw : 'COMPLETE';
    if (FAILED.has(reason)) {
      this.fail(failure(reason, error));
      return;
    }
    this.#into.push({ type: 'finish', choice: 0, reason: readFinishReason(reason), raw: reason }, { type: 'end' });
    this.#isOver = true;
  }

  fail(error: ModelError): void {
    this.#into.push({ type: 'error', error });
    this.#isOver = true;
  }

  #begin(kind: OpenKind): void {
    if (this.#open === kind) return;
    this.close();
    this.#open = kind;
    this.#openBlock = this.#blocks++;
    this.#into.push({ type: kind === 'text' ? 'text-start' : 'reasoning-start', choice: 0, block: this.#openBlock });
  }

  /** Ends the open block of words. */
  close(): void {
    const kind = this.#open;
    if (kind === undefined) return;
    const at = { choice: 0, block: this.#openBlock };
    this.#open = undefined;
    if (kind === 'reasoning') {
      this.#into.push({ type: 'reasoning-end', ...at });
      return;
    }
    for (const citation of this.#citations) this.#into.push({ type: 'citation', ...at, citation });
    this.#citations = [];
    this.#into.push({ type: 'text-end', ...at });
  }
}

function failure(reason: string, told: Json | undefined): ModelError {
  const isTimeout = reason === 'TIMEOUT';
  const message = typeof told === 'string' && told !== '' ? told : `The model broke off its answer (${reason}).`;
  const error = readErrorObject({ message });
  return isTimeout ? { ...error, kind: 'timeout', status: 504 } : error;
}
