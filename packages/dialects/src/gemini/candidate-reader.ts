import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import type { Citation } from '../request.ts';
import { callIdInReply } from './call-ids.ts';
import { readCitations, readGrounding } from './citations.ts';
import { defined, objectOf, objectsOf, textOf } from './fields.ts';
import { readFinishReason } from './finish-reason.ts';
import { readLogprobs } from './logprobs.ts';
import { createPartialCall, type PartialCall } from './partial-call.ts';
import { kindOfMedia } from './read-part.ts';
import { type BoundReasoning, readSignature } from './signature.ts';

export interface CandidateReader {
  read(candidate: JsonObject, events: ModelEvent[]): void;
  /** Ends what is open and tells the finish reason. False if there was none: the answer was cut off. */
  close(events: ModelEvent[]): boolean;
}

/** What Gemini tells of an answer beside its content; kept for clients who speak Gemini. */
const METADATA = ['groundingMetadata', 'urlContextMetadata', 'safetyRatings', 'avgLogprobs', 'tokenCount'];

interface State {
  choice: number;
  answer: string;
  nextBlock: number;
  /** The text or thought that may go on. */
  open: { kind: 'text' | 'reasoning'; block: number } | undefined;
  /** The text block that citations belong to. */
  textBlock: number | undefined;
  text: string;
  calls: number;
  partial: { call: PartialCall; block: number; signature: string | undefined } | undefined;
  metadata: JsonObject | undefined;
  finish: { raw: string; message: string | undefined } | undefined;
}

/** Reads one candidate of an answer over all its chunks. `answer` is the response's id, from which ids of calls are made. */
export function createCandidateReader(choice: number, answer: string): CandidateReader {
  const state: State = {
    choice,
    answer,
    nextBlock: 0,
    open: undefined,
    textBlock: undefined,
    text: '',
    calls: 0,
    partial: undefined,
    metadata: undefined,
    finish: undefined,
  };
  return {
    read(candidate, events) {
      const content = objectOf(candidate['content']);
      if (content !== undefined) for (const part of objectsOf(content['parts'])) readPart(state, part, events);
      readMetadata(state, candidate, events);
      const raw = textOf(candidate['finishReason']);
      // Early models say STOP on every chunk, so the last word counts and is told at the end.
      if (raw !== undefined && raw !== 'FINISH_REASON_UNSPECIFIED') {
        state.finish = { raw, message: textOf(candidate['finishMessage']) };
      }
    },
    close(events) {
      endOpen(state, undefined, events);
      endPartial(state, events);
      if (state.metadata !== undefined) pushOpaque(state, 'candidateMetadata', state.metadata, events);
      if (state.finish === undefined) return false;
      const { raw, message } = state.finish;
      const reason = readFinishReason(raw, state.calls > 0);
      events.push(defined({ type: 'finish' as const, choice, reason, raw, message }));
      return true;
    },
  };
}

function readPart(state: State, part: JsonObject, events: ModelEvent[]): void {
  const text = part['text'];
  if (typeof text === 'string') {
    readText(state, part, text, events);
    return;
  }
  const call = objectOf(part['functionCall']);
  if (call !== undefined) {
    readCall(state, call, textOf(part['thoughtSignature']), events);
    return;
  }
  const file = objectOf(part['inlineData']) ?? objectOf(part['fileData']);
  endOpen(state, undefined, events);
  if (file === undefined || part['thought'] === true) {
    const label = Object.keys(part).find((key) => objectOf(part[key]) !== undefined) ?? Object.keys(part)[0];
    if (label !== undefined) pushOpaque(state, label, part, events);
    return;
  }
  events.push(readMedia(state, file, textOf(part['thoughtSignature'])));
}

function readText(state: State, part: JsonObject, text: string, events: ModelEvent[]): void {
  const kind = part['thought'] === true ? 'reasoning' : 'text';
  const signature = textOf(part['thoughtSignature']);
  if (text === '' && signature === undefined) return;
  if (state.open?.kind !== kind) {
    endOpen(state, undefined, events);
    const block = state.nextBlock++;
    state.open = { kind, block };
    if (kind === 'text') state.textBlock = block;
    events.push({ type: `${kind}-start`, choice: state.choice, block });
  }
  if (text !== '') {
    if (kind === 'text') state.text += text;
    events.push({ type: `${kind}-delta`, choice: state.choice, block: state.open!.block, text });
  }
  if (signature !== undefined) endOpen(state, signature, events);
}

function endOpen(state: State, signature: string | undefined, events: ModelEvent[]): void {
  if (state.open === undefined) return;
  const { kind, block } = state.open;
  const { choice } = state;
  state.open = undefined;
  if (kind === 'text') {
    events.push(
      signature === undefined ? { type: 'text-end', choice, block } : { type: 'text-end', choice, block, signature },
    );
    return;
  }
  events.push({ type: 'reasoning-end', choice, block, ...(signature === undefined ? undefined : boundBy(signature)) });
}

function boundBy(signature: string): Pick<BoundReasoning, 'signature' | 'redacted' | 'encrypted' | 'boundTo'> {
  const { signature: own, redacted, encrypted, boundTo } = readSignature(signature);
  return defined({ signature: own, redacted, encrypted, boundTo });
}

function readCall(state: State, call: JsonObject, signature: string | undefined, events: ModelEvent[]): void {
  const name = textOf(call['name']);
  if (state.partial !== undefined && name === undefined) {
    state.partial.call.add(call);
    state.partial.signature ??= signature;
    if (call['willContinue'] !== true) endPartial(state, events);
    return;
  }
  endOpen(state, undefined, events);
  endPartial(state, events);
  const block = state.nextBlock++;
  const id = textOf(call['id']) ?? callIdInReply(`${state.answer}/${state.choice}`, state.calls);
  state.calls++;
  events.push({ type: 'tool-call-start', choice: state.choice, block, id, name: name ?? '' });
  state.partial = { call: createPartialCall(), block, signature };
  state.partial.call.add(call);
  if (call['willContinue'] !== true) endPartial(state, events);
}

/** Arguments are told whole: pieces name places in an object, not places in its text. */
function endPartial(state: State, events: ModelEvent[]): void {
  if (state.partial === undefined) return;
  const { call, block, signature } = state.partial;
  const { choice } = state;
  state.partial = undefined;
  events.push({ type: 'tool-call-delta', choice, block, arguments: call.text() });
  events.push(defined({ type: 'tool-call-end' as const, choice, block, signature }));
}

function readMedia(state: State, file: JsonObject, signature: string | undefined): ModelEvent {
  const mediaType = textOf(file['mimeType']);
  const kind = kindOfMedia(mediaType);
  return defined({
    type: 'media' as const,
    choice: state.choice,
    block: state.nextBlock++,
    kind: kind === 'video' ? ('file' as const) : kind,
    mediaType,
    data: textOf(file['data']),
    url: textOf(file['fileUri']),
    signature,
  });
}

function pushOpaque(state: State, label: string, value: JsonObject, events: ModelEvent[]): void {
  events.push({ type: 'opaque', choice: state.choice, block: state.nextBlock++, origin: 'gemini', label, value });
}

function readMetadata(state: State, candidate: JsonObject, events: ModelEvent[]): void {
  for (const key of METADATA) {
    const value = candidate[key];
    if (value !== undefined && (typeof value !== 'object' || value === null || Object.keys(value).length > 0)) {
      state.metadata = { ...state.metadata, [key]: value };
    }
  }
  const grounding = objectOf(candidate['groundingMetadata']);
  if (grounding !== undefined) pushCitations(state, readGrounding(grounding, state.text), events);
  const citations = objectOf(candidate['citationMetadata']);
  if (citations !== undefined) pushCitations(state, readCitations(citations, state.text), events);
  const logprobs = objectOf(candidate['logprobsResult']);
  if (logprobs !== undefined) {
    events.push({ type: 'logprobs', choice: state.choice, content: readLogprobs(logprobs) });
  }
}

function pushCitations(state: State, citations: Citation[], events: ModelEvent[]): void {
  for (const citation of citations) {
    events.push({ type: 'citation', choice: state.choice, block: state.textBlock ?? 0, citation });
  }
}
