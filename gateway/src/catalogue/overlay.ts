/**
 * What the price book does not tell: output limits, modalities, abilities, aliases, and prices of hosts it leaves out. Facts were
 * taken from the public models.dev collection (snapshot of the date below) and, for models newer than it, from the provider's own
 * page, which each group names. A row's price goes before the book's.
 */

import type { Modality, Model } from './model.ts';
import { type Price, perMillion, type Rates, type Tier } from './price.ts';

export interface OverlayRow extends Omit<Model, 'provider' | 'prices'> {
  price?: Price;
  /** The price book's model whose price this name has. */
  pricedAs?: string;
}

interface Extras {
  aliases?: string[];
  deprecated?: true;
  pricedAs?: string;
  /** Dollars per million tokens. */
  price?: Rates & { tiers?: Tier[] };
}

/** The day on which the figures of this collection were taken. */
export const overlayDate = '2026-07-02';

/** The rows of each provider, by the provider's name. Made when first asked for, once for each call. */
export const overlay: Record<string, () => OverlayRow[]> = {
  openai: () =>
    from('https://developers.openai.com/api/docs/models', [
      row('gpt-5.5', 'GPT-5.5', 1_050_000, 128_000, 'text image pdf', 'tools reasoning schema', '2026-04-23'),
      row('gpt-5.5-pro', 'GPT-5.5 Pro', 1_050_000, 128_000, 'text image pdf', 'tools reasoning schema', '2026-04-23'),
      row('gpt-5.4', 'GPT-5.4', 1_050_000, 128_000, 'text image pdf', 'tools reasoning schema', '2026-03-05'),
      row('gpt-5.4-pro', 'GPT-5.4 Pro', 1_050_000, 128_000, 'text image', 'tools reasoning', '2026-03-05'),
      row('gpt-5.4-mini', 'GPT-5.4 mini', 400_000, 128_000, 'text image', 'tools reasoning schema', '2026-03-17'),
      row('gpt-5.4-nano', 'GPT-5.4 nano', 400_000, 128_000, 'text image', 'tools reasoning schema', '2026-03-17'),
      row('gpt-5.3-codex', 'GPT-5.3 Codex', 400_000, 128_000, 'text image pdf', 'tools reasoning schema', '2026-02-05'),
      row('gpt-5.2', 'GPT-5.2', 400_000, 128_000, 'text image', 'tools reasoning schema', '2025-12-11'),
      row('gpt-5.2-pro', 'GPT-5.2 Pro', 400_000, 128_000, 'text image', 'tools reasoning', '2025-12-11'),
      row('gpt-5.2-codex', 'GPT-5.2 Codex', 400_000, 128_000, 'text image pdf', 'tools reasoning schema', '2025-12-11'),
      row('gpt-5.2-chat-latest', 'GPT-5.2 Chat', 128_000, 16_384, 'text image', 'tools reasoning schema', '2025-12-11'),
      row('gpt-5.1', 'GPT-5.1', 400_000, 128_000, 'text image', 'tools reasoning schema', '2025-11-13'),
      row('gpt-5.1-codex', 'GPT-5.1 Codex', 400_000, 128_000, 'text image', 'tools reasoning schema', '2025-11-13'),
      row(
        'gpt-5.1-codex-max',
        'GPT-5.1 Codex Max',
        400_000,
        128_000,
        'text image',
        'tools reasoning schema',
        '2025-11-13',
      ),
      row(
        'gpt-5.1-codex-mini',
        'GPT-5.1 Codex mini',
        400_000,
        128_000,
        'text image',
        'tools reasoning schema',
        '2025-11-13',
      ),
      row('gpt-5.1-chat-latest', 'GPT-5.1 Chat', 128_000, 16_384, 'text image', 'tools reasoning schema', '2025-11-13'),
      row('gpt-5', 'GPT-5', 400_000, 128_000, 'text image', 'tools reasoning schema', '2025-08-07'),
      row('gpt-5-mini', 'GPT-5 mini', 400_000, 128_000, 'text image', 'tools reasoning schema', '2025-08-07'),
      row('gpt-5-nano', 'GPT-5 nano', 400_000, 128_000, 'text image', 'tools reasoning schema', '2025-08-07'),
      row('gpt-5-pro', 'GPT-5 Pro', 400_000, 272_000, 'text image', 'tools reasoning schema', '2025-10-06'),
      row('gpt-5-codex', 'GPT-5 Codex', 400_000, 128_000, 'text image', 'tools reasoning schema', '2025-09-15'),
      row('gpt-5-chat-latest', 'GPT-5 Chat', 400_000, 128_000, 'text image', 'schema', '2025-08-07'),
      row('gpt-4.1', 'GPT-4.1', 1_047_576, 32_768, 'text image pdf', 'tools schema', '2025-04-14'),
      row('gpt-4.1-mini', 'GPT-4.1 mini', 1_047_576, 32_768, 'text image pdf', 'tools schema', '2025-04-14'),
      row('gpt-4.1-nano', 'GPT-4.1 nano', 1_047_576, 32_768, 'text image', 'tools schema', '2025-04-14'),
      row('gpt-4o', 'GPT-4o', 128_000, 16_384, 'text image pdf', 'tools schema', '2024-05-13'),
      row('gpt-4o-mini', 'GPT-4o mini', 128_000, 16_384, 'text image pdf', 'tools schema', '2024-07-18'),
      row('gpt-4', 'GPT-4', 8_192, 8_192, 'text', 'tools', '2023-11-06'),
      row('gpt-3.5-turbo', 'GPT-3.5 Turbo', 16_385, 4_096, 'text', 'tools', '2023-03-01'),
      row('o1', 'o1', 200_000, 100_000, 'text image pdf', 'tools reasoning schema', '2024-12-05'),
      row('o3', 'o3', 200_000, 100_000, 'text image pdf', 'tools reasoning schema', '2025-04-16'),
      row('o3-mini', 'o3-mini', 200_000, 100_000, 'text', 'tools reasoning schema', '2024-12-20'),
      row('o3-pro', 'o3-pro', 200_000, 100_000, 'text image', 'tools reasoning schema', '2025-06-10'),
      row('o4-mini', 'o4-mini', 200_000, 100_000, 'text image', 'tools reasoning schema', '2025-04-16'),
      row('text-embedding-3-large', 'text-embedding-3-large', 8_191, undefined, 'text > embedding', '', '2024-01-25'),
      row('text-embedding-3-small', 'text-embedding-3-small', 8_191, undefined, 'text > embedding', '', '2024-01-25'),
      row('text-embedding-ada-002', 'text-embedding-ada-002', 8_192, undefined, 'text > embedding', '', '2022-12-15'),
      row('gpt-image-1', 'GPT Image 1', undefined, undefined, 'text image > image', '', undefined),
    ]),
  anthropic: () =>
    from('https://platform.claude.com/docs/en/about-claude/models/overview', [
      row(
        'claude-opus-5-5',
        'Claude Opus 5.5',
        1_000_000,
        undefined,
        'text image pdf',
        'tools reasoning',
        '2026-09-22',
      ),
      row(
        'claude-sonnet-5-5',
        'Claude Sonnet 5.5',
        1_000_000,
        undefined,
        'text image pdf',
        'tools reasoning',
        '2026-09-28',
      ),
      row('claude-opus-5', 'Claude Opus 5', 1_000_000, undefined, 'text image pdf', 'tools reasoning', undefined),
      row('claude-fable-5-1', 'Claude Fable 5.1', 1_000_000, undefined, 'text image pdf', 'tools reasoning', undefined),
      row('claude-sonnet-5', 'Claude Sonnet 5', 1_000_000, 128_000, 'text image pdf', 'tools reasoning', '2026-06-30'),
      row('claude-fable-5', 'Claude Fable 5', 1_000_000, 128_000, 'text image pdf', 'tools reasoning', '2026-06-09'),
      row('claude-opus-4-8', 'Claude Opus 4.8', 1_000_000, 128_000, 'text image pdf', 'tools reasoning', '2026-05-28', {
        aliases: ['claude-opus-4.8'],
      }),
      row('claude-opus-4-7', 'Claude Opus 4.7', 1_000_000, 128_000, 'text image pdf', 'tools reasoning', '2026-04-16', {
        aliases: ['claude-opus-4.7'],
      }),
      row(
        'claude-sonnet-4-6',
        'Claude Sonnet 4.6',
        1_000_000,
        64_000,
        'text image pdf',
        'tools reasoning',
        '2026-02-17',
        { aliases: ['claude-sonnet-4.6'] },
      ),
      row('claude-opus-4-6', 'Claude Opus 4.6', 1_000_000, 128_000, 'text image pdf', 'tools reasoning', '2026-02-05', {
        aliases: ['claude-opus-4.6'],
      }),
      row(
        'claude-opus-4-5-20251101',
        'Claude Opus 4.5',
        200_000,
        64_000,
        'text image pdf',
        'tools reasoning',
        '2025-11-24',
        { aliases: ['claude-opus-4-5', 'claude-opus-4.5'] },
      ),
      row(
        'claude-haiku-4-5-20251001',
        'Claude Haiku 4.5',
        200_000,
        64_000,
        'text image pdf',
        'tools reasoning',
        '2025-10-15',
        { aliases: ['claude-haiku-4-5', 'claude-haiku-4.5'] },
      ),
      row(
        'claude-sonnet-4-5-20250929',
        'Claude Sonnet 4.5',
        200_000,
        64_000,
        'text image pdf',
        'tools reasoning',
        '2025-09-29',
        { aliases: ['claude-sonnet-4-5', 'claude-sonnet-4.5'] },
      ),
      row(
        'claude-opus-4-1-20250805',
        'Claude Opus 4.1',
        200_000,
        32_000,
        'text image pdf',
        'tools reasoning',
        '2025-08-05',
        { aliases: ['claude-opus-4-1', 'claude-opus-4.1'] },
      ),
      row(
        'claude-opus-4-20250514',
        'Claude Opus 4',
        200_000,
        32_000,
        'text image pdf',
        'tools reasoning',
        '2025-05-22',
        { aliases: ['claude-opus-4', 'claude-opus-4-0', 'claude-4', 'claude-4-opus'] },
      ),
      row(
        'claude-sonnet-4-20250514',
        'Claude Sonnet 4',
        200_000,
        64_000,
        'text image pdf',
        'tools reasoning',
        '2025-05-22',
        { aliases: ['claude-sonnet-4', 'claude-sonnet-4-0', 'claude-4-sonnet'] },
      ),
      row(
        'claude-3-7-sonnet-20250219',
        'Claude Sonnet 3.7',
        200_000,
        64_000,
        'text image pdf',
        'tools reasoning',
        '2025-02-19',
        { aliases: ['claude-3-7-sonnet-latest', 'claude-3-7-sonnet'] },
      ),
      row('claude-3-5-sonnet-20241022', 'Claude Sonnet 3.5', 200_000, 8_192, 'text image pdf', 'tools', '2024-10-22', {
        aliases: ['claude-3-5-sonnet-latest', 'claude-3-5-sonnet'],
      }),
      row('claude-3-haiku-20240307', 'Claude Haiku 3', 200_000, 4_096, 'text image pdf', 'tools', '2024-03-13', {
        aliases: ['claude-3-haiku'],
      }),
    ]),
  gemini: () =>
    from('https://ai.google.dev/gemini-api/docs/models', [
      row(
        'gemini-3.5-flash',
        'Gemini 3.5 Flash',
        1_048_576,
        65_536,
        'text image audio video pdf',
        'tools reasoning schema',
        '2026-05-19',
      ),
      row(
        'gemini-3.1-pro-preview',
        'Gemini 3.1 Pro Preview',
        1_048_576,
        65_536,
        'text image audio video pdf',
        'tools reasoning schema',
        '2026-02-19',
      ),
      row(
        'gemini-3.1-flash-lite',
        'Gemini 3.1 Flash-Lite',
        1_048_576,
        65_536,
        'text image audio video pdf',
        'tools reasoning schema',
        '2026-05-07',
      ),
      row(
        'gemini-3.1-flash-image-preview',
        'Nano Banana 2',
        65_536,
        65_536,
        'text image pdf > text image',
        'reasoning',
        '2026-02-26',
      ),
      row(
        'gemini-3-pro-preview',
        'Gemini 3 Pro Preview',
        1_048_576,
        65_536,
        'text image audio video pdf',
        'tools reasoning schema',
        '2025-11-18',
      ),
      row(
        'gemini-3-flash-preview',
        'Gemini 3 Flash Preview',
        1_048_576,
        65_536,
        'text image audio video pdf',
        'tools reasoning schema',
        '2025-12-17',
      ),
      row(
        'gemini-2.5-pro',
        'Gemini 2.5 Pro',
        1_048_576,
        65_536,
        'text image audio video pdf',
        'tools reasoning schema',
        '2025-06-17',
      ),
      row(
        'gemini-2.5-flash',
        'Gemini 2.5 Flash',
        1_048_576,
        65_536,
        'text image audio video pdf',
        'tools reasoning schema',
        '2025-06-17',
      ),
      row(
        'gemini-2.5-flash-lite',
        'Gemini 2.5 Flash-Lite',
        1_048_576,
        65_536,
        'text image audio video pdf',
        'tools reasoning schema',
        '2025-06-17',
      ),
      row(
        'gemini-2.5-flash-image',
        'Nano Banana',
        32_768,
        32_768,
        'text image > text image',
        'reasoning',
        '2025-08-26',
      ),
      row(
        'gemini-2.0-flash',
        'Gemini 2.0 Flash',
        1_048_576,
        8_192,
        'text image audio video pdf',
        'tools schema',
        '2024-12-11',
      ),
      row(
        'gemini-2.0-flash-lite',
        'Gemini 2.0 Flash-Lite',
        1_048_576,
        8_192,
        'text image audio video pdf',
        'tools schema',
        '2024-12-11',
      ),
      row('gemma-4-31b-it', 'Gemma 4 31B', 262_144, 32_768, 'text image', 'tools reasoning schema', '2026-04-02'),
      row('gemini-embedding-001', 'Gemini Embedding', 2_048, undefined, 'text > embedding', '', '2025-05-20'),
    ]),
  // deepseek-chat and deepseek-reasoner are names of V4 Flash without and with thinking.
  deepseek: () =>
    from('https://api-docs.deepseek.com/quick_start/pricing', [
      row('deepseek-v4-pro', 'DeepSeek V4 Pro', 1_000_000, 384_000, 'text', 'tools reasoning schema', '2026-04-24', {
        aliases: ['deepseek-v4'],
      }),
      row('deepseek-v4-flash', 'DeepSeek V4 Flash', 1_000_000, 384_000, 'text', 'tools reasoning schema', '2026-04-24'),
      row('deepseek-chat', 'DeepSeek Chat', 1_000_000, 384_000, 'text', 'tools', '2025-12-01', {
        pricedAs: 'deepseek-v4-flash',
      }),
      row('deepseek-reasoner', 'DeepSeek Reasoner', 1_000_000, 384_000, 'text', 'tools reasoning', '2025-12-01', {
        pricedAs: 'deepseek-v4-flash',
      }),
    ]),
  // Prices of the international site.
  qwen: () =>
    from('https://www.alibabacloud.com/help/en/model-studio/models', [
      row('qwen3.7-max', 'Qwen3.7 Max', 1_000_000, 65_536, 'text', 'tools reasoning', '2026-05-21', {
        price: { input: 2.5, output: 7.5, cachedInput: 0.5, cacheWrite: 3.125 },
      }),
      row('qwen3.7-plus', 'Qwen3.7 Plus', 1_000_000, 65_536, 'text image video', 'tools reasoning', undefined, {
        price: {
          input: 0.5,
          output: 3,
          cachedInput: 0.05,
          cacheWrite: 0.625,
          tiers: [{ aboveInputTokens: 256_000, input: 2, output: 6, cachedInput: 0.2, cacheWrite: 2.5 }],
        },
      }),
      row('qwen3.6-plus', 'Qwen3.6 Plus', 1_000_000, 65_536, 'text image video', 'tools reasoning', undefined, {
        price: {
          input: 0.5,
          output: 3,
          cachedInput: 0.05,
          cacheWrite: 0.625,
          tiers: [{ aboveInputTokens: 256_000, input: 2, output: 6, cachedInput: 0.2, cacheWrite: 2.5 }],
        },
      }),
      row(
        'qwen3.6-flash',
        'Qwen3.6 Flash',
        1_000_000,
        65_536,
        'text image video',
        'tools reasoning schema',
        '2026-04-27',
        { price: { input: 0.1875, output: 1.125, cacheWrite: 0.234375 } },
      ),
      row('qwen3.6-max-preview', 'Qwen3.6 Max Preview', 262_144, 65_536, 'text', 'tools reasoning', '2026-04-20', {
        price: { input: 1.3, output: 7.8, cachedInput: 0.13, cacheWrite: 1.625 },
      }),
      row('qwen3.5-plus', 'Qwen3.5 Plus', 1_000_000, 65_536, 'text image video', 'tools reasoning', '2026-02-16', {
        price: { input: 0.4, output: 2.4 },
      }),
      row(
        'qwen3.5-397b-a17b',
        'Qwen3.5 397B-A17B',
        262_144,
        65_536,
        'text image video audio',
        'tools reasoning schema',
        '2026-02-15',
        { price: { input: 0.6, output: 3.6 } },
      ),
      row('qwen3-max', 'Qwen3 Max', 262_144, 65_536, 'text', 'tools', '2025-09-23', {
        price: { input: 1.2, output: 6 },
      }),
      row('qwen3-235b-a22b', 'Qwen3 235B-A22B', 131_072, 16_384, 'text', 'tools reasoning', '2025-04', {
        aliases: ['qwen3-235b'],
        price: { input: 0.7, output: 2.8, reasoning: 8.4 },
      }),
      row('qwen3-32b', 'Qwen3 32B', 131_072, 16_384, 'text', 'tools reasoning', '2025-04', {
        price: { input: 0.7, output: 2.8, reasoning: 8.4 },
      }),
      row('qwen3-coder-plus', 'Qwen3 Coder Plus', 1_048_576, 65_536, 'text', 'tools', '2025-07-23', {
        price: { input: 1, output: 5 },
      }),
      row('qwen3-coder-flash', 'Qwen3 Coder Flash', 1_000_000, 65_536, 'text', 'tools', '2025-07-28', {
        price: { input: 0.3, output: 1.5 },
      }),
      row('qwen3-coder-480b-a35b-instruct', 'Qwen3 Coder 480B-A35B', 262_144, 65_536, 'text', 'tools', '2025-04', {
        price: { input: 1.5, output: 7.5 },
      }),
      row('qwen3-vl-plus', 'Qwen3-VL Plus', 262_144, 32_768, 'text image', 'tools reasoning', '2025-09-23', {
        price: { input: 0.2, output: 1.6, reasoning: 4.8 },
      }),
      row('qwen-max', 'Qwen Max', 32_768, 8_192, 'text', 'tools', '2024-04-03', { price: { input: 1.6, output: 6.4 } }),
      row('qwen-plus', 'Qwen Plus', 1_000_000, 32_768, 'text', 'tools reasoning', '2024-01-25', {
        price: { input: 0.4, output: 1.2, reasoning: 4 },
      }),
      row('qwen-flash', 'Qwen Flash', 1_000_000, 32_768, 'text', 'tools reasoning', '2025-07-28', {
        price: { input: 0.05, output: 0.4 },
      }),
    ]),
  mistral: () =>
    from('https://docs.mistral.ai/models/overview', [
      row('mistral-large-latest', 'Mistral Large 3', 262_144, 262_144, 'text image', 'tools', undefined, {
        price: { input: 0.5, output: 1.5 },
        aliases: ['mistral-large-2512', 'mistral-large'],
      }),
      row(
        'mistral-medium-latest',
        'Mistral Medium',
        262_144,
        262_144,
        'text image',
        'tools reasoning schema',
        '2026-04-29',
        { aliases: ['mistral-medium-2604', 'mistral-medium'] },
      ),
      row('mistral-small-latest', 'Mistral Small 4', 256_000, 256_000, 'text image', 'tools reasoning', '2026-03-16', {
        price: { input: 0.15, output: 0.6 },
        aliases: ['mistral-small-2603', 'mistral-small'],
      }),
      row('magistral-medium-latest', 'Magistral Medium', 128_000, 16_384, 'text', 'tools reasoning', '2025-03-17'),
      row('devstral-latest', 'Devstral 2', 262_144, 262_144, 'text', 'tools', '2025-12-09', {
        price: { input: 0.4, output: 2 },
        aliases: ['devstral-2512', 'devstral-medium-latest'],
      }),
      row('codestral-latest', 'Codestral', 256_000, 4_096, 'text', 'tools', '2024-05-29'),
      row('ministral-8b-latest', 'Ministral 8B', 128_000, 128_000, 'text', 'tools', '2024-10-01'),
      row('open-mistral-nemo', 'Mistral NeMo', 128_000, 128_000, 'text', 'tools', '2024-07-01'),
      row('mistral-embed', 'Mistral Embed', 8_000, undefined, 'text > embedding', '', '2023-12-11'),
    ]),
  xai: () =>
    from('https://docs.x.ai/developers/models', [
      row('grok-4.3', 'Grok 4.3', 1_000_000, 30_000, 'text image pdf', 'tools reasoning schema', '2026-04-17'),
      row(
        'grok-4.20-0309-reasoning',
        'Grok 4.20',
        1_000_000,
        30_000,
        'text image pdf',
        'tools reasoning schema',
        '2026-03-09',
        { pricedAs: 'grok-4.20', aliases: ['grok-4.20-reasoning'] },
      ),
      row(
        'grok-4.20-0309-non-reasoning',
        'Grok 4.20 without reasoning',
        1_000_000,
        30_000,
        'text image pdf',
        'tools schema',
        '2026-03-09',
        { pricedAs: 'grok-4.20', aliases: ['grok-4.20-non-reasoning'] },
      ),
      row('grok-build-0.1', 'Grok Build', 256_000, 256_000, 'text image pdf', 'tools reasoning schema', '2026-04-16'),
      row('grok-4-0709', 'Grok 4', 256_000, undefined, 'text image', 'tools reasoning schema', '2025-07-09', {
        aliases: ['grok-4'],
      }),
    ]),
  moonshot: () =>
    from('https://platform.kimi.ai/docs/pricing/chat', [
      row('kimi-k2.6', 'Kimi K2.6', 262_144, 262_144, 'text image video', 'tools reasoning schema', '2026-04-21'),
      row('kimi-k2.5', 'Kimi K2.5', 262_144, 262_144, 'text image video', 'tools reasoning schema', '2026-01'),
      row('kimi-k2.7-code', 'Kimi K2.7 Code', 262_144, undefined, 'text image', 'tools reasoning schema', '2026-06-12'),
      row('kimi-k2-thinking', 'Kimi K2 Thinking', 262_144, 262_144, 'text', 'tools reasoning', '2025-11-06', {
        deprecated: true,
      }),
    ]),
  // Prices in dollars, as billed by api.z.ai; the price book has those of the Chinese site.
  zhipu: () =>
    from('https://docs.z.ai/guides/overview/pricing', [
      row('glm-5.3', 'GLM-5.3', 1_000_000, undefined, 'text', 'tools reasoning', undefined),
      row('glm-5.3-flash', 'GLM-5.3 Flash', 1_000_000, undefined, 'text', 'tools reasoning', undefined),
      row('glm-5.2', 'GLM-5.2', 1_000_000, 131_072, 'text', 'tools reasoning schema', '2026-06-16', {
        price: { input: 1.4, output: 4.4, cachedInput: 0.26, cacheWrite: 0 },
      }),
      row('glm-5.1', 'GLM-5.1', 200_000, 131_072, 'text', 'tools reasoning schema', '2026-04-07', {
        price: { input: 1.4, output: 4.4, cachedInput: 0.26, cacheWrite: 0 },
      }),
      row('glm-5', 'GLM-5', 200_000, 131_072, 'text', 'tools reasoning schema', '2026-02-11', {
        price: { input: 1, output: 3.2, cachedInput: 0.2, cacheWrite: 0 },
      }),
      row('glm-5-turbo', 'GLM-5 Turbo', 200_000, 131_072, 'text', 'tools reasoning schema', '2026-03-16', {
        price: { input: 1.2, output: 4, cachedInput: 0.24, cacheWrite: 0 },
      }),
      row('glm-5v-turbo', 'GLM-5V Turbo', 200_000, 131_072, 'text image video pdf', 'tools reasoning', '2026-04-01', {
        price: { input: 1.2, output: 4, cachedInput: 0.24, cacheWrite: 0 },
      }),
      row('glm-4.7', 'GLM-4.7', 204_800, 131_072, 'text', 'tools reasoning', '2025-12-22', {
        price: { input: 0.6, output: 2.2, cachedInput: 0.11, cacheWrite: 0 },
      }),
      row('glm-4.7-flash', 'GLM-4.7 Flash', 200_000, 131_072, 'text', 'tools reasoning', '2026-01-19', {
        price: { input: 0, output: 0 },
      }),
      row('glm-4.6', 'GLM-4.6', 204_800, 131_072, 'text', 'tools reasoning', '2025-09-30', {
        price: { input: 0.6, output: 2.2, cachedInput: 0.11, cacheWrite: 0 },
      }),
      row('glm-4.6v', 'GLM-4.6V', 128_000, 32_768, 'text image video', 'tools reasoning', '2025-12-08', {
        price: { input: 0.3, output: 0.9 },
      }),
      row('glm-4.5-air', 'GLM-4.5 Air', 131_072, 98_304, 'text', 'tools reasoning', '2025-07-28', {
        price: { input: 0.2, output: 1.1, cachedInput: 0.03, cacheWrite: 0 },
      }),
    ]),
  minimax: () =>
    from('https://platform.minimax.io/docs/guides/pricing-paygo', [
      row('MiniMax-M3', 'MiniMax M3', 1_000_000, 128_000, 'text image video', 'tools reasoning', undefined),
      row('MiniMax-M2.7', 'MiniMax M2.7', 204_800, 131_072, 'text', 'tools reasoning', '2026-03-18'),
      row('MiniMax-M2.5', 'MiniMax M2.5', 204_800, 131_072, 'text', 'tools reasoning', '2026-02-12', {
        price: { input: 0.3, output: 1.2, cachedInput: 0.03, cacheWrite: 0.375 },
      }),
      row('MiniMax-M2', 'MiniMax M2', 196_608, 128_000, 'text', 'tools reasoning', '2025-10-27'),
    ]),
  cohere: () =>
    from('https://docs.cohere.com/docs/models', [
      row('command-a-03-2025', 'Command A', 256_000, 8_000, 'text', 'tools', '2025-03-13', { aliases: ['command-a'] }),
      row(
        'command-a-reasoning-08-2025',
        'Command A Reasoning',
        256_000,
        32_000,
        'text',
        'tools reasoning',
        '2025-08-21',
        { price: { input: 2.5, output: 10 } },
      ),
      row('command-r7b-12-2024', 'Command R7B', 128_000, 4_000, 'text', 'tools', '2024-12-02', {
        aliases: ['command-r7b'],
      }),
      row('command-r-plus-08-2024', 'Command R+', 128_000, 4_000, 'text', 'tools', '2024-08-30', {
        aliases: ['command-r-plus'],
      }),
    ]),
  groq: () =>
    from('https://console.groq.com/docs/models', [
      row('openai/gpt-oss-120b', 'GPT OSS 120B', 131_072, 65_536, 'text', 'tools reasoning schema', '2025-08-05'),
      row('openai/gpt-oss-20b', 'GPT OSS 20B', 131_072, 65_536, 'text', 'tools reasoning schema', '2025-08-05'),
      row('llama-3.3-70b-versatile', 'Llama 3.3 70B', 131_072, 32_768, 'text', 'tools', '2024-12-06'),
      row('llama-3.1-8b-instant', 'Llama 3.1 8B', 131_072, 131_072, 'text', 'tools', '2024-07-23'),
      row(
        'meta-llama/llama-4-scout-17b-16e-instruct',
        'Llama 4 Scout',
        131_072,
        8_192,
        'text image',
        'tools schema',
        '2025-04-05',
      ),
      row('qwen/qwen3-32b', 'Qwen3 32B', 131_072, 40_960, 'text', 'tools reasoning', '2025-06-11'),
      row('whisper-large-v3-turbo', 'Whisper Large v3 Turbo', undefined, undefined, 'audio', '', '2024-10-01'),
    ]),
  perplexity: () =>
    from('https://docs.perplexity.ai/docs/getting-started/models', [
      row('sonar', 'Sonar', 128_000, 4_096, 'text', '', '2024-01-01'),
      row('sonar-pro', 'Sonar Pro', 200_000, 8_192, 'text image', '', '2024-01-01'),
      row('sonar-reasoning-pro', 'Sonar Reasoning Pro', 128_000, 4_096, 'text image', 'reasoning', '2024-01-01'),
      row('sonar-deep-research', 'Sonar Deep Research', 128_000, 32_768, 'text', 'reasoning', '2025-02-01'),
    ]),
  cerebras: () =>
    from('https://inference-docs.cerebras.ai/models/overview', [
      row('gpt-oss-120b', 'GPT OSS 120B', 131_072, 40_960, 'text', 'tools reasoning schema', '2025-08-05'),
    ]),
  upstage: () =>
    from('https://console.upstage.ai/docs/models', [
      row('solar-pro3', 'Solar Pro 3', 131_072, 8_192, 'text', 'tools reasoning', '2026-01', {
        price: { input: 0.25, output: 0.25 },
      }),
    ]),
  stepfun: () =>
    from('https://platform.stepfun.com/docs/zh/overview/concept', [
      row('step-3.7-flash', 'Step 3.7 Flash', undefined, undefined, 'text', 'tools reasoning', undefined, {
        price: { input: 0.2, output: 1.15, cachedInput: 0.04 },
      }),
      row('step-3.5-flash', 'Step 3.5 Flash', 256_000, 256_000, 'text', 'tools reasoning', '2026-01-29', {
        price: { input: 0.1, output: 0.3, cachedInput: 0.02 },
      }),
    ]),
  voyage: () =>
    from('https://docs.voyageai.com/docs/embeddings', [
      row('voyage-4-large', 'Voyage 4 Large', undefined, undefined, 'text > embedding', '', undefined),
      row('voyage-4', 'Voyage 4', undefined, undefined, 'text > embedding', '', undefined),
      row('voyage-4-lite', 'Voyage 4 Lite', undefined, undefined, 'text > embedding', '', undefined),
      row('voyage-3.5', 'Voyage 3.5', undefined, undefined, 'text > embedding', '', undefined),
    ]),
};

/** Names in the price book that their providers have withdrawn, or that are no models of this interface: found, but not listed. */
export const unlisted: Record<string, RegExp> = {
  openai:
    /^(chatgpt-4o|codex-mini|gpt-3\.5-turbo-|gpt-4-(32k|turbo|vision)|gpt-4o-2024-05|gpt-4\.5|o1-mini|o1-preview)|realtime/,
  gemini: /^gemini-(1\.|pro|flash-1|embedding-2$)|-maas$|live|^claude/,
  xai: /^grok-(2|voice)/,
  anthropic: /^claude-(v1|2|3-sonnet|3-opus)/,
  zhipu: /^GLM-4-/,
  groq: /guard|^gemma|^llama[23]-|^mixtral|preview$/,
};

/** Abilities are the words `tools`, `reasoning` and `schema`; kinds of content are `in` or `in > out`, `text` coming out if not said. */
function row(
  id: string,
  title: string,
  contextWindow: number | undefined,
  maxOutputTokens: number | undefined,
  content: string,
  abilities: string,
  released: string | undefined,
  extras: Extras = {},
): OverlayRow & { dollars?: Extras['price'] } {
  const [input = '', output = 'text'] = content.split(' > ');
  const { aliases = [], price, ...rest } = extras;
  return {
    id,
    title,
    aliases,
    modalities: { input: input.split(' ') as Modality[], output: output.split(' ') as Modality[] },
    tools: abilities.includes('tools'),
    reasoning: abilities.includes('reasoning'),
    ...(abilities.includes('schema') && { structuredOutput: true }),
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(released !== undefined && { released }),
    ...(price && { dollars: price }),
    ...rest,
  };
}

function from(page: string, rows: ReturnType<typeof row>[]): OverlayRow[] {
  const source = `models.dev; ${page}`;
  return rows.map(({ dollars, ...rest }) => (dollars ? { ...rest, price: priceFrom(dollars, source) } : rest));
}

function priceFrom({ tiers, ...rates }: Rates & { tiers?: Tier[] }, source: string): Price {
  const price: Price = { ...inPico(rates), source, date: overlayDate };
  if (tiers) {
    price.tiers = tiers.map(({ aboveInputTokens, ...rest }) => ({ aboveInputTokens, ...inPico(rest) }));
  }
  return price;
}

function inPico<T extends Partial<Rates>>(rates: T): T {
  return Object.fromEntries(Object.entries(rates).map(([name, dollars]) => [name, perMillion(dollars)])) as T;
}
