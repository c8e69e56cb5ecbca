import type { Call } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';

/** Waits for so many milliseconds, or until the client leaves; false: it has left. */
export function pauseFor(
  delayMs: number,
  call: Pick<Call, 'isGone' | 'onGone'>,
  clock: Pick<Clock, 'setTimeout'>,
): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => {
      stay();
      resolve(!call.isGone);
    }, delayMs);
    const stay = call.onGone(() => {
      timer.cancel();
      resolve(false);
    });
  });
}
