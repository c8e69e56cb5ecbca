import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { bookSource, readPrices } from './read-prices.ts';

test('the source that prices name is the book that is installed', () => {
  const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices');
  const { name, version } = JSON.parse(readFileSync(join(dirname(entry), '../package.json'), 'utf8'));
  expect(bookSource.source).toBe(`${name} ${version}`);
});

test('dollars per million become whole pico-dollars per token', () => {
  expect(readPrices({ input_mtok: 3, output_mtok: 0.0375, cache_read_mtok: 0.003625 })[0]?.price).toMatchObject({
    input: 3_000_000,
    output: 37_500,
    cachedInput: 3_625,
  });
});

test("a provider's rule for its cache fills what the book leaves out, and nothing else", () => {
  const rates = { read: 0.1, write: 1.25, write1h: 2 };
  expect(readPrices({ input_mtok: 3, output_mtok: 15 }, rates)[0]?.price).toMatchObject({
    cachedInput: 300_000,
    cacheWrite: 3_750_000,
    cacheWrite1h: 6_000_000,
  });
  expect(readPrices({ input_mtok: 3, output_mtok: 15, cache_read_mtok: 0.2 }, rates)[0]?.price.cachedInput).toBe(
    200_000,
  );
});

test('tiers of several rates are gathered by threshold, and their cache follows the same rule', () => {
  const tiered = (base: number, price: number) => ({ base, tiers: [{ start: 200_000, price }] });
  const [scheduled] = readPrices(
    { input_mtok: tiered(3, 6) as never, output_mtok: tiered(15, 22.5) as never },
    { read: 0.1 },
  );
  expect(scheduled?.price.cachedInput).toBe(300_000);
  expect(scheduled?.price.tiers).toEqual([
    { aboveInputTokens: 200_000, input: 6_000_000, output: 22_500_000, cachedInput: 600_000 },
  ]);
});

test('an entry that prices no tokens has no price, rather than a price of zero', () => {
  expect(readPrices({ input_audio_hours: 0.36 })).toEqual([]);
  expect(readPrices({})).toEqual([]);
});
