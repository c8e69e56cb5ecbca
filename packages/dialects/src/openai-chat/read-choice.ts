import type { FinishReason, ModelEvent } from '../events.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Citation } from '../request.ts';
import { readCitations } from './citations.ts';
import { readFinishReason } from './finish-reasons.ts';
import { type CallReader, createCallReader } from './read-calls.ts';
import { createMediaReader, type MediaReader } from './read-media.ts';
import { thoughtSignature } from './read-messages.ts';
import { type ReasoningDetail, readReasoningDetail } from './reasoning-details.ts';

type OpenKind = 'text' | 'refusal' | 'reasoning';

/** Reads the deltas of one choice (or the message of a document, which is one great delta). */
export class ChoiceReader {
  readonly #choice: number;
  readonly #calls: CallReader;
  readonly #media: MediaReader;
  #blocks = 0;
  #open: OpenKind | undefined;
  #openBlock = -1;
  #detail: ReasoningDetail | undefined;
  #textSignature: string | undefined;
  #textBlock = -1;
  #citations: Citation[] = [];
  #hasCalls = false;
  #hasText = false;
  #hasRefusal = false;
  #finish: { raw: string; stopSequence?: string } | undefined;

  /** `seed` differs from answer to answer; ids that the host left out are made from it. */
  constructor(choice: number, seed: () => string) {
    this.#choice = choice;
    this.#calls = createCallReader(choice, () => this.#blocks++, seed);
    this.#media = createMediaReader(choice, () => this.#blocks++);
  }

  get hasBegun(): boolean {
    return this.#blocks > 0;
  }

  get isFinished(): boolean {
    return this.#finish !== undefined;
  }

  read(choice: JsonObject, delta: JsonObject | undefined, isWhole: boolean, into: ModelEvent[]): void {
    if (delta) this.#readDelta(delta, isWhole, into);
    if (isObject(choice['logprobs'])) this.#readLogprobs(choice['logprobs'], into);
    const raw = choice['finish_reason'];
    if (typeof raw !== 'string' || raw === '') return;
    this.#finish = { raw };
    const stop = choice['stop_reason'];
    if (typeof stop === 'string') this.#finish.stopSequence = stop;
  }

  #readDelta(delta: JsonObject, isWhole: boolean, into: ModelEvent[]): void {
    this.#readReasoning(delta, into);
    const { content, refusal } = delta;
    if (typeof content === 'string') this.#push('text', content, into);
    else if (Array.isArray(content)) for (const part of content) this.#readPart(part, into);
    if (typeof refusal === 'string') this.#push('refusal', refusal, into);
    if (delta['extra_content']) this.#textSignature = thoughtSignature(delta['extra_content']) ?? this.#textSignature;
    if (delta['annotations']) this.#citations.push(...readCitations(delta['annotations']));
    this.#media.read(delta, () => this.#close(into), into);
    const calls = delta['tool_calls'];
    if (Array.isArray(calls)) for (const call of calls) this.#readCall(call, isWhole, into);
    if (isObject(delta['function_call'])) this.#readCall({ index: 0, function: delta['function_call'] }, false, into);
  }

  #readCall(item: Json, isWhole: boolean, into: ModelEvent[]): void {
    if (!isObject(item)) return;
    this.#close(into);
    this.#hasCalls = true;
    this.#calls.read(item, isWhole, into);
  }

  /** Items tell more than the bare text (which repeats them), so the text counts only where the items hold none. */
  #readReasoning(delta: JsonObject, into: ModelEvent[]): void {
    const details = delta['reasoning_details'];
    let isTold = false;
    if (Array.isArray(details)) {
      for (const item of details) {
        const detail = isObject(item) ? readReasoningDetail(item) : undefined;
        if (detail) {
          isTold ||= detail.text !== '';
          this.#readDetail(detail, into);
        } else if (isObject(item)) this.#pushOpaque('reasoning_details', item, into);
      }
    }
    if (isTold) return;
    const text = delta['reasoning_content'] || delta['reasoning'];
    if (typeof text === 'string') this.#push('reasoning', text, into);
  }

  #readDetail(detail: ReasoningDetail, into: ModelEvent[]): void {
    if (this.#open !== 'reasoning' || (this.#detail && this.#detail.key !== detail.key)) {
      this.#close(into);
      this.#begin('reasoning', into, detail);
    }
    const held = (this.#detail ??= detail);
    for (const field of ['id', 'signature', 'redacted', 'encrypted', 'boundTo'] as const) {
      if (detail[field] !== undefined) Object.assign(held, { [field]: detail[field] });
    }
    if (detail.text !== '') {
      into.push({ type: 'reasoning-delta', choice: this.#choice, block: this.#openBlock, text: detail.text });
    }
  }

  #readPart(part: Json, into: ModelEvent[]): void {
    if (!isObject(part)) return;
    const { type, text, thinking } = part;
    if (typeof text === 'string' && (type === 'text' || type === 'output_text')) this.#push('text', text, into);
    else if (type === 'refusal' && typeof part['refusal'] === 'string') this.#push('refusal', part['refusal'], into);
    else if (type === 'thinking' && typeof thinking === 'string') this.#push('reasoning', thinking, into);
    else if (type === 'thinking' && Array.isArray(thinking)) {
      for (const piece of thinking) {
        if (isObject(piece) && typeof piece['text'] === 'string') this.#push('reasoning', piece['text'], into);
      }
    } else if (type === 'image_url') this.#media.read({ images: [part] }, () => this.#close(into), into);
    else this.#pushOpaque(typeof type === 'string' ? type : 'part', part, into);
  }

  #pushOpaque(label: string, value: JsonObject, into: ModelEvent[]): void {
    this.#close(into);
    into.push({ type: 'opaque', choice: this.#choice, block: this.#blocks++, origin: 'openai-chat', label, value });
  }

  #push(kind: OpenKind, text: string, into: ModelEvent[]): void {
    if (text === '') return;
    if (this.#open !== kind) {
      this.#close(into);
      this.#begin(kind, into);
    }
    const choice = this.#choice;
    const block = this.#openBlock;
    if (kind === 'text') into.push({ type: 'text-delta', choice, block, text });
    else if (kind === 'refusal') into.push({ type: 'refusal-delta', choice, block, text });
    else into.push({ type: 'reasoning-delta', choice, block, text });
  }

  #begin(kind: OpenKind, into: ModelEvent[], detail?: ReasoningDetail): void {
    const choice = this.#choice;
    const block = this.#blocks++;
    this.#open = kind;
    this.#openBlock = block;
    this.#detail = detail;
    if (kind === 'reasoning') {
      const id = detail?.id === undefined ? {} : { id: detail.id };
      into.push({ type: 'reasoning-start', choice, block, ...id, ...(detail?.isSummary ? { isSummary: true } : {}) });
    } else if (kind === 'text') {
      this.#hasText = true;
      this.#textBlock = block;
      into.push({ type: 'text-start', choice, block });
    } else {
      this.#hasRefusal = true;
      into.push({ type: 'refusal-start', choice, block });
    }
  }

  #close(into: ModelEvent[]): void {
    const choice = this.#choice;
    const block = this.#openBlock;
    const kind = this.#open;
    this.#open = undefined;
    if (kind === 'reasoning') {
      const { signature, redacted, encrypted, boundTo } = this.#detail ?? {};
      into.push({
        type: 'reasoning-end',
        choice,
        block,
        ...(signature === undefined ? {} : { signature }),
        ...(redacted === undefined ? {} : { redacted }),
        ...(encrypted === undefined ? {} : { encrypted }),
        ...(boundTo === undefined ? {} : { boundTo }),
      });
    } else if (kind === 'refusal') into.push({ type: 'refusal-end', choice, block });
    else if (kind === 'text') {
      this.#tellCitations(into);
      const signature = this.#textSignature;
      this.#textSignature = undefined;
      into.push({ type: 'text-end', choice, block, ...(signature === undefined ? {} : { signature }) });
    }
  }

  #tellCitations(into: ModelEvent[]): void {
    for (const citation of this.#citations) {
      into.push({ type: 'citation', choice: this.#choice, block: Math.max(0, this.#textBlock), citation });
    }
    this.#citations = [];
  }

  #readLogprobs({ content, refusal }: JsonObject, into: ModelEvent[]): void {
    if (!Array.isArray(content) && !Array.isArray(refusal)) return;
    const event: ModelEvent = {
      type: 'logprobs',
      choice: this.#choice,
      content: Array.isArray(content) ? content : [],
    };
    if (Array.isArray(refusal)) event.refusal = refusal;
    into.push(event);
  }

  /** Ends the blocks and tells the finish. `sources` rest under the whole answer. */
  finish(sources: Citation[], into: ModelEvent[]): void {
    if (this.#open === 'text' || this.#hasText) this.#citations.push(...sources);
    this.#close(into);
    this.#tellCitations(into);
    this.#calls.close(into);
    this.#media.close(into);
    const { raw, stopSequence } = this.#finish ?? {};
    into.push({
      type: 'finish',
      choice: this.#choice,
      reason: this.#reason(raw, stopSequence),
      ...(raw === undefined ? {} : { raw }),
      ...(stopSequence === undefined ? {} : { stopSequence }),
    });
  }

  #reason(raw: string | undefined, stopSequence: string | undefined): FinishReason {
    const reason = raw === undefined ? 'stop' : readFinishReason(raw);
    if (reason !== 'stop') return reason;
    // A forced call ends with `stop` at OpenAI, and some hosts know no other word.
    if (this.#hasCalls) return 'tool-calls';
    if (this.#hasRefusal && !this.#hasText) return 'refusal';
    return stopSequence === undefined ? 'stop' : 'stop-sequence';
  }
}
