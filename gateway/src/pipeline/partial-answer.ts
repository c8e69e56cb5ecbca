import type { ModelRequest, PartialAnswer, Usage } from '@xidao/dialects';
import type { Prompt } from '../core/prompt.ts';
import type { Trail } from '../core/trail.ts';
import { estimateText } from '../usage/estimate-tokens.ts';
import { asksForPlainText, type ToldSoFar } from './told-so-far.ts';
import type { FrameTail } from './whole-frames.ts';

/** What a client has of an answer whose events were read. */
export function partialOfEvents(told: ToldSoFar, prompt: Prompt, trail: Trail): PartialAnswer {
  const request = requestOf(prompt);
  return {
    resumable: told.isOnlyText && request !== undefined && asksForPlainText(request),
    ...countsOf(told.usage ?? trail.record.usage, estimateText(told.text), prompt),
  };
}

/** What a client has of an answer whose bytes passed unread, by the marks in its last frames and what it asked for. Where more went by than is kept, a call that offered tools or asked for reasoning is not taken for plain text. */
export function partialOfBytes(tail: FrameTail, prompt: Prompt, trail: Trail): PartialAnswer {
  const request = requestOf(prompt);
  const bytes = tail.bytes();
  const text = bytes.toString('utf8');
  const isPlain = !MORE_THAN_TEXT.test(text) && (tail.isWhole || request === undefined || !offersMore(request));
  const tokens = bytes.length === 0 ? 0 : Math.ceil((tokensOfFrames(text) * tail.passed) / bytes.length);
  return {
    resumable: isPlain && request !== undefined && asksForPlainText(request),
    ...countsOf(trail.record.usage, tokens, prompt),
  };
}

/** Tool calls, media, refusals and sealed reasoning in the words of any dialect. Inside the text of an answer the quotes would be escaped. */
const MORE_THAN_TEXT = new RegExp(
  [
    String.raw`"(?:tool_calls|function_call|functionCall|executableCode|inlineData|reasoning_details|audio|images)":\s*[[{]`,
    String.raw`"type":\s*"[\w.]*(?:_call|tool_use|tool_result|input_json_delta|redacted_thinking|refusal)[\w.]*"`,
    String.raw`"(?:signature|thoughtSignature|encrypted_content|refusal)":\s*"[^"]`,
  ].join('|'),
);

/** Pieces of the answer in the frames of any dialect. */
const PIECE =
  /"(?:content|reasoning_content|reasoning|text|thinking|delta|partial_json|arguments)":\s*("(?:[^"\\]|\\.)*")/g;

function tokensOfFrames(frames: string): number {
  let text = '';
  for (const [, piece] of frames.matchAll(PIECE)) text += parsed(piece!);
  return estimateText(text);
}

function parsed(piece: string): string {
  try {
    return JSON.parse(piece) as string;
  } catch {
    return piece;
  }
}

function offersMore({ tools, reasoning }: ModelRequest): boolean {
  return tools.length > 0 || reasoning !== undefined;
}

/** A body that its own provider took, but that cannot be read here, is nothing to go on from. */
function requestOf(prompt: Prompt): ModelRequest | undefined {
  try {
    return prompt.request();
  } catch {
    return undefined;
  }
}

/** The provider's counts, where they may be those of now: some tell the output only as it was at the beginning. */
function countsOf(told: Usage | undefined, outputTokens: number, prompt: Prompt): Omit<PartialAnswer, 'resumable'> {
  if (told === undefined) return { usage: { inputTokens: prompt.inputTokens(), outputTokens }, isEstimated: true };
  if (told.outputTokens >= outputTokens / 2) return { usage: told };
  return { usage: { ...told, outputTokens }, isEstimated: true };
}
