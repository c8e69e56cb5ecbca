import { expect, test } from 'vitest';
import { HeldBody } from './held-body.ts';

/** A body whose chunks come when they are told to. */
function aBody() {
  const waiting: ((result: IteratorResult<Uint8Array, undefined>) => void)[] = [];
  const body: AsyncIterableIterator<Uint8Array, undefined> = {
    [Symbol.asyncIterator]: () => body,
    next: () => new Promise((resolve) => waiting.push(resolve)),
  };
  return { body, comes: (text: string) => waiting.shift()!({ done: false, value: Buffer.from(text) }) };
}

const textOf = ({ value }: IteratorResult<Uint8Array, undefined>) => value?.toString();

test('what was read ahead is given first', async () => {
  const { body, comes } = aBody();
  const held = new HeldBody(body);
  const ahead = held.readAhead();
  comes('one');
  await ahead;
  expect(textOf(await held.next())).toBe('one');
  const next = held.next();
  comes('two');
  expect(textOf(await next)).toBe('two');
});

test('a look ahead that nobody waits for any more is the reader’s next chunk, and told once', async () => {
  const { body, comes } = aBody();
  const held = new HeldBody(body);
  const ahead = held.readAhead();
  const next = held.next();
  comes('one');
  expect(textOf(await next)).toBe('one');
  await ahead;
  const after = held.next();
  comes('two');
  expect(textOf(await after)).toBe('two');
});
