import { isWrappedCall, unwrapInput } from '../custom-tools.ts';
import type { ReplyContext, StreamWriter } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import type { Usage } from '../usage.ts';
import { writeAnnotation } from './citations.ts';
import { writeFinishReason } from './finish-reasons.ts';
import { writeReasoningDetails } from './reasoning-details.ts';
import { isLegacyClient, writeAudio, writeImage } from './reply-words.ts';
import { writeUsage } from './usage.ts';
import { writeStreamError } from './write-error.ts';

type EventOf<T extends ModelEvent['type']> = Extract<ModelEvent, { type: T }>;

/** The texts around a delta, made once for each choice: a delta costs one quoted string between two of them. */
interface Frame {
  /** Up to and with `"delta":`. */
  head: string;
  text: string;
  reasoning: string;
  hasRefusal: boolean;
  calls: Map<number, number>;
  reasoningBlocks: number;
  /** Characters of the reasoning block under way. */
  reasoningLength: number;
  /** True: a block of reasoning before this one had text. */
  hasReasoned: boolean;
  images: number;
}

/** A call whose start is held back until it is known whether the whole call comes at once. */
interface HeldCall {
  event: EventOf<'tool-call-start'>;
  arguments: string;
}

/** A call of a custom tool that the provider knew as a function: its text can be taken out only of the whole. */
interface WrappedCall {
  start: EventOf<'tool-call-start'>;
  arguments: string;
}

const NO_FINISH = '},"logprobs":null,"finish_reason":null}]';

/** Writes `chat.completion.chunk`s as OpenAI does. `[DONE]` comes only after a clean `end`. */
export function createWriter(context: ReplyContext): StreamWriter {
  return new ChunkWriter(context);
}

class ChunkWriter implements StreamWriter {
  readonly #context: ReplyContext;
  readonly #frames = new Map<number, Frame>();
  readonly #isLegacy: boolean;
  #envelope: string | undefined;
  readonly #tail: string;
  #usage: Usage | undefined;
  #isOver = false;
  #held: HeldCall | undefined;
  readonly #jsonBlocks = new Set<string>();
  readonly #customBlocks = new Set<string>();
  readonly #wrapped = new Map<string, WrappedCall>();
  readonly #hasCalls = new Set<number>();
  readonly #summaries = new Set<string>();

  constructor(context: ReplyContext) {
    this.#context = context;
    this.#isLegacy = isLegacyClient(context);
    this.#tail = context.wantsUsage ? ',"usage":null}\n\n' : '}\n\n';
  }

  write(event: ModelEvent): string {
    if (event.type === 'text-delta') return this.#held ? this.#flush() + this.#text(event) : this.#text(event);
    const held = this.#held;
    if (held && 'block' in event && event.block === held.event.block && event.choice === held.event.choice) {
      if (event.type === 'tool-call-delta' && held.arguments === '') {
        held.arguments = event.arguments;
        return '';
      }
      if (event.type === 'tool-call-end') return this.#flush(event.signature);
    }
    return (held ? this.#flush() : '') + this.#writeOther(event);
  }

  /** A stream that was cut may have told its usage: that is passed on, the end is not. */
  finish(): string {
    const held = this.#held ? this.#flush() : '';
    return this.#isOver ? held : held + this.#usageChunk();
  }

  #text({ choice, text }: EventOf<'text-delta'>): string {
    const frame = this.#frames.get(choice);
    if (frame) return frame.text + JSON.stringify(text) + NO_FINISH + this.#tail;
    return this.#begin(choice) + this.#text({ type: 'text-delta', choice, block: 0, text });
  }

  #writeOther(event: ModelEvent): string {
    switch (event.type) {
      case 'start':
        this.#envelope = this.#makeEnvelope(event);
        return '';
      case 'text-start':
        return this.#begin(event.choice);
      case 'text-end':
        return event.signature === undefined
          ? ''
          : this.#delta(event.choice, { extra_content: signed(event.signature) });
      case 'refusal-start':
        return this.#beginWith(event.choice, (frame) => {
          frame.hasRefusal = true;
        });
      case 'refusal-delta':
        return this.#delta(event.choice, { refusal: event.text });
      case 'reasoning-start':
        return this.#startReasoning(event);
      case 'reasoning-delta':
        return this.#reasoning(event);
      case 'reasoning-end':
        return this.#endReasoning(event);
      case 'tool-call-start':
        return this.#startCall(event);
      case 'tool-call-delta':
        return this.#callDelta(event);
      case 'tool-call-end':
        return this.#endCall(event);
      case 'media':
        return this.#media(event);
      case 'citation': {
        const annotation = writeAnnotation(event.citation);
        return annotation ? this.#delta(event.choice, { annotations: [annotation] }) : '';
      }
      case 'logprobs':
        return this.#logprobs(event);
      case 'usage':
        this.#usage = { ...this.#usage, ...event.usage };
        return '';
      case 'finish':
        return this.#finishChoice(event);
      case 'error':
        this.#isOver = true;
        return writeStreamError(event.error, this.#context.id);
      case 'end':
        return this.#end();
      default:
        return '';
    }
  }

  #makeEnvelope(start: Partial<EventOf<'start'>>): string {
    const { id, model, nowSeconds } = this.#context;
    const fields: JsonObject = {
      id: start.id ?? id,
      object: 'chat.completion.chunk',
      created: start.createdAtSeconds ?? nowSeconds,
      model,
      ...(start.serviceTier === undefined ? {} : { service_tier: start.serviceTier }),
      system_fingerprint: start.systemFingerprint ?? null,
    };
    return `data: ${JSON.stringify(fields).slice(0, -1)},"choices":[`;
  }

  #frame(choice: number): Frame | undefined {
    return this.#frames.get(choice);
  }

  /** The chunk that tells the role, once for each choice. */
  #begin(choice: number): string {
    if (this.#frames.has(choice)) return '';
    this.#envelope ??= this.#makeEnvelope({});
    const head = `${this.#envelope}{"index":${choice},"delta":`;
    this.#frames.set(choice, {
      head,
      text: `${head}{"content":`,
      reasoning: `${head}{"reasoning_content":`,
      hasRefusal: false,
      calls: new Map(),
      reasoningBlocks: 0,
      reasoningLength: 0,
      hasReasoned: false,
      images: 0,
    });
    return `${head}{"role":"assistant","content":"","refusal":null${NO_FINISH}${this.#tail}`;
  }

  #beginWith(choice: number, change: (frame: Frame) => void): string {
    const begun = this.#begin(choice);
    change(this.#frame(choice)!);
    return begun;
  }

  #delta(choice: number, delta: JsonObject): string {
    const begun = this.#begin(choice);
    return `${begun}${this.#frame(choice)!.head}${JSON.stringify(delta).slice(0, -1)}${NO_FINISH}${this.#tail}`;
  }

  #startReasoning({ choice, block, isSummary }: EventOf<'reasoning-start'>): string {
    if (isSummary) this.#summaries.add(`${choice} ${block}`);
    return this.#beginWith(choice, (frame) => {
      frame.reasoningBlocks++;
      frame.hasReasoned ||= frame.reasoningLength > 0;
      frame.reasoningLength = 0;
    });
  }

  /** Told twice, as OpenRouter does: plainly, and as the item whose signature comes at the end. */
  #reasoning({ choice, block, text }: EventOf<'reasoning-delta'>): string {
    const begun = this.#begin(choice);
    const frame = this.#frame(choice)!;
    const quoted = JSON.stringify(text);
    // In the plain text nothing but a blank line keeps two thoughts apart, as in a document.
    const isAnother = frame.hasReasoned && frame.reasoningLength === 0 && text !== '';
    const plain = isAnother ? `"\\n\\n${quoted.slice(1)}` : quoted;
    frame.reasoningLength += text.length;
    const item = this.#summaries.has(`${choice} ${block}`)
      ? `{"type":"reasoning.summary","summary":`
      : `{"type":"reasoning.text","text":`;
    const index = Math.max(0, frame.reasoningBlocks - 1);
    return `${begun}${frame.reasoning}${plain},"reasoning_details":[${item}${quoted},"index":${index}}]${NO_FINISH}${this.#tail}`;
  }

  #endReasoning(event: EventOf<'reasoning-end'>): string {
    const { choice, signature, redacted, encrypted, boundTo } = event;
    if (signature === undefined && redacted === undefined && encrypted === undefined) return '';
    const index = Math.max(0, (this.#frame(choice)?.reasoningBlocks ?? 1) - 1);
    const items = writeReasoningDetails(
      {
        ...(signature === undefined ? {} : { signature }),
        ...(redacted === undefined ? {} : { redacted }),
        ...(encrypted === undefined ? {} : { encrypted }),
        ...(boundTo === undefined ? {} : { boundTo }),
      },
      index,
    );
    for (const item of items) {
      if (item['text'] !== '') continue;
      // Some clients keep only the last piece of a field they do not know. The signature of a text that is not whole is refused.
      item['text_length'] = this.#frame(choice)?.reasoningLength ?? 0;
      delete item['text'];
    }
    return this.#delta(choice, { reasoning_details: items });
  }

  #startCall(event: EventOf<'tool-call-start'>): string {
    const { choice, block, name } = event;
    if (name === this.#context.jsonTool) {
      this.#jsonBlocks.add(`${choice} ${block}`);
      return this.#begin(choice);
    }
    const begun = this.#beginWith(choice, (frame) => {
      frame.calls.set(block, frame.calls.size);
    });
    this.#hasCalls.add(choice);
    const own = this.#context.toolNames?.get(name) ?? name;
    if (isWrappedCall({ ...event, name: own }, this.#context.request?.tools)) {
      this.#wrapped.set(`${choice} ${block}`, { start: event, arguments: '' });
    } else this.#held = { event, arguments: '' };
    return begun;
  }

  /** The start of the call that was held, with what is known of it by now. */
  #flush(signature?: string): string {
    const { event, arguments: text } = this.#held!;
    this.#held = undefined;
    const { choice, block, custom } = event;
    const name = this.#context.toolNames?.get(event.name) ?? event.name;
    if (this.#isLegacy) return this.#delta(choice, { function_call: { name, arguments: text } });
    const item: JsonObject = {
      index: this.#frame(choice)!.calls.get(block)!,
      id: this.#context.toolCallIds?.get(event.id) ?? event.id,
      type: custom ? 'custom' : 'function',
      ...(custom ? { custom: { name, input: text } } : { function: { name, arguments: text } }),
      ...(signature === undefined ? {} : { extra_content: signed(signature) }),
    };
    if (custom) this.#customBlocks.add(`${choice} ${block}`);
    return this.#delta(choice, { tool_calls: [item] });
  }

  #callDelta({ choice, block, arguments: text }: EventOf<'tool-call-delta'>): string {
    const key = `${choice} ${block}`;
    const wrapped = this.#wrapped.get(key);
    if (wrapped) {
      wrapped.arguments += text;
      return '';
    }
    if (this.#jsonBlocks.has(key)) return this.#text({ type: 'text-delta', choice, block, text });
    if (this.#isLegacy) return this.#delta(choice, { function_call: { arguments: text } });
    const index = this.#frame(choice)?.calls.get(block);
    if (index === undefined) return '';
    const inner: JsonObject = this.#customBlocks.has(key)
      ? { custom: { input: text } }
      : { function: { arguments: text } };
    return this.#delta(choice, { tool_calls: [{ index, ...inner }] });
  }

  #endCall({ choice, block, signature }: EventOf<'tool-call-end'>): string {
    const wrapped = this.#wrapped.get(`${choice} ${block}`);
    if (wrapped) {
      const told = this.#held ? this.#flush() : '';
      this.#held = { event: { ...wrapped.start, custom: true }, arguments: unwrapInput(wrapped.arguments) };
      return told + this.#flush(signature);
    }
    const index = this.#frame(choice)?.calls.get(block);
    if (signature === undefined || index === undefined || this.#isLegacy) return '';
    return this.#delta(choice, { tool_calls: [{ index, extra_content: signed(signature) }] });
  }

  #media(event: EventOf<'media'>): string {
    const { choice } = event;
    if (event.kind === 'audio') return this.#delta(choice, { audio: writeAudio(event) });
    const image = writeImage(event);
    if (!image) return '';
    const begun = this.#begin(choice);
    const index = this.#frame(choice)!.images++;
    return begun + this.#delta(choice, { images: [{ ...image, index }] });
  }

  #logprobs({ choice, content, refusal }: EventOf<'logprobs'>): string {
    const begun = this.#begin(choice);
    const value = JSON.stringify({ content, refusal: refusal ?? null });
    return `${begun}${this.#frame(choice)!.head}{},"logprobs":${value},"finish_reason":null}]${this.#tail}`;
  }

  #finishChoice({ choice, reason }: EventOf<'finish'>): string {
    const begun = this.#begin(choice);
    const frame = this.#frame(choice)!;
    const isJson = reason === 'tool-calls' && this.#jsonBlocks.size > 0 && !this.#hasCalls.has(choice);
    const word = isJson ? 'stop' : writeFinishReason(reason, frame.hasRefusal);
    const told = this.#isLegacy && word === 'tool_calls' ? 'function_call' : word;
    return `${begun}${frame.head}{},"logprobs":null,"finish_reason":"${told}"}]${this.#tail}`;
  }

  #end(): string {
    this.#isOver = true;
    return `${this.#usageChunk()}data: [DONE]\n\n`;
  }

  #usageChunk(): string {
    if (!this.#context.wantsUsage || !this.#usage) return '';
    this.#envelope ??= this.#makeEnvelope({});
    return `${this.#envelope}],"usage":${JSON.stringify(writeUsage(this.#usage))}}\n\n`;
  }
}

function signed(signature: string): JsonObject {
  return { google: { thought_signature: signature } };
}
