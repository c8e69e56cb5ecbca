import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { CallRecord } from '../../src/core/record.ts';
import { Elsewhere } from '../../src/store/journal/book-entries.ts';
import { type OpenBook, openJournalBook } from '../../src/store/journal/open-book.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import {
  createJournalLine,
  type JournalEntry,
  type JournalExtras,
  readJournalLine,
} from '../../src/usage/journal-line.ts';
import { aRecord } from './a-record.ts';
import type { Home } from './store-contract.ts';

const log = pino({ level: 'silent' });
const HOUR = 3_600_000;
const NOON = Date.parse('2026-11-20T12:00:00Z');
const DAY = { fromMs: NOON - 12 * HOUR, toMs: NOON + 12 * HOUR };

/** What every home of the store must do alike with what calls used and cost. */
export function testUsage(name: string, createHome: () => Home | Promise<Home>): void {
  describe(`usage in ${name}`, () => {
    let home: Home;
    let store: Store;
    let open: OpenBook;
    let offset: number;

    beforeEach(async () => {
      home = await createHome();
      store = await openStore({ url: home.url, dataFolder: home.dataFolder, clock: systemClock, log });
      open = await openJournalBook(home);
      offset = 0;
    });

    afterEach(async () => {
      await open.close();
      await store.close();
      await home.clear();
    });

    async function book(...records: (CallRecord & JournalExtras)[]): Promise<void> {
      const line = createJournalLine();
      const entries = records.map((record) => readJournalLine(line(record)) as JournalEntry);
      const from = offset;
      offset += 1_000;
      await open.book.book({ journal: 'node_1', file: '2026-11-20.ndjson', from, to: offset, entries });
    }

    test('tells of a call what its record told, and what its ledger holds', async () => {
      const record = aRecord('call_1', {
        organisation: 'acme',
        team: 'backend',
        project: 'chatbot',
        user: 'ann "the" 漢\u2028字',
        session: 's-1',
        tags: { b: 'two', a: 'one' },
        variant: 'test/b',
        priceVersion: '2026-11-01',
        cache: 'miss',
        traceId: 'f'.repeat(32),
        attempts: [
          { provider: 'azure', model: 'gpt-5', startedMs: 0, status: 429, verdict: 'next-target', why: 'busy' },
          ...aRecord('').attempts,
        ],
      });
      await book(record);
      expect(await store.usage.findCall('call_1')).toEqual({
        id: 'call_1',
        atMs: record.startedAtMs,
        organisation: 'acme',
        team: 'backend',
        project: 'chatbot',
        user: 'ann "the" 漢\u2028字',
        keyId: 'key_1',
        keyName: 'app',
        session: 's-1',
        tags: { a: 'one', b: 'two' },
        dialect: 'openai-chat',
        operation: 'chat',
        modelAsked: 'gpt-5',
        provider: 'openai',
        model: 'gpt-5',
        variant: 'test/b',
        route: 'exact',
        isStreamed: false,
        status: 200,
        outcome: 'complete',
        attempts: [
          { provider: 'azure', model: 'gpt-5', startedMs: 0, status: 429, verdict: 'next-target', why: 'busy' },
          { provider: 'openai', model: 'gpt-5', startedMs: 0.25, firstByteMs: 300.5, status: 200, verdict: 'answered' },
        ],
        usage: record.usage,
        usageSource: 'measured',
        costPico: 1_000,
        priceVersion: '2026-11-01',
        cache: 'miss',
        durationMs: 800,
        firstByteMs: 301,
        overheadMs: 0.5,
        bytesIn: 1_234,
        bytesOut: 567,
        traceId: 'f'.repeat(32),
        entries: [
          {
            attempt: 1,
            atMs: record.startedAtMs,
            provider: 'azure',
            model: 'gpt-5',
            state: 'released',
            isVisible: false,
            isHedge: false,
            verdict: 'next-target',
            usageSource: 'none',
            priceVersion: '2026-11-01',
          },
          {
            attempt: 2,
            atMs: record.startedAtMs,
            provider: 'openai',
            model: 'gpt-5',
            state: 'captured',
            isVisible: true,
            isHedge: false,
            verdict: 'answered',
            usage: record.usage,
            usageSource: 'measured',
            costPico: 1_000,
            priceVersion: '2026-11-01',
          },
        ],
      });
      expect(await store.usage.findCall('call_2')).toBeUndefined();
    });

    test('books nothing twice, whether it is read again from the same place or from another', async () => {
      const records = [aRecord('call_1'), aRecord('call_2'), aRecord('call_1')];
      await book(...records);
      await book(...records, aRecord('call_3'));
      offset = 0;
      await expect(book(...records)).rejects.toBeInstanceOf(Elsewhere);
      const { total } = await store.usage.report(DAY);
      expect(total).toMatchObject({ calls: 3, attempts: 3, costPico: 3_000n, inputTokens: 300 });
      expect((await store.usage.searchCalls({})).calls).toHaveLength(3);
      expect(await open.book.offsets('node_1')).toEqual(new Map([['2026-11-20.ndjson', 2_000]]));
      expect(await open.book.offsets('node_2')).toEqual(new Map());
    });

    test('books the cost of attempts that no client saw at their own providers', async () => {
      const [answer] = aRecord('').attempts;
      const lost = {
        ...answer!,
        provider: 'azure',
        verdict: 'abandoned' as const,
        isHedge: true,
        usage: { inputTokens: 100, outputTokens: 3 },
        usageSource: 'estimated' as const,
        costPicoUsd: 70,
      };
      await book(aRecord('call_1', { attempts: [lost, answer!] }), aRecord('call_2', { shadowOf: 'call_1' }));
      const { rows, total } = await store.usage.report({ ...DAY, by: ['provider'] });
      expect(rows.map(({ of, calls, attempts, costPico }) => [of[0], calls, attempts, costPico])).toEqual([
        ['openai', 1, 2, 2_000n],
        ['azure', 0, 1, 70n],
      ]);
      expect(total).toMatchObject({ calls: 1, attempts: 3, estimated: 1, unseenCostPico: 1_070n });
      expect((await store.usage.findCall('call_1'))?.costPico).toBe(1_070);
    });

    test('tells a price that is not known from a price of nothing', async () => {
      const { costPicoUsd: _, ...unpriced } = aRecord('call_1');
      await book(unpriced, aRecord('call_2', { costPicoUsd: 0 }));
      expect((await store.usage.report(DAY)).total).toMatchObject({ calls: 2, costPico: 0n, unpriced: 1 });
      expect((await store.usage.findCall('call_1'))?.costPico).toBeUndefined();
      expect((await store.usage.findCall('call_2'))?.costPico).toBe(0);
    });

    test('sums money beyond what a number, or 64 bits, can hold', async () => {
      const most = 9_007_199_254_740_991;
      await book(
        ...Array.from({ length: 1_100 }, (_value, index) =>
          aRecord(`call_${index}`, {
            costPicoUsd: most,
            startedAtMs: NOON + (index % 2) * 24 * HOUR,
          }),
        ),
      );
      const sum = BigInt(most) * 1_100n;
      expect(sum).toBeGreaterThan(2n ** 63n);
      expect((await store.usage.report({ ...DAY, toMs: NOON + 36 * HOUR, by: ['team', 'model'] })).rows).toMatchObject([
        { of: [null, 'gpt-5'], calls: 1_100, costPico: sum },
      ]);
    });

    test('splits by any two dimensions, by hours and by days', async () => {
      await book(
        aRecord('call_1', { team: 'a', user: 'ann', startedAtMs: NOON }),
        aRecord('call_2', { team: 'a', user: 'bob', startedAtMs: NOON + HOUR, outcome: 'failed', status: 502 }),
        aRecord('call_3', { team: 'b', user: 'ann', startedAtMs: NOON + 24 * HOUR, durationMs: 200 }),
        aRecord('call_4', { keyName: 'renamed', startedAtMs: NOON + 24 * HOUR }),
      );
      const all = { fromMs: NOON - 24 * HOUR, toMs: NOON + 48 * HOUR };
      const of = async (query: object) =>
        (await store.usage.report({ ...all, ...query })).rows.map((row) => [
          ...(row.startsAtMs === undefined ? [] : [(row.startsAtMs - NOON) / HOUR]),
          ...row.of,
          row.calls,
          row.errors,
        ]);
      expect(await of({ by: ['team', 'user'] })).toHaveLength(4);
      expect(new Set(await of({ by: ['team'] }))).toEqual(
        new Set([
          ['a', 2, 1],
          ['b', 1, 0],
          [null, 1, 0],
        ]),
      );
      expect(await of({ each: 'hour' })).toEqual([
        [0, 1, 0],
        [1, 1, 1],
        [24, 2, 0],
      ]);
      expect(await of({ each: 'day', filter: { user: ['ann', 'bob'] } })).toEqual([
        [-12, 2, 1],
        [12, 1, 0],
      ]);
      expect(await of({ by: ['user'], filter: { team: ['a', null], user: [null] } })).toEqual([[null, 1, 0]]);
      expect(await of({ filter: { team: [] } })).toEqual([]);
      const { rows } = await store.usage.report({ ...all, by: ['key'] });
      expect(rows).toMatchObject([{ of: ['key_1'], keyName: 'renamed', calls: 4, meanDurationMs: 650 }]);
    });

    test('counts a call once under each of its tags, and once in the total', async () => {
      await book(
        aRecord('call_1', { tags: { app: 'shop', stage: 'live' } }),
        aRecord('call_2', { tags: { stage: 'live', app: "o'r" } }),
        aRecord('call_3'),
      );
      const { rows, total } = await store.usage.report({ ...DAY, by: ['tag'] });
      expect(new Map(rows.map(({ of, calls }) => [of[0], calls]))).toEqual(
        new Map([
          ['app=shop', 1],
          ["app=o'r", 1],
          ['stage=live', 2],
          [null, 1],
        ]),
      );
      expect(total).toMatchObject({ calls: 3, costPico: 3_000n });
      const byApp = await store.usage.report({ ...DAY, by: ['tag:app', 'model'], filter: { 'tag:stage': ['live'] } });
      expect(byApp.rows.map(({ of }) => of).sort()).toEqual([
        ["o'r", 'gpt-5'],
        ['shop', 'gpt-5'],
      ]);
      expect((await store.usage.report({ ...DAY, filter: { 'tag:app': [null] } })).total.calls).toBe(1);
    });

    test('keeps to the times that were asked for, to the millisecond', async () => {
      const times = [
        -30 * HOUR,
        -12 * HOUR,
        -1,
        0,
        1,
        30 * 60_000,
        HOUR - 1,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        12 * HOUR,
        40 * HOUR,
      ];
      await book(...times.map((time) => aRecord(`call_${time}`, { startedAtMs: NOON + time })));
      for (const [from, to] of [
        [0, HOUR],
        [1, HOUR],
        [0, 3 * HOUR],
        [-1, 3 * HOUR + 1],
        [1, 2],
        [30 * 60_000, 2 * HOUR + 1],
        [5, 5],
        [HOUR, 0],
        [-12 * HOUR, 12 * HOUR],
        [-12 * HOUR + 1, 36 * HOUR],
        [-30 * HOUR, 41 * HOUR],
        [-40 * HOUR, 12 * HOUR + 1],
      ] as const) {
        const inside = times.filter((time) => time >= from && time < to).length;
        const { total } = await store.usage.report({ fromMs: NOON + from, toMs: NOON + to });
        expect([from, to, total.calls]).toEqual([from, to, inside]);
      }
    });

    test('says when there are more rows than the limit, and still gives the whole sum', async () => {
      await book(
        ...Array.from({ length: 5 }, (_value, index) =>
          aRecord(`call_${index}`, { user: `user ${index}`, costPicoUsd: index }),
        ),
      );
      const report = await store.usage.report({ ...DAY, by: ['user'], limit: 2 });
      expect(report.rows.map(({ of }) => of[0])).toEqual(['user 4', 'user 3']);
      expect(report).toMatchObject({ isCut: true, total: { calls: 5, costPico: 10n } });
      expect((await store.usage.report({ ...DAY, by: ['user'], limit: 5 })).isCut).toBe(false);
    });

    test('gives three kinds of savings apart, also where one has cost more than it saved', async () => {
      await book(
        aRecord('call_1', { cache: 'hit', savedByCachePicoUsd: 5_000, costPicoUsd: 0, attempts: [] }),
        aRecord('call_2', { baselineCostPicoUsd: 4_000 }),
        aRecord('call_3', { baselineCostPicoUsd: 400, savedByPromptCachePicoUsd: -90 }),
      );
      const lines = await store.usage.savings(DAY);
      expect(lines.map(({ by, savedPico, calls }) => [by, savedPico, calls])).toEqual([
        ['cache', 5_000n, 1],
        ['routing', 2_400n, 2],
        ['prompt-cache', -90n, 1],
      ]);
      for (const { formula } of lines) expect(formula).toMatch(/×/);
      expect(await store.usage.savings({ ...DAY, filter: { team: ['nobody'] } })).toMatchObject([
        { savedPico: 0n, calls: 0 },
        { savedPico: 0n },
        { savedPico: 0n },
      ]);
    });

    test('searches calls by what they are, newest first, page by page', async () => {
      await book(
        ...Array.from({ length: 7 }, (_value, index) =>
          aRecord(`call_${index}`, {
            startedAtMs: NOON + (index >> 1),
            team: index % 2 === 0 ? 'even' : 'odd',
            tags: { nr: String(index), kind: 'Test' },
            durationMs: index * 100,
          }),
        ),
      );
      const ids = async (search: object) =>
        (await store.usage.searchCalls(search)).calls.map(({ id }) => id.slice(5)).join('');
      expect(await ids({ team: 'odd' })).toBe('531');
      expect(await ids({ fromMs: NOON + 1, toMs: NOON + 3 })).toBe('5432');
      expect(await ids({ tags: { nr: '4' } })).toBe('4');
      expect(await ids({ tags: { kind: 'test' } })).toBe('');
      expect(await ids({ tags: { kind: 'Test', nr: '1' }, id: 'll_1' })).toBe('1');
      expect(await ids({ id: 'CALL' })).toBe('');
      expect(await ids({ minDurationMs: 500, provider: 'openai' })).toBe('65');
      expect(await ids({ minCostPico: 1_001 })).toBe('');
      let seen = '';
      for (let after: string | undefined, pages = 0; pages === 0 || after !== undefined; pages++) {
        const page = await store.usage.searchCalls({ limit: 2, ...(after !== undefined && { after }) });
        seen += page.calls.map(({ id }) => id.slice(5)).join('');
        after = page.next;
      }
      expect(seen).toBe('6543210');
      await expect(store.usage.searchCalls({ after: 'nonsense' })).rejects.toMatchObject({ param: 'after' });
    });

    test('keeps the sealed bodies of a call until they are purged', async () => {
      await store.usage.keepBodies('call_1', NOON - 1, 'sealed');
      await store.usage.keepBodies('call_1', NOON - 1, 'again');
      await store.usage.keepBodies('call_2', NOON, 'other');
      expect(await store.usage.findBodies('call_1')).toBe('sealed');
      expect(await store.usage.purge({ bodies: NOON })).toMatchObject({ bodies: 1, calls: 0 });
      expect(await store.usage.findBodies('call_1')).toBeUndefined();
      expect(await store.usage.findBodies('call_2')).toBe('other');
    });

    test('purges what is too old and nothing else', async () => {
      const old = Array.from({ length: 620 }, (_value, index) => aRecord(`old_${index}`, { startedAtMs: NOON - HOUR }));
      await book(...old, aRecord('call_1', { startedAtMs: NOON }));
      expect(await store.usage.purge({ calls: NOON })).toEqual({ calls: 620, bodies: 0, ledger: 0, hours: 0, days: 0 });
      expect((await store.usage.searchCalls({})).calls.map(({ id }) => id)).toEqual(['call_1']);
      expect((await store.usage.report(DAY)).total.calls).toBe(621);
      expect(await store.usage.purge({ ledger: NOON, hours: NOON })).toMatchObject({ ledger: 620, hours: 1, days: 0 });
      expect((await store.usage.report({ ...DAY, each: 'hour' })).total.calls).toBe(1);
      expect((await store.usage.report(DAY)).total.calls).toBe(621);
      expect(await store.usage.purge({ days: NOON })).toMatchObject({ days: 1 });
      expect((await store.usage.report(DAY)).total.calls).toBe(0);
    });
  });
}
