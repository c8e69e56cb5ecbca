import type { Message, ModelRequest, OutputFormat, Part, ReasoningEffort } from '@xidao/dialects';

/** All that the choice of a model may look at: the last thing the user said, and facts that cost nothing to gather. */
export interface SignalSource {
  /** At most `MOST_CHARACTERS`; of a longer turn its beginning and its end. */
  text: string;
  /** What the user said in the turn before, if anything. */
  previousText?: string;
  /** The beginning of the system prompt. */
  systemText: string;
  userTurns: number;
  tools: number;
  /** The last message is a tool's result: the model is in the middle of something. */
  isInToolLoop: boolean;
  /** Kinds of input beside text: `image`, `audio`, `video`, `pdf`. */
  media: readonly string[];
  output: OutputFormat['type'];
  reasoningEffort?: ReasoningEffort;
  maxOutputTokens?: number;
  /** Of everything that is sent, estimated. */
  inputTokens: number;
}

/** A prompt can be megabytes; nothing beyond this is looked at. */
export const MOST_CHARACTERS = 8_192;
const SYSTEM_CHARACTERS = 1_024;
const SHARE_OF_BEGINNING = 5 / 8;

/** Reads what the router looks at. Walks the messages once, copies at most 8 K characters of the last user turn and of the one before. */
export function readSignals(request: ModelRequest, inputTokens: number): SignalSource {
  const { messages } = request;
  const users = messages.filter(isUsersWord);
  const previous = users.at(-2);
  const effort = request.reasoning?.enabled === false ? 'none' : request.reasoning?.effort;
  return {
    text: textOf(users.at(-1)),
    ...(previous !== undefined && { previousText: textOf(previous) }),
    systemText: systemTextOf(messages),
    userTurns: users.length,
    tools: request.toolChoice?.type === 'none' ? 0 : request.tools.length,
    isInToolLoop: isToolResult(messages.at(-1)),
    media: mediaOf(messages),
    output: request.output?.type ?? 'text',
    ...(effort !== undefined && { reasoningEffort: effort }),
    ...(request.maxOutputTokens !== undefined && { maxOutputTokens: request.maxOutputTokens }),
    inputTokens,
  };
}

/** A text on its own, as a signal source: for dry runs and measurements. */
export function signalsOfText(text: string, more: Partial<SignalSource> = {}): SignalSource {
  return {
    text: capped(text),
    systemText: '',
    userTurns: 1,
    tools: 0,
    isInToolLoop: false,
    media: [],
    output: 'text',
    inputTokens: Math.ceil(text.length / 4),
    ...more,
  };
}

/** Beginning and end of a text that is too long: instructions stand at either, rarely between. */
export function capped(text: string, most = MOST_CHARACTERS): string {
  if (text.length <= most) return text;
  const head = Math.floor(most * SHARE_OF_BEGINNING);
  return `${text.slice(0, head)}\n${text.slice(text.length - (most - head - 1))}`;
}

/** A user message that only carries tool results (Anthropic's way) is no turn of the user's. */
function isUsersWord({ role, parts }: Message): boolean {
  return role === 'user' && !(parts.length > 0 && parts.every(({ type }) => type === 'tool-result'));
}

function isToolResult(message: Message | undefined): boolean {
  if (message === undefined) return false;
  return (
    message.role === 'tool' || (message.role === 'user' && message.parts.some(({ type }) => type === 'tool-result'))
  );
}

function textOf(message: Message | undefined): string {
  if (message === undefined) return '';
  const texts: string[] = [];
  for (const part of message.parts) if (part.type === 'text') texts.push(part.text);
  return texts.length === 1 ? capped(texts[0]!) : capped(texts.join('\n'));
}

function systemTextOf(messages: readonly Message[]): string {
  for (const { role, parts } of messages) {
    if (role !== 'system' && role !== 'developer') continue;
    const first = parts.find((part) => part.type === 'text');
    if (first !== undefined) return first.text.slice(0, SYSTEM_CHARACTERS);
  }
  return '';
}

function mediaOf(messages: readonly Message[]): string[] {
  const kinds = new Set<string>();
  for (const { parts } of messages) for (const part of parts) noteMedia(part, kinds);
  return [...kinds];
}

function noteMedia(part: Part, kinds: Set<string>): void {
  switch (part.type) {
    case 'image':
    case 'audio':
    case 'video':
      kinds.add(part.type);
      return;
    case 'file':
      if (part.source.kind !== 'text') kinds.add('pdf');
      return;
    case 'tool-result':
      for (const inner of part.parts) noteMedia(inner, kinds);
      return;
    default:
  }
}
