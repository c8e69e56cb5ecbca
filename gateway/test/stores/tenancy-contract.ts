import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiKey } from '../../src/auth/api-key.ts';
import type { Tenant } from '../../src/auth/tenant.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Books, Store } from '../../src/store/store.ts';
import type { Home } from './store-contract.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const clock: Clock = { ...systemClock, wallMs: () => NOW };
const log = pino({ level: 'silent' });

const FULL: Tenant = {
  kind: 'team',
  id: 'team_1',
  name: 'команда',
  title: '後端',
  organisation: 'acme',
  tier: 'premium',
  models: ['gpt-5*'],
  limits: { rpm: 5, per_model: { 'gpt-5': { rpm: 1 } } },
  createdAtMs: NOW,
};
const BARE: Tenant = { kind: 'user', id: 'user_1', name: 'ann', createdAtMs: NOW + 1 };
const KEY: ApiKey = {
  ...{ id: 'key_1', name: 'app', hash: 'h', prefix: 'xd-abcdef', createdAtMs: NOW, source: 'store' },
  organisation: 'acme',
  limits: { tpm: 7 },
  ips: ['10.0.0.0/8', '::1'],
  scopes: ['data', 'read-only'],
  tags: { env: 'test' },
  importance: 'batch',
};

const aNote = (id: string) => ({
  ...{ id, atMs: NOW, actor: 'a test', action: 'create', noun: 'key', nounId: 'key_1', nounName: 'app' },
  after: { z: 1, a: '"quoted" 後端 \u0001' },
});

/** What every home of the store must do alike with tenants, the rights of keys and the audit. `isShared`: several nodes can open it. */
export function testTenancy(name: string, createHome: () => Home | Promise<Home>, { isShared = false } = {}): void {
  describe(`tenancy in ${name}`, () => {
    let home: Home;
    let store: Store;
    const open = () => openStore({ url: home.url, dataFolder: home.dataFolder, clock, log });

    beforeEach(async () => {
      home = await createHome();
      store = await open();
    });

    afterEach(async () => {
      await store.close();
      await home.clear();
    });

    test('gives tenants and keys back as they were put in, after a restart too', async () => {
      await store.tenants.insert(FULL);
      await store.tenants.insert(BARE);
      await store.keys.insert(KEY);
      await store.close();
      store = await open();
      expect(await store.tenants.list()).toEqual([FULL, BARE]);
      expect(await store.tenants.find('team_1')).toEqual(FULL);
      expect(await store.tenants.find('team_2')).toBeUndefined();
      expect(await store.keys.find('key_1')).toEqual(KEY);
      expect(await store.keys.find('key_2')).toBeUndefined();
    });

    test('changes the fields that are named, and takes those away that are null', async () => {
      await store.tenants.insert(FULL);
      const { title: _, limits: __, ...rest } = FULL;
      const changed = await store.tenants.update('team_1', {
        title: null,
        limits: null,
        models: ['a'],
        archivedAtMs: 5,
      });
      expect(changed).toEqual({ ...rest, models: ['a'], archivedAtMs: 5 });
      expect(await store.tenants.update('team_1', {})).toEqual(changed);
      expect(await store.tenants.update('team_1', { archivedAtMs: null })).toEqual({ ...rest, models: ['a'] });
      await expect(store.tenants.update('team_9', { title: 'x' })).rejects.toMatchObject({ code: 'not_found' });

      await store.keys.insert(KEY);
      const { limits, ips, scopes, tags, importance, organisation, ...bare } = KEY;
      const nothing = { limits: null, ips: null, scopes: null, tags: null, importance: null, organisation: null };
      expect(await store.keys.update('key_1', nothing)).toEqual(bare);
      expect(await store.keys.update('key_1', { limits: limits!, tags: tags! })).toEqual({ ...bare, limits, tags });
    });

    test('gives a name to one of each kind', async () => {
      await store.tenants.insert(FULL);
      await expect(store.tenants.insert({ ...FULL, id: 'team_2' })).rejects.toMatchObject({
        code: 'conflict',
        param: 'name',
      });
      await store.tenants.insert({ ...BARE, name: FULL.name });
      expect(await store.tenants.list()).toHaveLength(2);
    });

    test('writes changes and their notes both or neither', async () => {
      await store.change(async ({ tenants, keys, note }) => {
        await tenants.insert(BARE);
        await keys.insert(KEY);
        await note(aNote('audit_1'));
      });
      const failing = (work: (books: Books) => Promise<unknown>) => store.change(work).catch(({ code }) => code);
      expect(
        await failing(async ({ tenants, keys, note }) => {
          await tenants.insert(FULL);
          await note(aNote('audit_2'));
          await keys.insert({ ...KEY, id: 'key_2', hash: 'other' });
        }),
      ).toBe('conflict');
      expect(await store.tenants.list()).toEqual([BARE]);
      expect(await store.audit.list({ limit: 10 })).toMatchObject([{ ...aNote('audit_1'), sequence: 1 }]);
      expect(await store.audit.verify()).toMatchObject({ isIntact: true, entries: 1 });
    });

    test('keeps the fact that was first, whoever comes second', async () => {
      const other = isShared ? await open() : store;
      const kept = await Promise.all([store.facts.keep('pepper', 'one'), other.facts.keep('pepper', 'two')]);
      expect(kept[0]).toBe(kept[1]);
      expect(await store.facts.keep('pepper', 'three')).toBe(kept[0]);
      expect(await other.facts.get('pepper')).toBe(kept[0]);
      if (isShared) await other.close();
    });

    test('makes one chain of changes that come at once, from several nodes too', async () => {
      const other = isShared ? await open() : store;
      const outcomes = await Promise.allSettled(
        Array.from({ length: 24 }, (_, index) =>
          (index % 2 === 0 ? store : other).change(async ({ keys, note }) => {
            await keys.insert({ ...KEY, id: `key_${index}`, hash: `h${index}`, name: `app ${index % 6}` });
            await note(aNote(`audit_${index}`));
          }),
        ),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
      expect(await store.audit.verify()).toMatchObject({ isIntact: true, entries: 6 });
      expect(await other.audit.head()).toEqual(await store.audit.head());
      if (isShared) await other.close();
    });
  });
}
