import { dialects, type JsonObject } from '@xidao/dialects';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { once } from '../core/once.ts';
import { outlineBody } from '../core/outline-body.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Reply } from '../core/reply.ts';
import type { HostReply, Target } from '../core/target.ts';
import { ProviderRefused } from './failure.ts';
import { awaitContent } from './first-content.ts';
import { HOW_COUNTED, headersToPassBack } from './forward-headers.ts';
import { HeldBody } from './held-body.ts';
import type { Words } from './translate-request.ts';

export interface AnswerLimits {
  clock: Clock;
  /** True: another attempt is possible, so a stream is held until it has begun in earnest. */
  holdsPreamble: boolean;
  longestHoldMs: number;
}

/** Past this a document is no longer collected but passed as it comes. */
const MOST_COLLECTED = 64 * 1024 * 1024;
const MOST_OF_AN_ERROR = 1024 * 1024;
const STREAM_TYPES = /^(?:text\/event-stream|application\/vnd\.amazon\.eventstream|application\/x-ndjson)/i;
const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** Makes a reply of what a host sent: an error is thrown, a document is collected and checked, a stream has begun. */
export async function readAnswer(
  answer: HostReply,
  target: Target,
  prompt: Prompt,
  words: Words,
  limits: AnswerLimits,
): Promise<Reply> {
  if (answer.status >= 400) throw await readRefusal(answer, target);
  const contentType = headerOf(answer, 'content-type') ?? '';
  if (answer.status >= 300)
    throw new GatewayError(
      'upstream_error',
      `${target.provider} answered with a redirect (${answer.status}), which is not followed. Check its base_url.`,
    );
  if (isBinary(prompt)) return passing(answer, target, contentType);
  const body = new HeldBody(answer.body);
  const kind = await sniff(body, contentType, target);
  const reply =
    kind === 'stream'
      ? await beginStream(body, answer, target, limits)
      : await collectDocument(body, answer, target, contentType);
  if (target.operation === 'count-tokens') reply.headers = { [HOW_COUNTED]: 'measured', ...reply.headers };
  if (words.receipt !== undefined) reply.receipt = words.receipt;
  if (words.renamed !== undefined) reply.renamed = words.renamed;
  if (words.hidesUsage) reply.hidesUsage = true;
  return reply;
}

const OPENING_BRACE = 0x7b;

function isBinary(prompt: Prompt): boolean {
  const { operation } = prompt.call;
  return operation.startsWith('audio/');
}

function passing(answer: HostReply, target: Target, contentType: string): Reply {
  return {
    status: answer.status,
    dialect: target.dialect,
    streamed: false,
    contentType,
    headers: headersToPassBack(answer.headers),
    body: answer.body,
    target,
  };
}

/** What the bytes are, by content type and, where that is missing or wrong, by their first character. */
async function sniff(body: HeldBody, contentType: string, target: Target): Promise<'stream' | 'document'> {
  if (STREAM_TYPES.test(contentType)) return 'stream';
  // Some hosts send white space while their model thinks, and the document after it.
  let text = '';
  while (text === '') {
    const chunk = await body.readAhead();
    if (chunk === undefined) throw new GatewayError('upstream_error', `${target.provider} answered 200 with nothing.`);
    // Nearly every document says at once what it is.
    if (chunk[0] === OPENING_BRACE) return 'document';
    text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1').trimStart();
  }
  if (/^(?:data:|event:|id:|retry:|:)/.test(text)) return 'stream';
  if (/^[{[]/.test(text)) return 'document';
  await body.return();
  const what = text.startsWith('<')
    ? 'a web page'
    : `something that is not JSON (content type "${contentType.slice(0, 60)}")`;
  throw new GatewayError('upstream_error', `${target.provider} answered 200 with ${what}. Check its base_url.`);
}

async function beginStream(body: HeldBody, answer: HostReply, target: Target, limits: AnswerLimits): Promise<Reply> {
  if (limits.holdsPreamble) {
    const beginning = await awaitContent(body, target.dialect, {
      clock: limits.clock,
      longestMs: limits.longestHoldMs,
    });
    if (beginning.name === 'error') {
      await body.return();
      throw new ProviderRefused(beginning.error, {
        headers: headersToPassBack(answer.headers),
        contentType: EVENT_STREAM,
        bytes: Buffer.concat(body.held),
      });
    }
    if (beginning.name === 'empty')
      throw new GatewayError('upstream_error', `${target.provider} answered 200 with an empty stream.`);
  }
  return {
    status: answer.status,
    dialect: target.dialect,
    streamed: true,
    contentType: EVENT_STREAM,
    headers: headersToPassBack(answer.headers),
    body,
    target,
  };
}

/** A document counts only whole: what breaks off or is cut short can still be asked of another target. */
async function collectDocument(body: HeldBody, answer: HostReply, target: Target, contentType: string): Promise<Reply> {
  const common = {
    status: answer.status,
    dialect: target.dialect,
    streamed: false,
    contentType: contentType || 'application/json',
    headers: headersToPassBack(answer.headers),
    target,
  };
  let length = body.held.reduce((sum, chunk) => sum + chunk.length, 0);
  while (length <= MOST_COLLECTED) {
    const chunk = await body.readAhead();
    if (chunk === undefined) {
      const whole = body.held.length === 1 ? asBuffer(body.held[0]!) : Buffer.concat(body.held, length);
      if (!isDocument(whole)) {
        if (isLines(whole)) return { ...common, streamed: true, contentType: EVENT_STREAM, body: once(whole) };
        throw new GatewayError(
          'upstream_error',
          `${target.provider} answered with JSON that ends too early or is broken.`,
        );
      }
      if (tellsOnlyError(whole))
        throw refusalOf(whole, answer, target, {
          status: statusOfError(whole, target),
          contentType: common.contentType,
        });
      return { ...common, body: once(whole), whole, contentLength: whole.length };
    }
    length += chunk.length;
  }
  return { ...common, body };
}

function isDocument(bytes: Buffer): boolean {
  // Arrays are what Gemini streams without `alt=sse`; they are passed as they are.
  if (bytes[0] === 0x5b) return true;
  try {
    outlineBody(bytes, []);
    return true;
  } catch {
    return false;
  }
}

/** A host that streams by lines may call them plain JSON: behind a first object there is another. */
function isLines(bytes: Buffer): boolean {
  const end = bytes.indexOf('}\n{');
  return end !== -1 && bytes[0] === 0x7b && isDocument(bytes.subarray(0, end + 1));
}

/** What holds the answer in some dialect's document. */
const ANSWERS = ['choices', 'output', 'content', 'candidates', 'data'];

/** Compatible hosts and routers answer 200 and tell an error in the document. */
function tellsOnlyError(whole: Buffer): boolean {
  if (whole[0] === 0x5b || whole.indexOf('"error"') === -1) return false;
  const { values } = outlineBody(whole, ['error', ...ANSWERS]);
  const { error } = values;
  const isTold = error !== undefined && whole.toString('latin1', error.from, error.to) !== 'null';
  return isTold && ANSWERS.every((key) => values[key] === undefined);
}

/** The status that the error stands for: what the caller did wrong must not come out as the provider's failure. */
function statusOfError(whole: Buffer, target: Target): number {
  try {
    const events = dialects[target.dialect].readDocument(JSON.parse(whole.toString('utf8')) as JsonObject);
    const told = events.find((event) => event.type === 'error');
    return told?.error.status ?? 500;
  } catch {
    return 500;
  }
}

async function readRefusal(answer: HostReply, target: Target): Promise<ProviderRefused> {
  const bytes = await collectAtMost(answer.body, MOST_OF_AN_ERROR);
  const contentType = headerOf(answer, 'content-type') ?? 'application/json';
  return refusalOf(bytes, answer, target, { status: answer.status, contentType });
}

function refusalOf(
  bytes: Buffer,
  { headers }: HostReply,
  target: Target,
  { status, contentType }: { status: number; contentType: string },
): ProviderRefused {
  const error = dialects[target.dialect].readError(status, bytes.toString('utf8'), headers);
  return new ProviderRefused(error, { headers: headersToPassBack(headers), contentType, bytes });
}

async function collectAtMost(body: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= most) break;
    }
  } catch {
    // An error body that breaks off still tells its status.
  }
  return Buffer.concat(chunks);
}

function headerOf(answer: HostReply, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
