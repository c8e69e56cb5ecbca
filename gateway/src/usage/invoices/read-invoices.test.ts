import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dollarsOf } from '../dollars.ts';
import type { Invoice } from './invoice.ts';
import { readAmount } from './read-amount.ts';
import { readCsv } from './read-csv.ts';
import { readInvoices } from './read-invoices.ts';

const only = (text: string): Invoice => {
  const { invoices } = readInvoices([text]);
  expect(invoices).toHaveLength(1);
  return invoices[0]!;
};

const DAY = 1_795_132_800; // 2026-11-20T00:00:00Z
const NEXT = DAY + 86_400;
const page = (results: object[], more = {}) =>
  JSON.stringify({
    object: 'page',
    data: [
      { object: 'bucket', start_time: DAY, end_time: NEXT, results },
      { object: 'bucket', start_time: NEXT, end_time: NEXT + 86_400, results: [] },
    ],
    has_more: false,
    next_page: null,
    ...more,
  });

describe('OpenAI', () => {
  test('costs of the API, by line item', () => {
    const cost = (value: unknown, line_item: string | null) => ({
      object: 'organization.costs.result',
      amount: { value, currency: 'usd' },
      line_item,
      project_id: null,
    });
    const items = [
      cost(0.06, 'gpt-5-mini-2025-08-07, input'),
      cost('5e-05', 'gpt-5-mini-2025-08-07, cached input'),
      cost('0E-6176', 'text-embedding-3-small'),
      cost(1, 'web search tool calls'),
      cost(2, null),
    ];
    expect(only(page(items, { has_more: true }))).toEqual({
      format: 'OpenAI costs API',
      lines: [
        { day: '2026-11-20', model: 'gpt-5-mini-2025-08-07', costPico: 60_000_000_000n },
        { day: '2026-11-20', model: 'gpt-5-mini-2025-08-07', costPico: 50_000_000n },
        { day: '2026-11-20', model: 'text-embedding-3-small', costPico: 0n },
        { day: '2026-11-20', costPico: 1_000_000_000_000n },
        { day: '2026-11-20', costPico: 2_000_000_000_000n },
      ],
      days: ['2026-11-20', '2026-11-21'],
      roundedToPico: 0n,
      hasMore: true,
    });
  });

  test('usage of the API, whose input has the cached tokens in it', () => {
    const usage = {
      object: 'organization.usage.completions.result',
      input_tokens: 1_000,
      output_tokens: 500,
      input_cached_tokens: 800,
      input_audio_tokens: 0,
      output_audio_tokens: 0,
      num_model_requests: 5,
      project_id: null,
      user_id: null,
      api_key_id: null,
      model: 'gpt-5-mini-2025-08-07',
      batch: null,
    };
    expect(only(page([usage]))).toMatchObject({
      format: 'OpenAI usage API',
      lines: [
        { day: '2026-11-20', model: 'gpt-5-mini-2025-08-07', inputTokens: 1_000, outputTokens: 500, requests: 5 },
      ],
    });
  });

  test('the costs CSV of the dashboard, in which a day without use is an empty row', () => {
    const csv = `start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,quantity,quantity_unit,line_item,user_id,api_key_id,project_id,organization_id,project_name,organization_name,user_email,api_source
${DAY},${NEXT},2026-11-20T00:00:00+00:00,2026-11-21T00:00:00+00:00,0.003835980000000000000000000000,usd,1000,tokens,"gpt-5-nano, input_tokens",,key_1,proj_a,org-1,"App, the first",Example,ann@example.com,
${NEXT},${NEXT + 86_400},2026-11-21T00:00:00+00:00,2026-11-22T00:00:00+00:00,,,,,,,,,,,,,
`;
    expect(only(csv)).toEqual({
      format: 'OpenAI costs CSV',
      lines: [{ day: '2026-11-20', model: 'gpt-5-nano', costPico: 3_835_980_000n }],
      days: ['2026-11-20', '2026-11-21'],
      roundedToPico: 0n,
      hasMore: false,
    });
  });

  test('the usage table of the dashboard, with tabs and times in seconds alone', () => {
    const table = [
      'start_time\tend_time\tmodel\tnum_model_requests\tinput_tokens\toutput_tokens\tinput_cached_tokens',
      `${DAY}\t${NEXT}\tgpt-5-nano\t3\t1200\t40\t1000`,
    ].join('\r\n');
    expect(only(table).lines).toEqual([
      { day: '2026-11-20', model: 'gpt-5-nano', inputTokens: 1_200, outputTokens: 40, requests: 3 },
    ]);
  });

  test.each([
    [page([{ object: 'organization.costs.result', amount: { value: 1, currency: 'eur' } }]), 'in eur'],
    [
      page([{ object: 'organization.costs.result', amount: { value: 'much', currency: 'usd' } }]),
      '"much" is no amount',
    ],
    [page([]).replace(`${NEXT}`, `${NEXT + 3_600}`), 'Export by the day'],
  ])('%# is refused with a reason', (text, reason) => {
    expect(() => readInvoices([text])).toThrow(reason);
  });
});

describe('Anthropic', () => {
  const report = (results: object[]) =>
    JSON.stringify({
      data: [{ starting_at: '2026-11-20T00:00:00Z', ending_at: '2026-11-21T00:00:00Z', results }],
      has_more: false,
      next_page: null,
    });

  test('the usage report, whose parts of the input do not overlap', () => {
    const usage = {
      uncached_input_tokens: 1_500,
      cache_creation: { ephemeral_1h_input_tokens: 1_000, ephemeral_5m_input_tokens: 500 },
      cache_read_input_tokens: 200,
      output_tokens: 500,
      server_tool_use: { web_search_requests: 10 },
      api_key_id: null,
      workspace_id: null,
      model: 'claude-haiku-4-5-20251001',
      service_tier: 'standard',
      context_window: '0-200k',
    };
    expect(only(report([usage]))).toMatchObject({
      format: 'Anthropic usage API',
      lines: [{ day: '2026-11-20', model: 'claude-haiku-4-5-20251001', inputTokens: 3_200, outputTokens: 500 }],
    });
  });

  test('the cost report, in cents', () => {
    const cost = (amount: string, model: string | null, cost_type: string) => ({
      amount,
      currency: 'USD',
      cost_type,
      description: 'Claude Haiku 4.5 Usage - Input Tokens',
      model,
      token_type: model && 'uncached_input_tokens',
      workspace_id: null,
    });
    const told = only(report([cost('123.78912', 'claude-haiku-4-5', 'tokens'), cost('40', null, 'web_search')]));
    expect(told.lines).toEqual([
      { day: '2026-11-20', model: 'claude-haiku-4-5', costPico: 1_237_891_200_000n },
      { day: '2026-11-20', costPico: 400_000_000_000n },
    ]);
  });

  test('the usage CSV of the console', () => {
    const csv = `usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed
2026-11-20,claude-haiku-4-5-20251001,app,Default,standard,≤ 200k,100,20,3,4000,50,0,not_available,
`;
    expect(only(`\ufeff${csv}`).lines).toEqual([
      { day: '2026-11-20', model: 'claude-haiku-4-5-20251001', inputTokens: 4_123, outputTokens: 50 },
    ]);
  });

  test('the cost CSV of the console, which is rounded to cents', () => {
    const csv = `usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,inference_geo,speed,api_key_id,api_key_status
2026-11-20,Claude Haiku 4.5,Default,app,message,≤ 200k,input_no_cache,0.05,0.05,token,not_available,,apikey_1,active
2026-11-20,,Default,app,web_search,,,0.10,0.10,web_search,not_available,,apikey_1,active
`;
    expect(only(csv)).toEqual({
      format: 'Anthropic cost CSV',
      lines: [
        { day: '2026-11-20', model: 'Claude Haiku 4.5', costPico: 50_000_000_000n },
        { day: '2026-11-20', costPico: 100_000_000_000n },
      ],
      days: ['2026-11-20'],
      roundedToPico: 10_000_000_000n,
      hasMore: false,
    });
  });

  test.each([
    'claude-haiku-4-5',
    'claude-haiku-4-5-20251001',
    'Claude Haiku 4.5',
    'claude-haiku-4-5-latest',
    'Claude Haiku 4.5 2025-10-01',
  ])('%s is the same model as its like', (name) => {
    const { commonName } = readInvoices([report([])]);
    expect(commonName(name)).toBe('claude-haiku-4-5');
  });
});

test('pages may come as a list, a line each, or in files of their own', () => {
  const [one, other] = [page([]), page([], { has_more: true })];
  for (const texts of [[`[${one},${other}]`], [`${one}\n${other}\n`], [one, other]]) {
    expect(readInvoices(texts).invoices.map(({ hasMore }) => hasMore)).toEqual([false, true]);
  }
});

test.each([
  [['{"object":"page"'], 'File 1 is not the JSON'],
  [['a,b\n1,2\n'], 'File 1 is in none of the known formats'],
  [['{"object":"list","data":[1]}'], 'File 1 is in none'],
  [[page([]), 'usage_date_utc,cost_usd\nyesterday,1\n'], 'File 2: "yesterday" is no day'],
  [[page([]), 'usage_date_utc,model,cost_usd\n2026-11-20,x,1\n'], 'different providers'],
  [['start_time,amount_value\n"1,2'], 'never closed'],
  [['[]'], 'nothing to be read'],
])('%j is refused with a reason', (texts, reason) => {
  expect(() => readInvoices(texts)).toThrow(reason);
});

test('CSV gives back what it was written of', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' x', '漢') }).map((text) => text.trim());
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const text = ['"one","two"', ...rows.map((row) => row.map(quoted).join(','))].join('\r\n');
      const told = rows.filter((row) => row.some((one) => one !== ''));
      expect(readCsv(text).rows).toEqual(told.map(([one, two]) => ({ one, two })));
    }),
    { seed: 4 },
  );
});

test('an amount is read to the last pico-dollar, and rounded beyond it', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (pico) => {
      expect(readAmount(dollarsOf(pico))).toBe(pico);
      expect(readAmount(`${pico}e-12`)).toBe(pico);
      expect(readAmount(`${pico}e-10`, -2)).toBe(pico);
    }),
    { seed: 4 },
  );
  expect([readAmount('0.0000000000005'), readAmount('0.00000000000049'), readAmount('-0.0000000000015')]).toEqual([
    1n,
    0n,
    -2n,
  ]);
  expect([readAmount(''.padEnd(3, '0')), readAmount('.5'), readAmount('7.')]).toEqual([
    0n,
    500_000_000_000n,
    7_000_000_000_000n,
  ]);
  expect(() => readAmount('1e40')).toThrow('more money than there is');
  expect(() => readAmount('.')).toThrow('no amount');
});
