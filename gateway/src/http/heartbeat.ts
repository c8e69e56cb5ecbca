/** Keeps quiet streams alive: one interval for all of them, and nothing per chunk but a flag. */
export interface Heartbeat {
  /** `beat` runs whenever no life was shown for the period. */
  watch(beat: () => void): Pulse;
  close(): void;
}

export interface Pulse {
  /** The stream moved. */
  alive(): void;
  stop(): void;
}

/** A stream beats after `periodMs` to `periodMs` × 4/3 of silence. */
export function createHeartbeat(periodMs: number): Heartbeat {
  const watched = new Set<{ quietTicks: number; beat: () => void }>();
  const TICKS = 3;
  const timer = setInterval(() => {
    for (const stream of watched) {
      stream.quietTicks += 1;
      if (stream.quietTicks <= TICKS) continue;
      stream.quietTicks = 1;
      stream.beat();
    }
  }, periodMs / TICKS);
  timer.unref();
  return {
    watch(beat) {
      const stream = { quietTicks: 0, beat };
      watched.add(stream);
      return {
        alive: () => {
          stream.quietTicks = 0;
        },
        stop: () => {
          watched.delete(stream);
        },
      };
    },
    close: () => clearInterval(timer),
  };
}
