/** Bytes that arrive by callback and are read by iteration, with no copy and no buffer but for a reader that lags. */

/** Whoever sends the bytes. */
export interface Source {
  pause(): void;
  resume(): void;
  abort(): void;
}

/** A reader this far behind stops the upstream. */
const HIGH_WATER_BYTES = 256 * 1024;

type Result = IteratorResult<Uint8Array, undefined>;

const DONE: Result = { done: true, value: undefined };

export class ArrivingBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: Source;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #isPaused = false;
  #state: 'open' | 'ended' | 'failed' | 'left' = 'open';
  #error: unknown;
  #reader: { resolve: (result: Result) => void; reject: (error: unknown) => void } | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  // What the source says.

  arrived(chunk: Uint8Array): void {
    if (this.#state !== 'open') return;
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader.resolve({ done: false, value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= HIGH_WATER_BYTES && !this.#isPaused) {
      this.#isPaused = true;
      this.#source.pause();
    }
  }

  ended(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#reader?.resolve(DONE);
    this.#reader = undefined;
  }

  /** What has arrived before is still read; then the error is thrown. */
  failed(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#error = error;
    this.#reader?.reject(error);
    this.#reader = undefined;
  }

  // What the reader asks.

  next(): Promise<Result> {
    if (this.#chunks.length > 0) return Promise.resolve({ done: false, value: this.#take() });
    switch (this.#state) {
      case 'open':
        return new Promise((resolve, reject) => {
          this.#reader = { resolve, reject };
        });
      case 'failed':
        return Promise.reject(this.#error);
      case 'ended':
      case 'left':
        return Promise.resolve(DONE);
    }
  }

  /** The reader goes early: the source is let go at once. */
  return(): Promise<Result> {
    if (this.#state === 'open') {
      this.#state = 'left';
      this.#source.abort();
    }
    this.#chunks = [];
    return Promise.resolve(DONE);
  }

  /** What has arrived since the last look travels on together: a burst of sixty chunks costs two steps and not sixty. */
  #take(): Uint8Array {
    const chunks = this.#chunks;
    this.#chunks = [];
    const taken = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, this.#waitingBytes);
    this.#waitingBytes = 0;
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#source.resume();
    }
    return taken;
  }
}
