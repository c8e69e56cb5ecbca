import type { CallBodies, Seal } from './seal.ts';

/** Keeps the bodies of calls whose route asked for it: redacted, sealed, and after the call is over. */
export interface BodyLog {
  /** Gives up, and counts, what comes while too much waits: bodies are for looking up, not for the books. */
  keep(callId: string, atMs: number, bodies: CallBodies): void;
  find(callId: string): Promise<CallBodies | undefined>;
  /** Bodies that were given up. */
  lost(): number;
  /** Resolves when nothing waits any more. */
  close(): Promise<void>;
}

export interface BodyLogDeps {
  store: {
    keepBodies(callId: string, atMs: number, sealed: string): Promise<void>;
    findBodies(callId: string): Promise<string | undefined>;
  };
  seal: Seal;
  /** Takes out what must not be kept. */
  redact: (text: string) => string;
  onFailure: (error: Error) => void;
  /** Characters that may wait. Default: 32 million. */
  mostWaiting?: number;
}

interface Waiting {
  callId: string;
  atMs: number;
  bodies: CallBodies;
  size: number;
}

export function createBodyLog({ store, seal, redact, onFailure, mostWaiting = 32_000_000 }: BodyLogDeps): BodyLog {
  const waiting: Waiting[] = [];
  let size = 0;
  let lost = 0;
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      // One at a time, each in a turn of its own: sealing a long prompt takes a while, and streams go first.
      await new Promise((resolve) => setImmediate(resolve));
      size -= next.size;
      try {
        await store.keepBodies(next.callId, next.atMs, seal.seal(next.callId, redacted(next.bodies)));
      } catch (error) {
        lost += 1;
        onFailure(error as Error);
      }
    }
    working = undefined;
  }

  function redacted({ request, response }: CallBodies): CallBodies {
    return {
      ...(request !== undefined && { request: redact(request) }),
      ...(response !== undefined && { response: redact(response) }),
    };
  }

  return {
    keep(callId, atMs, bodies) {
      const added = (bodies.request?.length ?? 0) + (bodies.response?.length ?? 0);
      if (size + added > mostWaiting) {
        lost += 1;
        return;
      }
      size += added;
      waiting.push({ callId, atMs, bodies, size: added });
      working ??= work();
    },
    async find(callId) {
      const sealed = await store.findBodies(callId);
      return sealed === undefined ? undefined : seal.open(callId, sealed);
    },
    lost: () => lost,
    async close() {
      await working;
    },
  };
}
