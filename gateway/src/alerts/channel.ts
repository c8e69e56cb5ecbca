import type { Alert } from '../core/alert.ts';

/** One way to tell people. */
export interface Channel {
  readonly name: string;
  readonly timeoutMs: number;
  /** Tells them. Throws NotDelivered, or anything else, which is then worth another try. */
  send(alert: Alert, signal: AbortSignal): Promise<void>;
}

/** Why an alert did not get through, in one sentence that holds no secret. */
export class NotDelivered extends Error {
  /** Whether it may get through later. */
  readonly isWorthAnother: boolean;
  /** The other side's own word for when. */
  readonly retryAfterMs: number | undefined;

  constructor(why: string, { isWorthAnother, retryAfterMs }: { isWorthAnother: boolean; retryAfterMs?: number }) {
    super(why);
    this.name = 'NotDelivered';
    this.isWorthAnother = isWorthAnother;
    this.retryAfterMs = retryAfterMs;
  }
}
