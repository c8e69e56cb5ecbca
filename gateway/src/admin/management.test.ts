import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDirectory, type Directory } from '../auth/directory.ts';
import { createAuth } from '../auth/identify.ts';
import { createKeyRing, type KeyRing } from '../auth/key-ring.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import type { Author } from './audit/author.ts';
import { createManagement, type Management } from './management.ts';

const pepper = Buffer.alloc(32, 7);
let now: number;
const clock: Clock = { ...systemClock, wallMs: () => now };
let dataFolder: string;
let store: Store;
let ring: KeyRing;
let directory: Directory;
let management: Management;

const open = () => openStore({ url: 'sqlite:./data/xidao.db', dataFolder, clock, log: pino({ level: 'silent' }) });

async function start(): Promise<void> {
  store = await open();
  ring = createKeyRing();
  directory = createDirectory();
  management = createManagement({ store, ring, directory, pepper, clock });
  await management.catchUp();
}

async function restart(): Promise<void> {
  await store.close();
  await start();
}

beforeEach(async () => {
  now = Date.parse('2026-11-20T12:00:00Z');
  dataFolder = mkdtempSync(path.join(tmpdir(), 'xidao-management-'));
  await start();
});

afterEach(async () => {
  await store.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const author: Author = { actor: 'admin key' };
const isAdmin = (headers: Record<string, string>) => management.mayRead({ headers, address: '127.0.0.1' });
const identify = (secret: string) =>
  createAuth({ ring, directory, pepper, clock }).identify({ headers: bearer(secret), query: '' });
const whyRefused = (secret: string) => {
  try {
    identify(secret);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('makes an admin key and a first key at the first start alone, and both work after a restart', async () => {
  const made = await management.prepare({ adminKey: '', hasConfiguredKeys: false });
  expect(made.adminKey).toMatch(/^xd-admin-[\w-]{43}$/);
  expect(made.appKey).toMatch(/^xd-[\w-]{43}$/);
  expect(isAdmin(bearer(made.adminKey!))).toBe(true);
  expect(identify(made.appKey!).keyName).toBe('default');

  await restart();
  expect(await management.prepare({ adminKey: '', hasConfiguredKeys: false })).toEqual({});
  expect(isAdmin({ 'x-api-key': made.adminKey! })).toBe(true);
  expect(identify(made.appKey!).keyName).toBe('default');
});

test('writes no secret to the disk', async () => {
  const { adminKey, appKey } = await management.prepare({ adminKey: '', hasConfiguredKeys: false });
  const { secret } = await management.keys.create({ name: 'app' }, author);
  await store.close();
  const written = readdirSync(dataFolder).map((name) => readFileSync(path.join(dataFolder, name), 'latin1'));
  expect(written.join('')).toContain('default');
  for (const one of [adminKey!, appKey!, secret]) expect(written.join('')).not.toContain(one.slice(9));
  await start();
});

test('makes nothing that the configuration gives', async () => {
  expect(await management.prepare({ adminKey: 'my own', hasConfiguredKeys: true })).toEqual({});
  expect(isAdmin(bearer('my own'))).toBe(true);
  expect(management.keys.list()).toEqual([]);
});

test('takes the configured admin key alone while there is one', async () => {
  const { adminKey } = await management.prepare({ adminKey: '', hasConfiguredKeys: false });
  management.useAdminKey('my own');
  expect(isAdmin(bearer('my own'))).toBe(true);
  expect(isAdmin(bearer(adminKey!))).toBe(false);
  management.useAdminKey('');
  expect(isAdmin(bearer('my own'))).toBe(false);
  expect(isAdmin(bearer(adminKey!))).toBe(true);
});

test('takes the local token, which is another one at every start, and nothing else', async () => {
  const before = management.localToken;
  expect(isAdmin(bearer(before))).toBe(true);
  const { appKey } = await management.prepare({ adminKey: '', hasConfiguredKeys: false });
  await restart();
  expect(isAdmin(bearer(before))).toBe(false);
  expect(isAdmin(bearer(appKey!))).toBe(false);
  expect(isAdmin({})).toBe(false);
  expect(isAdmin({ authorization: management.localToken })).toBe(false);
});

test('creates a key that works at once and carries what was asked for', async () => {
  const { key, secret } = await management.keys.create({ name: 'app', team: 'backend', models: ['gpt-5*'] }, author);
  expect(identify(secret)).toEqual({ keyId: key.id, keyName: 'app', team: 'backend', models: ['gpt-5*'] });
  expect(secret.startsWith(key.prefix)).toBe(true);
  expect(management.keys.get(key.id)).toEqual(key);
});

test('lets the old key live on for the overlap of a rotation, and no longer', async () => {
  const first = await management.keys.create({ name: 'app', user: 'ann' }, author);
  const second = await management.keys.rotate(first.key.id, { overlapMs: 60_000 }, author);
  expect(second.key).toMatchObject({ name: 'app', user: 'ann' });
  expect(second.secret).not.toBe(first.secret);
  expect([whyRefused(first.secret), whyRefused(second.secret)]).toEqual([undefined, undefined]);
  now += 60_000;
  expect([whyRefused(first.secret), whyRefused(second.secret)]).toEqual(['expired_api_key', undefined]);
  expect(management.keys.get(first.key.id).replacedBy).toBe(second.key.id);
});

test('ends the old key at once without an overlap', async () => {
  const first = await management.keys.create({ name: 'app' }, author);
  await management.keys.rotate(first.key.id, {}, author);
  expect(whyRefused(first.secret)).toBe('expired_api_key');
  await expect(management.keys.rotate(first.key.id, {}, author)).rejects.toMatchObject({ code: 'conflict' });
});

test('never lets an overlap outlive the expiry of the old key', async () => {
  const { key } = await management.keys.create({ name: 'app', expiresAtMs: now + 1_000 }, author);
  await management.keys.rotate(key.id, { overlapMs: 60_000 }, author);
  expect(management.keys.get(key.id).expiresAtMs).toBe(now + 1_000);
});

test('revokes a key at once, also after a restart, and twice is once', async () => {
  const { key, secret } = await management.keys.create({ name: 'app' }, author);
  const revoked = await management.keys.revoke(key.id, author);
  expect(whyRefused(secret)).toBe('revoked_api_key');
  now += 5_000;
  expect(await management.keys.revoke(key.id, author)).toEqual(revoked);
  await expect(management.keys.update(key.id, { name: 'new' }, author)).rejects.toMatchObject({ code: 'conflict' });
  await restart();
  expect(whyRefused(secret)).toBe('revoked_api_key');
});

test('puts a change in force at once', async () => {
  const { key, secret } = await management.keys.create({ name: 'app', team: 'backend' }, author);
  expect(identify(secret).team).toBe('backend');
  await management.keys.update(key.id, { team: null, models: ['mock/*'], expiresAtMs: now + 1_000 }, author);
  expect(identify(secret)).toEqual({ keyId: key.id, keyName: 'app', models: ['mock/*'] });
  now += 1_000;
  expect(whyRefused(secret)).toBe('expired_api_key');
});

test('lists the keys of the configuration, and leaves changing them to it', async () => {
  ring.replace('config', [
    { id: 'key_config_app', name: 'app', hash: 'h', prefix: 'p', createdAtMs: 0, source: 'config' },
  ]);
  expect(management.keys.list().map(({ id }) => id)).toEqual(['key_config_app']);
  const attempts = [
    management.keys.update('key_config_app', { team: 'x' }, author),
    management.keys.rotate('key_config_app', {}, author),
    management.keys.revoke('key_config_app', author),
  ];
  for (const attempt of attempts) await expect(attempt).rejects.toThrow(/written in the configuration.*xidao\.yaml/);
  await expect(management.keys.create({ name: 'app' }, author)).rejects.toMatchObject({
    code: 'conflict',
    param: 'name',
  });
});
