import type { DialectName, PartialAnswer, Receipt, ReplyContext } from '@xidao/dialects';
import type { Target } from './target.ts';

/** An answer whose first bytes are here. A document is a body of one or few chunks, a stream one of many. */
export interface Reply {
  status: number;
  dialect: DialectName;
  streamed: boolean;
  contentType: string;
  /** The provider's headers that clients may see, lower case. */
  headers: Record<string, string>;
  body: AsyncIterable<Uint8Array>;
  /** All the bytes, where they are here already; `body` then gives just this one chunk. */
  whole?: Buffer;
  /** Length in bytes where it is known before the end; never for streams. */
  contentLength?: number;
  /** Absent when the gateway itself answers. */
  target?: Target;
  /** To be told where the answer turns out to be none, though the call goes on. */
  brokeOff?: (why: string) => void;
  /** Of a stream: what the client has of it, should it break off now. */
  partial?: () => PartialAnswer;
  receipt?: Receipt;
  /** Names that were rewritten for the provider and must be put back for the client. */
  renamed?: Pick<ReplyContext, 'toolNames' | 'toolCallIds' | 'jsonTool'>;
  /** True: the stream holds a usage chunk that the client did not ask for. */
  hidesUsage?: boolean;
}

/** How the sending of a reply ended. */
export type Ending =
  | { name: 'complete'; bytes: number }
  | { name: 'client-left'; bytes: number }
  /** The upstream broke off after the client had begun to read. */
  | { name: 'broken-off'; bytes: number; error: unknown };
