import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AUsageDesk, aUsageDesk } from '../../test/a-usage-desk.ts';
import { aRecord } from '../../test/stores/a-record.ts';
import { type CallDocument, followCalls } from './logs.ts';

let desk: AUsageDesk;
let folder: string;
const nothing = undefined as never;
const DAY = ['--from', '2026-11-20', '--to', '2026-11-21'];

beforeAll(async () => {
  desk = await aUsageDesk();
  folder = mkdtempSync(path.join(tmpdir(), 'xidao-cost-'));
  await desk.book(
    aRecord('call_1', { team: 'backend', costPicoUsd: 1_250_000_000_000 }),
    aRecord('call_2', { team: 'backend', costPicoUsd: 250_000_000_000, usageSource: 'estimated' }),
    aRecord('call_3', { team: 'data', costPicoUsd: 500_000_000_000 }),
    aRecord('call_4', {
      team: 'new',
      modelServed: 'new',
      attempts: [{ ...aRecord('').attempts[0]!, model: 'new' }],
      costPicoUsd: nothing,
      startedAtMs: Date.parse('2026-11-20T13:00:00Z'),
    }),
  );
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await desk[Symbol.asyncDispose]();
});

const columns = (line: string) => line.split(/ {2,}/).map((cell) => cell.trim());

describe('cost report', () => {
  test('shows teams with their shares and a total, and what has no price as such', async () => {
    const { code, out, err } = await desk.run('cost', 'report', '--period', '24h', '--group-by', 'team');
    expect(code).toBe(0);
    expect(out.split('\n').map(columns)).toEqual([
      ['TEAM', 'COST $', 'SHARE', 'CALLS', 'TOKENS IN', 'TOKENS OUT'],
      ['backend', '1.50', '75.0%', '2', '200', '40'],
      ['data', '0.50', '25.0%', '1', '100', '20'],
      ['new', 'unpriced', '1', '100', '20'],
      ['total', '2.00 + unpriced', '100.0%', '4', '400', '80'],
    ]);
    expect(err).toContain('1 attempts used tokens of no known price');
    expect(err).toContain('The usage of 1 attempts is estimated.');
  });

  test('shows the same figures as CSV and as JSON', async () => {
    const csv = await desk.run('cost', 'report', '--group-by', 'team', '--format', 'csv', ...DAY);
    expect(csv.out.split('\r\n').map((line) => line.split(',').slice(0, 2).join(' '))).toEqual([
      'team cost_usd',
      'backend 1.5',
      'data 0.5',
      'new ',
    ]);
    const json = JSON.parse((await desk.run('cost', 'report', '--group-by', 'team', '--json', ...DAY)).out);
    expect(json.rows.map((row: Record<string, unknown>) => [row['team'], row['cost_usd']])).toEqual([
      ['backend', '1.5'],
      ['data', '0.5'],
      ['new', null],
    ]);
    expect(json.total).toMatchObject({ cost_usd: '2', calls: 4 });
  });

  test('divides by two, by the hour, and filters', async () => {
    const two = await desk.run('cost', 'report', '--group-by', 'team,model', '--team', 'data,new', ...DAY);
    expect(
      two.out
        .split('\n')
        .slice(1, -1)
        .map((line) => columns(line).slice(0, 3)),
    ).toEqual([
      ['data', 'gpt-5', '0.50'],
      ['new', 'new', 'unpriced'],
    ]);
    const hours = await desk.run('cost', 'report', '--each', 'hour', '--group-by', 'key', ...DAY);
    expect(
      hours.out
        .split('\n')
        .slice(1, -1)
        .map((line) => columns(line).slice(0, 3)),
    ).toEqual([
      ['2026-11-20 12:00', 'app', '2.00'],
      ['2026-11-20 13:00', 'app', 'unpriced'],
    ]);
    const none = await desk.run('cost', 'report', '--team', 'nobody', ...DAY);
    expect(none.out.split('\n').map(columns)[1]).toEqual(['total', '0.00', '0', '0', '0']);
  });

  test.each([
    [['cost', 'report', '--group-by', 'taem'], 2, 'taem'],
    [['cost', 'report', '--format', 'xml'], 2, 'table, csv, json'],
    [['cost', 'report', '--period', 'fortnight'], 2, '24h'],
    [['cost', 'reprot'], 2, 'report'],
  ])('%j ends with %i and a hint', async (args, code, hint) => {
    const told = await desk.run(...args);
    expect([told.code, told.out]).toEqual([code, '']);
    expect(told.err).toContain(hint);
  });
});

test('cost savings shows each line with how it is reckoned', async () => {
  const { out, err } = await desk.run('cost', 'savings', ...DAY);
  expect(out.split('\n').map((line) => columns(line)[0])).toEqual(['BY', 'cache', 'routing', 'prompt-cache']);
  expect(err).toContain('not to be summed');
});

describe('cost reconcile', () => {
  const invoice = (usd: string) => {
    const file = path.join(folder, `costs-${usd}.csv`);
    const [start, end] = [Date.parse('2026-11-20') / 1_000, Date.parse('2026-11-21') / 1_000];
    writeFileSync(
      file,
      `start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id\n${start},${end},,,${usd},usd,"gpt-5-2025-08-07, input",\n`,
    );
    return file;
  };
  const reconcile = (usd: string, ...more: string[]) =>
    desk.run('cost', 'reconcile', '--provider', 'openai', invoice(usd), ...more);

  test('shows where both sides differ, by how much and why', async () => {
    const { code, out, err } = await reconcile('2.5');
    expect(code).toBe(0);
    expect(out.split('\n').map(columns)).toEqual([
      ['DAY', 'MODEL', 'WHY', 'OUR TOKENS', 'THEIR TOKENS', 'DRIFT', 'OUR $', 'THEIR $', 'DRIFT $'],
      ['2026-11-20', 'gpt-5', 'estimated', '360', '2.00', '2.50', '-0.50 (-20.00%)'],
      ['2026-11-20', 'new', 'only-ours', '120', '120', 'unpriced', '0.00'],
      ['total', '480', '2.00', '2.50', '-0.50 (-20.00%)'],
    ]);
    expect(err).toContain('estimated: Some of our usage is estimated');
    expect(err).toContain('25.0% of our attempts are estimated.');
  });

  test('hides what agrees, unless all is asked for', async () => {
    expect((await reconcile('2')).err).toContain('1 on which both sides agree not shown');
    expect((await reconcile('2', '--all')).out).toContain('agrees');
  });

  test('ends with 1 where the totals drift further than they may', async () => {
    expect(await reconcile('2.5', '--max-drift', '2')).toMatchObject({
      code: 1,
      err: expect.stringContaining('-20.00%; 2%'),
    });
    expect((await reconcile('2.02', '--max-drift', '1.5')).code).toBe(0);
    expect(JSON.parse((await reconcile('2.5', '--json')).out).total.cost_drift_usd).toBe('-0.5');
    expect((await reconcile('2.5', '--format', 'csv')).out.split('\r\n')).toHaveLength(3);
  });

  test('says what is wrong with a file', async () => {
    const missing = await desk.run('cost', 'reconcile', '--provider', 'openai', 'nowhere.csv');
    expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('nowhere.csv cannot be read (ENOENT)') });
    const file = path.join(folder, 'shopping.csv');
    writeFileSync(file, 'item,price\nbread,2\n');
    expect(await desk.run('cost', 'reconcile', '--provider', 'openai', file)).toMatchObject({
      code: 2,
      err: expect.stringContaining('File 1 is in none of the known formats'),
    });
  });
});

describe('logs', () => {
  test('search finds calls, the newest first', async () => {
    const { out } = await desk.run('logs', 'search', '--provider', 'openai', '--team', 'backend', '--limit', '10');
    expect(out.split('\n').map((line) => columns(line)[1])).toEqual(['ID', 'call_2', 'call_1']);
    expect(columns(out.split('\n')[1]!)).toEqual([
      '2026-11-20T12:30:00.000Z',
      'call_2',
      'app',
      'backend',
      'gpt-5',
      'openai/gpt-5',
      '200',
      '1',
      '~100>20',
      '0.25',
      '800',
      '301',
    ]);
    const { data } = JSON.parse((await desk.run('logs', 'search', '--min-cost', '1', '--json')).out);
    expect(data.map(({ id }: { id: string }) => id)).toEqual(['call_1']);
  });

  test('show tells a call, its attempts and the ledger', async () => {
    const { out } = await desk.run('logs', 'show', 'call_4');
    expect(out).toMatch(/cost_usd +unpriced/);
    expect(out).toMatch(/attempts\nPROVIDER +MODEL[\s\S]+openai +new[\s\S]+answered/);
    expect(out).toMatch(/ledger\nATTEMPT[\s\S]+captured/);
    expect(await desk.run('logs', 'show', 'call_9')).toMatchObject({ code: 2, err: expect.stringContaining('call_9') });
  });

  test('show tells bodies on demand', async () => {
    desk.bodies.keep('call_1', 1, { request: 'asked', response: 'answered' });
    await desk.bodies.close();
    expect((await desk.run('logs', 'show', 'call_1')).err).toContain('--bodies');
    expect((await desk.run('logs', 'show', 'call_1', '--bodies')).out).toContain(
      'request\nasked\n\nresponse\nanswered',
    );
  });

  test('tail prints the last ones, the newest at the end, as lines that stand under each other', async () => {
    const { out } = await desk.run('logs', 'tail', '--no-follow', '--lines', '3');
    const lines = out.split('\n');
    expect(lines.map((line) => columns(line)[1])).toEqual(['ID', 'call_2', 'call_3', 'call_4']);
    expect(new Set(lines.map((line) => line.search(/ID|call_/))).size).toBe(1);
    const json = await desk.run('logs', 'tail', '--no-follow', '--json', '--team', 'data');
    expect(JSON.parse(json.out).id).toBe('call_3');
  });

  test('tail goes on with each call that ends, once, whenever it began', async () => {
    const pages = [
      ['b', 'a'],
      ['d', 'b', 'c', 'a'],
      ['d', 'b', 'c', 'a'],
      ['e', 'd'],
    ];
    const printed: string[] = [];
    let page = 0;
    await followCalls({
      client: { ask: async () => ({ data: pages[page++]!.map((id) => ({ id })) }) as never },
      query: {},
      known: [{ id: 'a' } as CallDocument],
      print: ({ id }) => printed.push(id),
      pause: async () => {},
      isOver: () => page === pages.length,
    });
    expect(printed).toEqual(['b', 'c', 'd', 'e']);
  });
});
