import type { Alert, Delivery } from '../core/alert.ts';
import type { Clock } from '../core/clock.ts';
import { type Channel, NotDelivered } from './channel.ts';

export interface DeliverDeps {
  clock: Pick<Clock, 'wallMs' | 'setTimeout'>;
  /** 0 to 1. */
  random(): number;
}

const MOST_TRIES = 6;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/** Tells by one channel, and tries again when that fails: after 2 seconds, then four times as long each time, within some minutes. Never throws; ends early when it is given up. */
export async function deliver(
  alert: Alert,
  channel: Channel,
  { deps, signal, mostTries = MOST_TRIES }: { deps: DeliverDeps; signal: AbortSignal; mostTries?: number },
): Promise<Delivery> {
  for (let attempts = 1; ; attempts++) {
    const failure = await tryOnce(alert, channel, deps, signal);
    const told = { channel: channel.name, attempts, atMs: deps.clock.wallMs() };
    if (failure === undefined) return { ...told, state: 'sent' };
    if (!failure.isWorthAnother || attempts >= mostTries || signal.aborted)
      return { ...told, state: 'failed', why: failure.message };
    await pause(pauseMs(attempts, failure.retryAfterMs, deps.random()), deps.clock, signal);
  }
}

async function tryOnce(
  alert: Alert,
  channel: Channel,
  { clock }: DeliverDeps,
  signal: AbortSignal,
): Promise<NotDelivered | undefined> {
  const late = new AbortController();
  const timer = clock.setTimeout(() => late.abort(), channel.timeoutMs);
  try {
    await channel.send(alert, AbortSignal.any([signal, late.signal]));
    return undefined;
  } catch (error) {
    if (error instanceof NotDelivered) return error;
    return new NotDelivered('It could not be sent.', { isWorthAnother: true });
  } finally {
    timer.cancel();
  }
}

/** Half of it is left to chance, so that not all alerts come back at once. */
function pauseMs(tries: number, askedMs = 0, chance: number): number {
  const whole = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 4 ** (tries - 1));
  return Math.max(whole * (0.5 + chance / 2), Math.min(askedMs, LONGEST_PAUSE_MS));
}

function pause(milliseconds: number, clock: DeliverDeps['clock'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = clock.setTimeout(end, milliseconds);
    function end(): void {
      timer.cancel();
      signal.removeEventListener('abort', end);
      resolve();
    }
    signal.addEventListener('abort', end);
  });
}
