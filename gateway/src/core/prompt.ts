import type { Message, ModelRequest, Receipt } from '@xidao/dialects';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';

/** What is asked, and by whom. */
export interface Prompt {
  readonly call: Call;
  readonly caller: Caller;
  /** The call in no vendor's words; read on first use, and never where dialects agree. */
  request(): ModelRequest;
  /** Tokens of everything that is sent, estimated on first use from the body's bytes. */
  inputTokens(): number;
  /** What reading it left behind, as nothing but the client's own operation has words for it. Undefined: nothing. */
  unsaid?(): Receipt | undefined;
  /** True: `request` says more than the client's bytes do, so that these must not be passed on. */
  readonly isRewritten?: boolean;
  /** What went before the request's own messages, where the call goes on from a response that is kept here. */
  readonly history?: readonly Message[];
}
