/** Promises that resolve when something has come true, told by events, never by polling. */
export interface Waiters {
  /** Resolves with what `find` gives once that is not undefined; rejects if it throws, or when closed before. */
  until<Found>(what: string, find: () => Found | undefined): Promise<Found>;
  /** Something changed: look again. */
  changed(): void;
  /** Rejects everyone who still waits. */
  close(): void;
}

export function createWaiters(): Waiters {
  const waiting = new Set<{ look: () => boolean; giveUp: () => void }>();
  return {
    until(what, find) {
      return new Promise((resolve, reject) => {
        const look = () => {
          try {
            const found = find();
            if (found !== undefined) resolve(found);
            return found !== undefined;
          } catch (error) {
            reject(error);
            return true;
          }
        };
        if (!look()) waiting.add({ look, giveUp: () => reject(new Error(`Closed while waiting for ${what}.`)) });
      });
    },
    changed() {
      for (const waiter of waiting) if (waiter.look()) waiting.delete(waiter);
    },
    close() {
      for (const waiter of waiting) waiter.giveUp();
      waiting.clear();
    },
  };
}
