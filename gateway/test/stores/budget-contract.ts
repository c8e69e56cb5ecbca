import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../../src/core/alert.ts';
import type { Budget } from '../../src/core/budget.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { Home } from './store-contract.ts';

const BUDGET: Budget = {
  ...{ id: 'budget_1', name: 'of engineering', scope: { kind: 'team', id: 'engineering' }, amountPico: 9e18 },
  ...{ period: 'monthly', timezone: 'Europe/Berlin', source: 'store', createdAtMs: 1_000 },
  thresholds: [
    { at: 0.8, action: 'degrade' },
    { at: 1, action: 'refuse' },
  ],
  degrade: { tier: 'low', maxTokens: 500 },
  channels: ['ops'],
  webhook: 'https://example.com/hook',
};

const anAlert = (index: number, key = `key ${index}`): Alert => ({
  ...{ id: `alert_${index}`, key, kind: 'test', severity: 'info', title: 'A', text: 'B', atMs: 100 + index },
  ...{ facts: { amount: 1.5, name: '後端', end: null }, channels: ['ops'] },
});

/** What every home of the store must do alike with budgets and alerts. */
export function testBudgets(name: string, createHome: () => Home | Promise<Home>): void {
  describe(`budgets in ${name}`, () => {
    let home: Home;
    let store: Store;
    const log = pino({ level: 'silent' });
    const open = () => openStore({ url: home.url, dataFolder: home.dataFolder, clock: systemClock, log });

    beforeEach(async () => {
      home = await createHome();
      store = await open();
    });

    afterEach(async () => {
      await store.close();
      await home.clear();
    });

    test('gives budgets back as they were put in, after a restart too', async () => {
      await store.budgets.insert(BUDGET);
      await store.close();
      store = await open();
      expect(await store.budgets.list()).toEqual([BUDGET]);
      expect(await store.budgets.find('budget_2')).toBeUndefined();
    });

    test('changes what is named, takes away what is null, and removes', async () => {
      await store.budgets.insert(BUDGET);
      const { webhook: _, ...rest } = BUDGET;
      const after = { ...rest, amountPico: 5e12 };
      expect(await store.budgets.update('budget_1', { amountPico: 5e12, webhook: null })).toEqual(after);
      expect(await store.budgets.find('budget_1')).toEqual(after);
      await expect(store.budgets.update('budget_9', {})).rejects.toMatchObject({ code: 'not_found' });
      expect([await store.budgets.remove('budget_1'), await store.budgets.remove('budget_1')]).toEqual([true, false]);
      expect(await store.budgets.list()).toEqual([]);
    });

    test('gives a name to one budget, and writes within a change or not at all', async () => {
      await store.budgets.insert(BUDGET);
      await expect(store.budgets.insert({ ...BUDGET, id: 'budget_2' })).rejects.toMatchObject({ code: 'conflict' });
      await store.budgets.insert({ ...BUDGET, id: 'budget_2', name: 'other' });
      await expect(store.budgets.update('budget_2', { name: BUDGET.name })).rejects.toMatchObject({ code: 'conflict' });
      const failing = store.change(async ({ budgets }) => {
        await budgets.remove('budget_2');
        throw new Error('on second thoughts');
      });
      await expect(failing).rejects.toThrow('on second thoughts');
      expect(await store.budgets.list()).toHaveLength(2);
    });

    test('opens an alert once, also when it is told at the same time', async () => {
      const opened = await Promise.all([1, 2, 3].map((index) => store.alerts.open(anAlert(index, 'the same'))));
      expect(opened.filter(Boolean)).toHaveLength(1);
    });

    test('tells alerts with what became of them, the newest first, in pages, and keeps so many', async () => {
      for (let index = 0; index < 5; index++) await store.alerts.open(anAlert(index));
      const sent = { channel: 'ops', state: 'sent' as const, attempts: 2, atMs: 5 };
      await store.alerts.delivered('alert_3', { ...sent, state: 'failed', why: 'it was gone' });
      await store.alerts.delivered('alert_3', sent);
      const [first, second] = await store.alerts.list({ limit: 2 });
      expect([first, second]).toEqual([
        { ...anAlert(4), deliveries: [] },
        { ...anAlert(3), deliveries: [sent] },
      ]);
      const rest = await store.alerts.list({ limit: 9, before: second! });
      expect(rest.map(({ id }) => id)).toEqual(['alert_2', 'alert_1', 'alert_0']);
      await store.alerts.trim(2);
      expect((await store.alerts.list({ limit: 9 })).map(({ id }) => id)).toEqual(['alert_4', 'alert_3']);
      await store.alerts.trim(0);
      expect(await store.alerts.list({ limit: 9 })).toEqual([]);
    });
  });
}
