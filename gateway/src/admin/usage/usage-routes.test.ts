import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AUsageDesk, aUsageDesk } from '../../../test/a-usage-desk.ts';
import { aRecord } from '../../../test/stores/a-record.ts';

const at = (time: string) => Date.parse(time);
const DAY = 'from=2026-11-20&to=2026-11-21';

let desk: AUsageDesk;

/** Three calls of two teams with a price, one without, one that was refused, and one of the day before. */
beforeAll(async () => {
  desk = await aUsageDesk();
  const { backend, data } = {
    backend: { organisation: 'acme', team: 'backend', project: 'chatbot', user: 'ann, the first' },
    data: { organisation: 'acme', team: 'data', keyId: 'key_2', keyName: 'batch' },
  };
  const claude = {
    provider: 'anthropic',
    modelServed: 'claude-haiku-4-5',
    attempts: [
      { provider: 'openai', model: 'gpt-5', startedMs: 0, status: 429, verdict: 'next-target', why: 'busy' },
      {
        provider: 'anthropic',
        model: 'claude-haiku-4-5',
        startedMs: 5,
        firstByteMs: 200,
        status: 200,
        verdict: 'answered',
      },
    ],
  } as const;
  await desk.book(
    aRecord('call_1', {
      ...backend,
      costPicoUsd: 1_000_000_000_001,
      tags: { env: 'prod' },
      session: 's-1',
      traceId: 'a'.repeat(32),
    }),
    aRecord('call_2', {
      ...backend,
      startedAtMs: at('2026-11-20T14:00:00Z'),
      costPicoUsd: 2_000_000_000_000,
      variant: 'test/b',
      savedByPromptCachePicoUsd: 5,
      tags: { env: 'test' },
      cache: 'miss',
    }),
    aRecord('call_3', {
      ...data,
      ...claude,
      attempts: [...claude.attempts],
      costPicoUsd: 500_000_000_000,
      baselineCostPicoUsd: 800_000_000_000,
      durationMs: 2_000,
    }),
    aRecord('call_4', {
      ...data,
      modelServed: 'new',
      attempts: [{ ...aRecord('').attempts[0]!, model: 'new' }],
      costPicoUsd: undefined as never,
      startedAtMs: at('2026-11-20T15:00:00Z'),
    }),
    aRecord('call_5', {
      status: 429,
      outcome: 'refused',
      provider: undefined as never,
      modelServed: undefined as never,
      errorCode: 'rate_limit_exceeded',
      attempts: [],
      usage: undefined as never,
      usageSource: 'none',
      costPicoUsd: undefined as never,
      startedAtMs: at('2026-11-20T16:00:00Z'),
    }),
    aRecord('call_0', { ...data, startedAtMs: at('2026-11-19T23:59:59.999Z'), costPicoUsd: 7 }),
  );
});

afterAll(() => desk[Symbol.asyncDispose]());

const get = async (place: string) => (await desk.ask('GET', place)).body;

describe('costs', () => {
  test('of two teams add up to the last pico-dollar', async () => {
    const { rows, total, ...rest } = await get(`/costs?${DAY}&by=team`);
    expect(rows).toMatchObject([
      { team: 'backend', cost_usd: '3.000000000001', calls: 2, input_tokens: 200, output_tokens: 40 },
      { team: 'data', cost_usd: '0.5', calls: 2, unpriced_attempts: 1 },
      { team: null, cost_usd: '0', calls: 1, input_tokens: 0 },
    ]);
    expect(total).toMatchObject({ cost_usd: '3.500000000001', calls: 5, unpriced_attempts: 1, estimated_attempts: 0 });
    expect(rest).toEqual({
      from: '2026-11-20T00:00:00.000Z',
      to: '2026-11-21T00:00:00.000Z',
      by: ['team'],
      each: null,
      time_zone: 'UTC',
      truncated: false,
    });
  });

  test('of what has no price are not known, which is not zero', async () => {
    const { rows } = await get(`/costs?${DAY}&by=model,provider`);
    expect(rows.map((row: Record<string, unknown>) => [row['model'], row['provider'], row['cost_usd']])).toEqual([
      ['gpt-5', 'openai', '3.000000000001'],
      ['claude-haiku-4-5', 'anthropic', '0.5'],
      ['gpt-5', null, '0'],
      ['new', 'openai', null],
    ]);
  });

  test('come as CSV, with the same figures', async () => {
    const { type, text } = await desk.ask('GET', `/costs?${DAY}&by=team&format=csv`);
    expect(type).toBe('text/csv; charset=utf-8; header=present');
    expect(text.split('\r\n').slice(0, 3)).toEqual([
      'team,cost_usd,unseen_cost_usd,calls,unpriced_attempts,estimated_attempts,input_tokens,output_tokens',
      'backend,3.000000000001,0,2,0,0,200,40',
      'data,0.5,0,2,1,0,200,40',
    ]);
    const { text: models } = await desk.ask('GET', `/costs?${DAY}&by=model&model=new&format=csv`);
    expect(models.split('\r\n')[1]).toBe('new,,0,1,1,0,100,20');
  });

  test.each([
    ['team=backend', '3.000000000001'],
    ['team=backend,data', '3.500000000001'],
    ['team=(none)', '0'],
    ['user=ann\\, the first&project=chatbot', '3.000000000001'],
    ['key=key_2', '0.5'],
    ['provider=anthropic&organisation=acme', '0.5'],
    ['variant=test/b', '2'],
    ['tag=env=prod', '1.000000000001'],
    ['tag=env=prod,env=test', '2'],
    ['model=none-of-these', '0'],
  ])('of %s are %s', async (filter, cost) => {
    const query = new URLSearchParams(`${DAY}&${filter.replaceAll('+', '%2B')}`);
    expect((await get(`/costs?${query}`)).total.cost_usd).toBe(cost);
  });

  test('of a key are found by its name, whichever ids it has had', async () => {
    const { key } = await desk.management.keys.create({ name: 'named' }, { actor: 'a test' });
    await desk.book(
      aRecord('call_k', { keyId: key.id, keyName: 'named', startedAtMs: at('2026-10-01T00:00:00Z'), costPicoUsd: 9 }),
    );
    const { rows } = await get('/costs?from=2026-10-01&to=2026-10-02&by=key&key=named');
    expect(rows).toMatchObject([{ key: key.id, key_name: 'named', cost_usd: '0.000000000009' }]);
  });

  test('come hour by hour and day by day, and only so many rows, with everything in the total', async () => {
    const hours = await get(`/costs?${DAY}&each=hour&team=backend`);
    expect(hours.rows.map((row: Record<string, unknown>) => [row['starts_at'], row['cost_usd']])).toEqual([
      ['2026-11-20T12:00:00.000Z', '1.000000000001'],
      ['2026-11-20T14:00:00.000Z', '2'],
    ]);
    const days = await get('/costs?from=2026-11-19&to=2026-11-21&each=day&limit=1');
    expect(days).toMatchObject({
      rows: [{ starts_at: '2026-11-19T00:00:00.000Z' }],
      truncated: true,
      total: { cost_usd: '3.500000000008' },
    });
  });
});

test('usage tells calls, tokens and times', async () => {
  expect((await get(`/usage?${DAY}&by=team`)).rows[0]).toMatchObject({
    team: 'backend',
    calls: 2,
    errors: 0,
    attempts: 2,
    cached_input_tokens: 80,
    reasoning_tokens: 10,
    mean_duration_ms: 800,
    mean_first_byte_ms: 301,
  });
  expect((await get(`/usage?${DAY}`)).total).toMatchObject({ calls: 5, errors: 1, attempts: 5 });
});

test('savings are three lines, each with how it is reckoned', async () => {
  const { data } = await get(`/savings?${DAY}`);
  expect(data.map(({ by, saved_usd, calls }: Record<string, unknown>) => [by, saved_usd, calls])).toEqual([
    ['cache', '0', 0],
    ['routing', '0.3', 1],
    ['prompt-cache', '0.000000000005', 1],
  ]);
  expect(data.every(({ formula }: { formula: string }) => formula.includes('×'))).toBe(true);
});

describe('the time', () => {
  test.each([
    ['', '2026-11-20T12:00:00.000Z', '2026-11-21T12:00:00.000Z'],
    ['period=7d', '2026-11-14T12:00:00.000Z', '2026-11-21T12:00:00.000Z'],
    ['period=day', '2026-11-21T00:00:00.000Z', '2026-11-21T12:00:00.000Z'],
    ['period=week', '2026-11-16T00:00:00.000Z', '2026-11-21T12:00:00.000Z'],
    ['period=month', '2026-11-01T00:00:00.000Z', '2026-11-21T12:00:00.000Z'],
    ['period=month&to=2026-11-01', '2026-10-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z'],
    ['period=year', '2026-01-01T00:00:00.000Z', '2026-11-21T12:00:00.000Z'],
    ['from=-24h&to=-1h', '2026-11-20T12:00:00.000Z', '2026-11-21T11:00:00.000Z'],
    ['from=2026-11-20T08:00:00%2B08:00', '2026-11-20T00:00:00.000Z', '2026-11-21T12:00:00.000Z'],
  ])('%s is from %s to %s', async (query, from, to) => {
    expect(await get(`/costs?${query}`)).toMatchObject({ from, to });
  });

  test.each([
    ['from=yesterday', 'from', 'a time such as'],
    ['period=fortnight', 'period', '24h'],
    ['from=2026-11-22', 'from', 'ends before it begins'],
    ['from=-1h&period=1h', 'period', 'either'],
    ['by=team,model,key', 'by', 'at most 2'],
    ['by=taem', 'by', '"taem"'],
    ['by=team,team', 'by', 'once'],
    ['tag=prod', 'tag', 'name=value'],
    ['limit=0', 'limit', ''],
    ['tema=x', 'tema', 'did you mean "team"'],
  ])('%s is refused', async (query, param, message) => {
    const { status, body } = await desk.ask('GET', `/costs?${query}`);
    expect([status, body.error.param]).toEqual([400, param]);
    expect(body.error.message).toContain(message);
  });
});

describe('the log of calls', () => {
  const ids = async (query: string) => (await get(`/calls?${query}`)).data.map(({ id }: { id: string }) => id);

  test('comes a page at a time, the newest first, each call once', async () => {
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 4; page += 1) {
      const { data, has_more, next_cursor } = await get(`/calls?${DAY}&limit=2${cursor}`);
      seen.push(...data.map(({ id }: { id: string }) => id));
      if (!has_more) break;
      cursor = `&cursor=${encodeURIComponent(next_cursor)}`;
    }
    expect(seen).toEqual(['call_5', 'call_4', 'call_2', 'call_3', 'call_1']);
  });

  test.each([
    ['team=backend', ['call_2', 'call_1']],
    ['key=key_2&period=year', ['call_4', 'call_3', 'call_0']],
    ['model_asked=gpt-5&provider=anthropic', ['call_3']],
    ['model=new', ['call_4']],
    ['outcome=refused', ['call_5']],
    ['status=429&error=rate_limit_exceeded', ['call_5']],
    ['session=s-1', ['call_1']],
    [`trace_id=${'a'.repeat(32)}`, ['call_1']],
    ['cache=miss&variant=test/b', ['call_2']],
    ['tag=env=prod', ['call_1']],
    ['id=_4', ['call_4']],
    ['min_cost_usd=1.000000000001', ['call_2', 'call_1']],
    ['min_duration_ms=2000', ['call_3']],
    ['to=2026-11-20&from=2026-11-01', ['call_0']],
    ['operation=embeddings', []],
  ])('%s finds %j', async (query, found) => {
    expect(await ids(query)).toEqual(found);
  });

  test('tells of one call its attempts with their verdicts, and what the ledger holds', async () => {
    const call = await get('/calls/call_3');
    expect(call).toMatchObject({
      id: 'call_3',
      at: '2026-11-20T12:30:00.000Z',
      team: 'data',
      model_asked: 'gpt-5',
      model: 'claude-haiku-4-5',
      cost_usd: '0.5',
      project: null,
      attempts: [
        { provider: 'openai', status: 429, verdict: 'next-target', why: 'busy' },
        { provider: 'anthropic', verdict: 'answered', first_byte_ms: 200 },
      ],
      ledger: [
        { attempt: 1, state: 'released', is_visible: false, cost_usd: null },
        { attempt: 2, state: 'captured', is_visible: true, cost_usd: '0.5', usage: { inputTokens: 100 } },
      ],
      has_bodies: false,
    });
    expect(await get('/calls/call_5')).toMatchObject({
      cost_usd: null,
      usage: null,
      attempts: [],
      error: 'rate_limit_exceeded',
    });
  });

  test('says where it looked for a call that is not there', async () => {
    const { status, body } = await desk.ask('GET', '/calls/call_9');
    expect([status, body.error.code]).toEqual([404, 'not_found']);
    expect((await desk.ask('GET', '/calls?cursor=x')).body.error.param).toBe('cursor');
  });

  test('shows bodies to those who may manage, redacted, and writes down who read them', async () => {
    desk.bodies.keep('call_1', 1, { request: '{"content":"I am ann@example.com"}', response: 'Hello' });
    await desk.bodies.close();
    expect(await get('/calls/call_1')).toMatchObject({ has_bodies: true });
    expect(await get('/calls/call_1/bodies')).toEqual({
      id: 'call_1',
      request: '{"content":"I am [e-mail]"}',
      response: 'Hello',
    });
    expect(desk.lines).toContainEqual(expect.objectContaining({ call_id: 'call_1', actor: 'admin key' }));
    const reader = await desk.management.keys.create({ name: 'reader', scopes: ['read-only'] }, { actor: 'a test' });
    expect((await desk.ask('GET', '/calls/call_1', undefined, reader.secret)).status).toBe(200);
    expect((await desk.ask('GET', '/calls/call_1/bodies', undefined, reader.secret)).status).toBe(403);
    expect((await desk.ask('GET', '/calls/call_2/bodies')).body.error.message).toContain('log_bodies');
  });
});

describe('reconcile', () => {
  const bucket = (results: object[]) => ({
    object: 'page',
    data: [{ object: 'bucket', start_time: at('2026-11-20') / 1_000, end_time: at('2026-11-21') / 1_000, results }],
    has_more: false,
  });
  const usage = (model: string, input_tokens: number, output_tokens: number) => ({
    object: 'organization.usage.completions.result',
    ...{ model, input_tokens, output_tokens, num_model_requests: 2 },
  });
  const cost = (line_item: string, value: number) => ({
    object: 'organization.costs.result',
    ...{ line_item, amount: { value, currency: 'usd' } },
  });
  const files = [
    JSON.stringify(bucket([usage('gpt-5-2025-08-07', 200, 40), usage('gpt-5-pro-2025-10-06', 50, 5)])),
    JSON.stringify(
      bucket([
        cost('gpt-5-2025-08-07, input', 2),
        cost('gpt-5-2025-08-07, output', 0.4),
        cost('gpt-5-pro-2025-10-06, input', 1),
      ]),
    ),
  ];

  test('shows the drift of each day and model, and why', async () => {
    const { body } = await desk.ask('POST', '/reconcile', { provider: 'openai', files });
    expect(body).toMatchObject({
      formats: ['OpenAI usage API', 'OpenAI costs API'],
      from: '2026-11-20',
      to: '2026-11-20',
      rows: [
        { model: 'gpt-5', why: 'price', token_drift: 0, cost_drift_usd: '0.600000000001', cost_drift_share: 0.25 },
        {
          model: 'gpt-5-pro',
          why: 'only-theirs',
          ours: null,
          token_drift: -55,
          cost_drift_usd: '-1',
          cost_drift_share: -1,
        },
        {
          model: 'new',
          why: 'only-ours',
          theirs: null,
          token_drift: 120,
          ours: { cost_usd: null, unpriced_attempts: 1 },
        },
      ],
      total: {
        ours: { input_tokens: 300, cost_usd: '3.000000000001' },
        theirs: { input_tokens: 250, cost_usd: '3.4' },
        cost_drift_usd: '-0.399999999999',
      },
      estimated_share: 0,
    });
  });

  test('comes as CSV, and to keys that only read', async () => {
    const reader = await desk.management.keys.create({ name: 'auditor', scopes: ['read-only'] }, { actor: 'a test' });
    const { text } = await desk.ask(
      'POST',
      '/reconcile',
      { provider: ['openai'], files, format: 'csv' },
      reader.secret,
    );
    expect(text.split('\r\n')[2]).toBe('2026-11-20,gpt-5-pro,,,,,50,5,2,1,-55,-1,only-theirs');
  });

  test('refuses what it cannot read, and says why', async () => {
    const { status, body } = await desk.ask('POST', '/reconcile', { provider: 'openai', files: ['a,b'] });
    expect([status, body.error.param]).toEqual([400, 'files']);
    expect(body.error.message).toContain('Known are');
  });
});
