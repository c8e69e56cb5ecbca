type Result = IteratorResult<Uint8Array, undefined>;

/** A body of which some chunks were read ahead: gives these first, the very same objects, then the rest at no cost per chunk. */
export class HeldBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #rest: AsyncIterator<Uint8Array, undefined>;
  readonly held: Uint8Array[] = [];
  #given = 0;
  #pending: Promise<Result> | undefined;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#rest = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Reads one chunk ahead and keeps it. Undefined: the body is over. */
  async readAhead(): Promise<Uint8Array | undefined> {
    this.#pending ??= this.#rest.next();
    const pending = this.#pending;
    const result = await pending;
    // The reader did not wait for this look ahead to end, and has the chunk already.
    if (this.#pending !== pending) return result.value;
    this.#pending = undefined;
    if (result.done === true) {
      this.#pending = Promise.resolve(result);
      return undefined;
    }
    this.held.push(result.value);
    return result.value;
  }

  next(): Promise<Result> {
    if (this.#given < this.held.length) {
      const value = this.held[this.#given]!;
      this.#given += 1;
      // What is given is let go: a stream may stay open for minutes.
      if (this.#given === this.held.length) this.#given = this.held.length = 0;
      return Promise.resolve({ done: false, value });
    }
    if (this.#pending === undefined) return this.#rest.next();
    const pending = this.#pending;
    this.#pending = undefined;
    return pending;
  }

  return(): Promise<Result> {
    return this.#rest.return?.() ?? Promise.resolve({ done: true, value: undefined });
  }
}
