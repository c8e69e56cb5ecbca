/** A provider on loopback for tests: speaks every dialect, answers, stalls, breaks and overloads on cue. */

export type { Asked, UsageStyle } from './asked.ts';
export { countWords } from './asked.ts';
export { collect } from './collect.ts';
export type { CorpusQuery, Exchange } from './corpus.ts';
export { bodyOf, corpusIsThere, loadCorpus } from './corpus.ts';
export type { Cue, RawReply } from './cues.ts';
export {
  choose,
  closeWithoutAnswer,
  echo,
  empty,
  fails,
  html,
  raw,
  redirect,
  reply,
  resetBeforeHeaders,
  status,
} from './cues.ts';
export {
  atOnce,
  changing,
  cutAfter,
  delay,
  endAfter,
  errorAfter,
  gzip,
  header,
  largeHeaders,
  lateUsage,
  overloadedFirst,
  retryAfter,
  splitAt,
  stallAfter,
  stallBefore,
  untilClose,
  usageEveryChunk,
  wrongContentType,
} from './faults.ts';
export type { FormPart } from './multipart.ts';
export { readMultipart } from './multipart.ts';
export type { Point } from './point.ts';
export type { DeadEnd } from './ports.ts';
export { blackHole, deadPort, freePort, neverAccepts } from './ports.ts';
export type { Arrival, RawExchange, RawRequestOptions, RawResponse } from './raw-request.ts';
export { openRawRequest, rawRequest } from './raw-request.ts';
export type { CallEnd, RecordedCall } from './recorded-call.ts';
export { embed } from './render/embeddings.ts';
export type { ErrorScript } from './render/errors.ts';
export { eventStreamMessage } from './render/event-stream.ts';
export { onePixelPng } from './render/media.ts';
export { fromRecording, replayModel, replayUpstream } from './replay.ts';
export type { CitationScript, Finish, ReplyScript, ToolCallScript, UsageScript } from './reply-script.ts';
export { createdSeconds } from './reply-script.ts';
export type { Operation, Surface } from './routes.ts';
export { bom, comments, crlf, halfJson, noFinalNewline } from './spelling-faults.ts';
export type { SentEvent, SentEvents } from './sse.ts';
export { sse } from './sse.ts';
export type { Upstream, UpstreamClock, UpstreamOptions } from './upstream.ts';
export { startUpstream } from './upstream.ts';
export type { Cutting, Frame, Mark, WireReply } from './wire-reply.ts';
