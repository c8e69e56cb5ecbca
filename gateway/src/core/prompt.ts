import type { ModelRequest } from '@xidao/dialects';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';

/** What is asked, and by whom. */
export interface Prompt {
  readonly call: Call;
  readonly caller: Caller;
  /** The call in no vendor's words; read on first use, and never where dialects agree. */
  request(): ModelRequest;
}
