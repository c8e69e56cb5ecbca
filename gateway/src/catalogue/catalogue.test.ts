import { expect, test } from 'vitest';
import { nearestNames } from '../core/nearest.ts';
import { findProvider, providers } from '../providers/index.ts';
import { createCatalogue } from './catalogue.ts';
import { overlay } from './overlay.ts';
import { openPriceBook } from './price-book.ts';

const book = openPriceBook();
const known = (name: string) => ({ name, preset: findProvider(name)! });
const catalogue = createCatalogue({
  providers: ['openai', 'anthropic', 'gemini', 'deepseek', 'qwen'].map(known),
  book,
});

test('the models that people ask for are there, priced and with their limits', () => {
  for (const name of [
    'gpt-5',
    'gpt-5-mini',
    'gpt-5-nano',
    'gpt-5.5',
    'claude-opus-4',
    'claude-sonnet-4',
    'claude-opus-4-7',
  ]) {
    const [model] = catalogue.resolve(name);
    expect(model?.prices.length, name).toBeGreaterThan(0);
    expect(model?.contextWindow, name).toBeGreaterThan(100_000);
    expect(model?.maxOutputTokens, name).toBeGreaterThan(30_000);
    expect(model?.tools, name).toBe(true);
  }
  for (const name of ['gemini-2.5-pro', 'gemini-2.5-flash', 'deepseek-chat', 'deepseek-v4', 'qwen3-235b']) {
    expect(catalogue.resolve(name)[0]?.prices.length, name).toBeGreaterThan(0);
  }
});

test('an alias means the id that the provider takes', () => {
  expect(catalogue.resolve('claude-4')[0]).toMatchObject({ provider: 'anthropic', id: 'claude-opus-4-20250514' });
  expect(catalogue.resolve('claude-sonnet-4')[0]?.id).toBe('claude-sonnet-4-20250514');
  expect(catalogue.find('qwen', 'qwen3-235b')?.id).toBe('qwen3-235b-a22b');
});

test('a dated name of a known model keeps its date and has that model\u2019s facts', () => {
  expect(catalogue.resolve('gpt-5-2025-08-07')).toEqual([
    expect.objectContaining({ id: 'gpt-5-2025-08-07', maxOutputTokens: 128_000, aliases: [] }),
  ]);
});

test('an unknown model of a known provider can be used; it has no price', () => {
  expect(catalogue.find('openai', 'tuned-by-us')).toEqual({
    id: 'tuned-by-us',
    title: 'tuned-by-us',
    provider: 'openai',
    aliases: [],
    prices: [],
  });
  expect(catalogue.resolve('tuned-by-us')).toEqual([]);
  expect(catalogue.find('nobody', 'gpt-5')).toBeUndefined();
});

test('a model that several providers serve is found at each, in the order of configuration', () => {
  const two = createCatalogue({
    providers: [
      { ...known('openai'), name: 'second-account' },
      { ...known('openai'), models: ['gpt-5'] },
    ],
    book,
  });
  expect(two.resolve('gpt-5').map(({ provider }) => provider)).toEqual(['second-account', 'openai']);
  expect(two.resolve('gpt-4o').map(({ provider }) => provider)).toEqual(['second-account']);
  expect(two.modelsOf('openai').map(({ id }) => id)).toEqual(['gpt-5']);
});

test('names are found in lower case too', () => {
  const minimax = createCatalogue({ providers: [known('minimax')], book });
  expect(minimax.resolve('minimax-m3').map(({ id }) => id)).toEqual(['MiniMax-M3']);
});

test('deployments take the facts of the model they are named after, and none are listed', () => {
  const azure = createCatalogue({ providers: [known('azure')], book });
  expect(azure.models()).toEqual([]);
  expect(azure.find('azure', 'gpt-5-mini')).toMatchObject({ maxOutputTokens: 128_000, provider: 'azure' });
});

test('a host of one\u2019s own has the models that configuration names', () => {
  const preset = { ...findProvider('vllm')!, name: 'constructor' };
  const own = createCatalogue({ providers: [{ name: 'lab', preset, models: ['llama-4-scout'] }], book });
  expect(own.models()).toEqual([
    { id: 'llama-4-scout', title: 'llama-4-scout', provider: 'lab', aliases: [], prices: [] },
  ]);
});

test('names that providers have withdrawn are not listed', () => {
  const names = catalogue.names();
  for (const gone of ['gpt-4-32k', 'o1-preview', 'gemini-pro', 'claude-2', 'chatgpt-4o-latest'])
    expect(names).not.toContain(gone);
  expect(names).toContain('gpt-5.6-luna');
  expect(names).toContain('gemini-3.6-flash');
});

test('a mistyped model finds its neighbours', () => {
  expect(nearestNames('gpt5-mini', catalogue.names())[0]).toBe('gpt-5-mini');
  expect(nearestNames('cluade-opus-4-7', catalogue.names())[0]).toBe('claude-opus-4-7');
});

test('ids and aliases are unique at each provider', () => {
  const all = createCatalogue({ providers: providers.map((preset) => ({ name: preset.name, preset })), book });
  for (const { name } of providers) {
    const names = all.modelsOf(name).flatMap((model) => [model.id, ...model.aliases]);
    expect(
      names.filter((one, at) => names.indexOf(one) !== at),
      name,
    ).toEqual([]);
  }
});

test('every row of the overlay belongs to a known provider and holds together', () => {
  for (const [name, rows] of Object.entries(overlay)) {
    expect(findProvider(name)?.name).toBe(name);
    for (const row of rows()) {
      if (row.released) expect(row.released, row.id).toMatch(/^20\d\d-\d\d(-\d\d)?$/);
      if (row.contextWindow && row.maxOutputTokens)
        expect(row.maxOutputTokens, row.id).toBeLessThanOrEqual(row.contextWindow);
      if (row.price) expect(row.price.source, row.id).toContain('https://');
    }
  }
});

test('every price is a whole number of pico-dollars', () => {
  const all = createCatalogue({ providers: providers.map((preset) => ({ name: preset.name, preset })), book });
  for (const model of all.models()) {
    for (const { price } of model.prices) {
      for (const rates of [price, ...(price.tiers ?? [])]) {
        for (const value of Object.values(rates)) {
          if (typeof value === 'number') expect(Number.isSafeInteger(value) && value >= 0, model.id).toBe(true);
        }
      }
    }
  }
});
