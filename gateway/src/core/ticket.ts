import type { Usage } from '@xidao/dialects';

/** What a call holds while it runs. Given back exactly once, however the call ends. */
export interface Ticket {
  settle(usage: Usage | undefined): void;
}
