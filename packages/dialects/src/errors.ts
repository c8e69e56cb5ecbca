import type { Usage } from './usage.ts';

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
  /** What the client had of the answer already, where it broke off; told beside the message. */
  partial?: PartialAnswer;
}

/** As much of an answer as was told before it broke off. */
export interface PartialAnswer {
  /** Only plain text was told and asked for: no tool call, no structured output, no sealed reasoning. Another answer may go on from it. */
  resumable: boolean;
  usage?: Usage;
  /** The provider did not tell the counts, or not all of them. */
  isEstimated?: true;
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
