import type { DialectName, TargetTraits, Usage } from '@xidao/dialects';
import type { Provider } from '../providers/provider.ts';
import type { Operation } from './operation.ts';

/** One place that can answer: a provider's model, its credential, and the dialect to be spoken there. */
export interface Target {
  /** `provider/model`, for people; with `#2` and so on for the provider's further keys. What is learned of a target is kept under it. */
  readonly name: string;
  /** The provider's name in configuration (which may differ from the preset's). */
  readonly provider: string;
  readonly preset: Provider;
  /** The provider's own name of the model. */
  readonly model: string;
  readonly dialect: DialectName;
  /** What is asked of it; not always what the client asked, as one operation can be had by way of another. */
  readonly operation: Operation;
  readonly traits: TargetTraits;
  /** Milliseconds. */
  readonly timeouts: Timeouts;
  readonly host: Host;
  /** What is known of the model; absent means not known, never no. */
  readonly facts: ModelFacts;
  /** Integer pico-dollars of this usage at the prices of now; undefined where no price is known. */
  cost(usage: Usage): number | undefined;
}

/** What a model can take and give, as far as configuration and catalogue tell. */
export interface ModelFacts {
  /** Tokens of input and output together. */
  contextWindow?: number;
  maxOutputTokens?: number;
  /** `text`, `image`, `audio`, `video`, `pdf`. */
  inputModalities?: readonly string[];
  tools?: boolean;
  reasoning?: boolean;
}

/** All times in milliseconds; 0 waits for ever. */
export interface Timeouts {
  connect: number;
  firstByte: number;
  /** Greatest pause between two chunks of an answer. */
  idle: number;
  total: number;
}

/** The other end of a target: gives an answer to written bytes. A provider on the network and the built-in mock are both hosts. */
export interface Host {
  open(request: HostRequest): Promise<HostReply>;
}

export interface HostRequest {
  target: Target;
  operation: Operation;
  dialect: DialectName;
  wantsStream: boolean;
  /** The body in pieces, in order; never joined just for sending. */
  body: readonly Uint8Array[];
  contentType: string;
  /** Client headers that the dialect lets through (`anthropic-beta` …), and those that a translation asked for. */
  headers: Record<string, string>;
  query: string;
  /** What this attempt waits for; the target's own limits or less. */
  timeouts: Timeouts;
  /** Calls back with a way to give up; giving up closes the connection. */
  onAbortable(abort: () => void): void;
}

export interface HostReply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Each chunk as it arrived. Reading stops the upstream when it lags (backpressure); returning early aborts it. */
  body: AsyncIterable<Uint8Array>;
}
