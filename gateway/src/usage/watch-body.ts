interface Watcher {
  seen: { see(chunk: Uint8Array): void };
  /** Called once. True: the stream was read to its end. */
  ended(isWhole: boolean): void;
  /** Asked when the reader leaves early: how many bytes are still to be read, for nobody. */
  bytesToDrain(): number;
}

type Result = IteratorResult<Uint8Array, undefined>;

/** Passes the very same chunks on. One small object and no generator: what this costs, every chunk pays. */
export function watchBody(
  body: AsyncIterable<Uint8Array>,
  { seen, ended, bytesToDrain }: Watcher,
): AsyncIterableIterator<Uint8Array, undefined> {
  const source = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
  let isOver = false;
  const end = (isWhole: boolean) => {
    if (isOver) return;
    isOver = true;
    ended(isWhole);
  };
  const look = (result: Result) => {
    if (result.done === true) end(true);
    else seen.see(result.value);
    return result;
  };
  const fail = (error: unknown): never => {
    end(false);
    throw error;
  };

  /** Reads on without a reader, until the end or so many bytes. */
  async function drain(most: number): Promise<void> {
    for (let left = most; left > 0 && !isOver; ) {
      try {
        const { done, value } = look(await source.next());
        if (done !== true) left -= value.length;
      } catch {
        end(false);
      }
    }
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => source.next().then(look, fail),
    async return() {
      if (!isOver) await drain(bytesToDrain());
      end(false);
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
}
