import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { UsageQuery } from '../../src/store/store.ts';

const HOUR = 3_600_000;
const DAYS = 90;
const GROUPS = 500;
const START = Date.parse('2026-08-01T00:00:00Z');
const END = START + DAYS * 24 * HOUR;
const CALLS_EACH = 10;

/** The hourly sums of ten million calls: 90 days of 500 groups (5 teams, 10 keys, 50 models, 3 providers, 500 users, 10 tags), and the single entries of the last hour. */
function fill(file: string): void {
  const database = new DatabaseSync(file);
  database.exec(`
    begin;
    with recursive n(i) as (select 0 union all select i + 1 from n where i < ${GROUPS - 1})
    insert into usage_groups (id, team, key_id, key_name, model, provider, "user")
      select 'group ' || i, 'team ' || (i % 5), 'key_' || (i % 10), 'key ' || (i % 10), 'model ' || (i / 10), 'provider ' || (i % 3), 'user ' || i from n;
    insert into usage_group_tags select id, 'app', 'app ' || key_id from usage_groups;
    with recursive h(i) as (select 0 union all select i + 1 from h where i < ${DAYS * 24 - 1})
    insert into usage_hours (starts_ms, group_id, calls, attempts, input_tokens, output_tokens, cost_pico, duration_ms, saved_by_prompt_cache_pico, prompt_cached_calls)
      select ${START} + h.i * ${HOUR}, id, ${CALLS_EACH}, ${CALLS_EACH}, 200000, 30000, 1000000000007, 90000, 5000000, 80 from h, usage_groups;
    insert into usage_days (starts_ms, group_id, calls, attempts, input_tokens, output_tokens, cost_pico, duration_ms, saved_by_prompt_cache_pico, prompt_cached_calls)
      select starts_ms - starts_ms % ${24 * HOUR}, group_id, sum(calls), sum(attempts), sum(input_tokens), sum(output_tokens), sum(cost_pico), sum(duration_ms), sum(saved_by_prompt_cache_pico), sum(prompt_cached_calls)
      from usage_hours group by 1, 2;
    with recursive e(i) as (select 0 union all select i + 1 from e where i < ${GROUPS * CALLS_EACH - 1})
    insert into ledger_entries (call_id, attempt, at_ms, group_id, state, visible, hedge, usage_source, calls, attempts, cost_pico)
      select 'call_' || i, 1, ${END - HOUR} + i, 'group ' || (i % ${GROUPS}), 'captured', 1, 0, 'measured', 1, 1, 10752688172 from e;
    commit`);
  database.close();
}

const ALL = { fromMs: START, toMs: END };
const REPORTS: Record<string, UsageQuery> = {
  'by team and model': { ...ALL, by: ['team', 'model'] },
  'by key and provider': { ...ALL, by: ['key', 'provider'] },
  'by user and tag': { ...ALL, by: ['user', 'tag'] },
  'by project and variant': { ...ALL, by: ['project', 'variant'] },
  'by one tag, each day': { ...ALL, by: ['tag:app'], each: 'day' },
  'by model, each hour of a week, of one team': {
    fromMs: END - 7 * 24 * HOUR,
    toMs: END,
    by: ['model'],
    each: 'hour',
    filter: { team: ['team 1'] },
  },
  'to the minute': { fromMs: START + 60_000, toMs: END - 60_000, by: ['team', 'key'] },
};

test('ten million calls answer within a second', async () => {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'xidao-scale-'));
  const store = await openStore({
    url: 'sqlite:./data/xidao.db',
    dataFolder,
    clock: systemClock,
    log: pino({ level: 'silent' }),
  });
  try {
    fill(path.join(dataFolder, 'xidao.db'));
    for (const [name, query] of Object.entries(REPORTS)) {
      const begun = performance.now();
      const { rows, total } = await store.usage.report(query);
      const tookMs = performance.now() - begun;
      console.info(`${name}: ${rows.length} rows in ${tookMs.toFixed(0)} ms`);
      expect(rows.length).toBeGreaterThan(0);
      expect(tookMs).toBeLessThan(1_000);
      if (name === 'by team and model')
        expect(total).toMatchObject({ calls: 10_800_000, costPico: 1_080_000n * 1_000_000_000_007n });
    }
    const begun = performance.now();
    expect((await store.usage.savings(ALL))[2]).toMatchObject({ savedPico: 1_080_000n * 5_000_000n });
    console.info(`savings: ${(performance.now() - begun).toFixed(0)} ms`);
  } finally {
    await store.close();
    rmSync(dataFolder, { recursive: true });
  }
});
