/** Why a provider refused or broke off, in no vendor's words. */
export interface ModelError {
  kind: ModelErrorKind;
  /** The provider's own HTTP status, or the one that the kind stands for when the error came inside a stream. */
  status: number;
  message: string;
  /** The provider's own code or type, verbatim. */
  code?: string;
  /** True: the gateway's own refusal. Its code is stable and told as it is; otherwise the code is chosen by kind, as clients expect it. */
  isOwn?: true;
  type?: string;
  param?: string;
  retryAfterSeconds?: number;
  /** The provider's request id. */
  requestId?: string;
  /** The body as it came, trimmed to 2,000 characters. */
  original?: string;
}

export type ModelErrorKind =
  | 'invalid-request'
  | 'context-overflow'
  | 'content-policy'
  | 'authentication'
  | 'permission'
  | 'billing'
  | 'not-found'
  | 'too-large'
  | 'rate-limit'
  | 'quota'
  | 'overloaded'
  | 'timeout'
  | 'server'
  | 'unavailable';
