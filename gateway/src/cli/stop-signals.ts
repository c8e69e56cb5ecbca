import type { Gateway } from '../gateway.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** A terminal and npm both pass one Ctrl-C on: within this time it is the same. */
const SAME_SIGNAL_MS = 300;

/** Resolves at the first signal to stop. A second one ends the process at once, whatever is still under way. */
export function untilStopped(gateway: Gateway): Promise<void> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    const onSignal = (signal: NodeJS.Signals) => {
      const now = performance.now();
      if (firstMs === undefined) {
        firstMs = now;
        gateway.log.info({ signal }, 'stopping: calls under way end, new ones are refused');
        resolve();
      } else if (now - firstMs > SAME_SIGNAL_MS) {
        process.exit(1);
      }
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
  });
}
