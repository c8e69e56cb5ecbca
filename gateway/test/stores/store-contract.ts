import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiKey } from '../../src/auth/api-key.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import type { KeptResponse } from '../../src/core/kept-response.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const clock: Clock = { ...systemClock, wallMs: () => NOW };
const log = pino({ level: 'silent' });

/** An empty database. */
export interface Home {
  url: string;
  dataFolder: string;
  /** Takes away what was written. */
  clear(): void | Promise<void>;
}

function aKey(id: string, more: Partial<ApiKey> = {}): ApiKey {
  return { id, name: id, hash: `hash of ${id}`, prefix: 'xd-abcdef', createdAtMs: NOW, source: 'store', ...more };
}

function aResponse(id: string, more: Partial<KeptResponse> = {}): KeptResponse {
  return {
    id,
    keyId: 'key_1',
    model: 'claude',
    provider: 'anthropic',
    createdAtMs: NOW,
    expiresAtMs: NOW + 1_000,
    response: { id, output: [{ type: 'message', content: 'grüß 你好' }] },
    input: '"Hi"',
    ...more,
  };
}

/** What every home of the store must do alike. */
export function testStore(name: string, createHome: () => Home | Promise<Home>): void {
  describe(`the store in ${name}`, () => {
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

    test('gives a key back as it was put in, after a restart too', async () => {
      const full = aKey('key_1', {
        team: 'backend',
        project: 'chatbot',
        user: 'ann',
        tier: 'premium',
        models: ['gpt-5*', 'анна/模型'],
        expiresAtMs: NOW + 86_400_000,
      });
      await store.keys.insert(full);
      await store.keys.insert(aKey('key_2', { createdAtMs: NOW + 1 }));
      await store.close();
      store = await open();
      expect(await store.keys.list()).toEqual([full, aKey('key_2', { createdAtMs: NOW + 1 })]);
    });

    test('refuses a second living key of the same name', async () => {
      await store.keys.insert(aKey('key_1', { name: 'app' }));
      await expect(store.keys.insert(aKey('key_2', { name: 'app' }))).rejects.toMatchObject({
        code: 'conflict',
        param: 'name',
      });
      expect(await store.keys.list()).toHaveLength(1);
    });

    test.each([
      ['revoked', { revokedAtMs: NOW - 1 }],
      ['expired', { expiresAtMs: NOW }],
    ])('gives the name of a %s key away', async (_state, change) => {
      await store.keys.insert(aKey('key_1', { name: 'app' }));
      await store.keys.update('key_1', change);
      await store.keys.insert(aKey('key_2', { name: 'app' }));
      expect((await store.keys.list()).map(({ id }) => id)).toEqual(['key_1', 'key_2']);
    });

    test('lets only one of many inserts of one name win at the same moment', async () => {
      const tries = Array.from({ length: 20 }, (_value, index) =>
        store.keys.insert(aKey(`key_${index}`, { name: 'app' })),
      );
      const outcomes = await Promise.allSettled(tries);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store.keys.list()).toHaveLength(1);
    });

    test('changes the fields that are named, and takes those away that are null', async () => {
      await store.keys.insert(aKey('key_1', { team: 'backend', user: 'ann', models: ['a'], expiresAtMs: NOW + 5 }));
      const changed = await store.keys.update('key_1', {
        team: 'frontend',
        user: null,
        models: null,
        expiresAtMs: null,
      });
      expect(changed).toEqual(aKey('key_1', { team: 'frontend' }));
      expect(await store.keys.list()).toEqual([changed]);
    });

    test('leaves a key as it is if nothing is to change', async () => {
      await store.keys.insert(aKey('key_1', { models: [] }));
      expect(await store.keys.update('key_1', {})).toEqual(aKey('key_1', { models: [] }));
    });

    test('refuses a change of name to that of a living key', async () => {
      await store.keys.insert(aKey('key_1', { name: 'app' }));
      await store.keys.insert(aKey('key_2', { name: 'other' }));
      await expect(store.keys.update('key_2', { name: 'app' })).rejects.toMatchObject({ code: 'conflict' });
      await expect(store.keys.update('key_1', { name: 'app' })).resolves.toMatchObject({ name: 'app' });
    });

    test('says of an unknown key that it is not there', async () => {
      await expect(store.keys.update('key_9', { name: 'x' })).rejects.toMatchObject({ code: 'not_found' });
      await expect(store.keys.replace('key_9', aKey('key_1'), NOW)).rejects.toMatchObject({ code: 'not_found' });
    });

    test('puts a successor in the place of a key, under the same name', async () => {
      await store.keys.insert(aKey('key_1', { name: 'app' }));
      const old = await store.keys.replace('key_1', aKey('key_2', { name: 'app' }), NOW + 60_000);
      expect(old).toEqual(aKey('key_1', { name: 'app', expiresAtMs: NOW + 60_000, replacedBy: 'key_2' }));
      expect(await store.keys.list()).toEqual([old, aKey('key_2', { name: 'app' })]);
      await expect(store.keys.insert(aKey('key_3', { name: 'app' }))).rejects.toMatchObject({ code: 'conflict' });
    });

    test('replaces a key once, and a revoked one never', async () => {
      await store.keys.insert(aKey('key_1'));
      await store.keys.replace('key_1', aKey('key_2'), NOW);
      await expect(store.keys.replace('key_1', aKey('key_3'), NOW)).rejects.toMatchObject({ code: 'conflict' });
      await store.keys.update('key_2', { revokedAtMs: NOW });
      await expect(store.keys.replace('key_2', aKey('key_3'), NOW)).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.keys.list()).toHaveLength(2);
    });

    test('changes nothing if the successor cannot be written', async () => {
      await store.keys.insert(aKey('key_1'));
      await store.keys.insert(aKey('key_2'));
      await expect(store.keys.replace('key_1', aKey('key_3', { hash: 'hash of key_2' }), NOW)).rejects.toThrow();
      expect(await store.keys.list()).toEqual([aKey('key_1'), aKey('key_2')]);
      expect(store.whyUnwell()).toBeUndefined();
    });

    test('keeps the last value of a fact', async () => {
      expect(await store.facts.get('admin')).toBeUndefined();
      await store.facts.set('admin', 'one');
      await store.facts.set('admin', "two'; drop table keys");
      expect(await store.facts.get('admin')).toBe("two'; drop table keys");
    });

    test('gives a response back as it was put in, after a restart too, and to its own key alone', async () => {
      await store.responses.insert(aResponse('resp_1'));
      await store.close();
      store = await open();
      expect(await store.responses.find('resp_1', 'key_1', NOW)).toEqual(aResponse('resp_1'));
      expect(await store.responses.find('resp_1', 'key_2', NOW)).toBeUndefined();
      expect(await store.responses.conversation('resp_1', 'key_2', NOW)).toEqual([]);
      expect(await store.responses.remove('resp_1', 'key_2')).toBe(false);
      expect(await store.responses.find('resp_1', 'key_1', NOW)).toBeDefined();
    });

    test('gives a conversation from its first response on, and keeps all of it as long as its last', async () => {
      await store.responses.insert(aResponse('resp_1'));
      await store.responses.insert(aResponse('resp_2', { previousId: 'resp_1' }));
      await store.responses.insert(aResponse('resp_3', { previousId: 'resp_2', expiresAtMs: NOW + 9_000 }));
      const ids = async (id: string, nowMs: number) =>
        (await store.responses.conversation(id, 'key_1', nowMs)).map((kept) => kept.id);
      expect(await ids('resp_3', NOW)).toEqual(['resp_1', 'resp_2', 'resp_3']);
      expect(await ids('resp_2', NOW)).toEqual(['resp_1', 'resp_2']);
      expect(await store.responses.purge(NOW + 8_999)).toBe(0);
      expect(await ids('resp_3', NOW + 8_999)).toEqual(['resp_1', 'resp_2', 'resp_3']);
    });

    test('gives a conversation back to the response that is missing', async () => {
      await store.responses.insert(aResponse('resp_1'));
      await store.responses.insert(aResponse('resp_2', { previousId: 'resp_1' }));
      expect(await store.responses.remove('resp_1', 'key_1')).toBe(true);
      expect(await store.responses.conversation('resp_2', 'key_1', NOW)).toEqual([
        aResponse('resp_2', { previousId: 'resp_1' }),
      ]);
    });

    test('never joins conversations of two keys', async () => {
      await store.responses.insert(aResponse('resp_1'));
      await store.responses.insert(
        aResponse('resp_2', { keyId: 'key_2', previousId: 'resp_1', expiresAtMs: NOW + 9_000 }),
      );
      expect(await store.responses.conversation('resp_2', 'key_2', NOW)).toHaveLength(1);
      expect((await store.responses.find('resp_1', 'key_1', NOW))?.expiresAtMs).toBe(NOW + 1_000);
    });

    test('gives no response that has expired, and takes away however many there are', async () => {
      const count = 450;
      await Promise.all(
        Array.from({ length: count }, (_value, index) => store.responses.insert(aResponse(`resp_${index}`))),
      );
      await store.responses.insert(aResponse('resp_later', { expiresAtMs: NOW + 5_000 }));
      expect(await store.responses.find('resp_0', 'key_1', NOW + 1_000)).toBeUndefined();
      expect(await store.responses.purge(NOW + 1_000)).toBe(count);
      expect(await store.responses.find('resp_0', 'key_1', NOW)).toBeUndefined();
      expect(await store.responses.find('resp_later', 'key_1', NOW)).toBeDefined();
    });

    test('refuses work after it was closed', async () => {
      await store.close();
      await expect(store.keys.list()).rejects.toThrow();
    });
  });
}
