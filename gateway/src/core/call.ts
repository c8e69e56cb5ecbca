import type { IncomingHttpHeaders } from 'node:http';
import type { DialectName, JsonObject } from '@xidao/dialects';
import type { Operation } from './operation.ts';

/** One client request, read whole, and its life: it ends when the client leaves or when the last byte of its answer is out. */
export interface Call {
  /** `call_…`; told to the client as `x-request-id`. */
  readonly id: string;
  /** The client's wire format; decided by the path alone. */
  readonly dialect: DialectName;
  readonly operation: Operation;
  /** The wire format of the body: the same, but for clients that send one API's body to another's path. */
  readonly bodyDialect: DialectName;
  readonly path: string;
  /** The query string without `?`; empty when there was none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** The body after `content-encoding` is undone, otherwise as the client sent it. */
  readonly bytes: Buffer;
  /** The model that the client asked for; empty where the operation has none. */
  readonly model: string;
  readonly wantsStream: boolean;
  /** What a walk over the body's top-level keys found; absent where the body is not JSON. */
  readonly body?: BodyOutline;
  /** Where the model's name stands in a multipart form. */
  readonly formModel?: { from: number; to: number };
  readonly contentType: string;
  readonly remoteAddress: string;
  /** Wall clock, milliseconds since 1970. */
  readonly startedAtMs: number;
  /** Monotonic clock, milliseconds. */
  readonly startedAt: number;
  /** The body parsed; once, on first use. Throws a refusal for JSON that cannot be parsed. */
  json(): JsonObject;
  /** True once the client has hung up. */
  readonly isGone: boolean;
  /** Runs `leave` when the client hangs up, or at once if it has. The result takes it back. */
  onGone(leave: () => void): () => void;
}

/** Where the values of some top-level keys stand in a JSON body, so that they can be replaced without parsing the rest. */
export interface BodyOutline {
  /** Position of the opening brace. */
  start: number;
  /** True: the object has no member at all. */
  isEmpty: boolean;
  /** From and up to (exclusive) the value of each watched key that is there exactly once. */
  values: { [key: string]: { from: number; to: number } | undefined };
  /** False: a top-level key is escaped or a watched key is there twice, so two readers may disagree; only the parsed path is safe. */
  isPlain: boolean;
}
