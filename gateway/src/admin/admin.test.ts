import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDirectory, type Directory } from '../auth/directory.ts';
import { createKeyRing, type KeyRing } from '../auth/key-ring.ts';
import { checkConfig } from '../config/load.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { createAdmin } from './admin.ts';
import type { Author } from './audit/author.ts';
import { createManagement, type Management } from './management.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
let now = NOW;
const author: Author = { actor: 'a test' };
const clock: Clock = { ...systemClock, wallMs: () => now };
const logged: string[] = [];
const { config } = checkConfig(
  { providers: { openai: { api_key: 'sk-very-secret' } } },
  { knownProviders: ['openai'] },
);

let dataFolder: string;
let store: Store;
let ring: KeyRing;
let directory: Directory;
let management: Management;
let server: Server;
let origin: string;

beforeAll(async () => {
  dataFolder = mkdtempSync(path.join(tmpdir(), 'xidao-admin-'));
  const log = pino({}, { write: (line: string) => void logged.push(line) });
  store = await openStore({ url: 'sqlite:./data/xidao.db', dataFolder, clock, log });
  ring = createKeyRing();
  directory = createDirectory();
  management = createManagement({ store, ring, directory, pepper: Buffer.alloc(32, 7), clock });
  management.useAdminKey('the admin key');
  const view = {
    config: () => config!,
    models: () => [{ id: 'm', model: { id: 'm', provider: 'openai', title: 'M', aliases: [], prices: [] } }],
    status: () => ({ version: '1.2.3', startedAtMs: NOW, providers: ['openai'], warnings: [], whyNotReady: undefined }),
    nowMs: () => now,
  };
  server = createServer(createAdmin({ management, view, clock, log }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  now = NOW;
});

/** Names are free again for the next test. */
afterEach(async () => {
  for (const { id, source } of management.keys.list()) if (source === 'store') await management.keys.revoke(id, author);
  ring.replace('config', []);
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await store.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at as they come.
type Told = { status: number; headers: Headers; body: any };

async function ask(method: string, place: string, body?: unknown, headers: Record<string, string> = {}): Promise<Told> {
  const response = await fetch(origin + place, {
    method,
    headers: { authorization: 'Bearer the admin key', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

test('creates a key, shows its secret once, and every field ever after', async () => {
  const made = await ask('POST', '/admin/v1/keys', {
    name: 'app',
    team: 'backend',
    models: ['gpt-5*'],
    expires_in: '30d',
  });
  expect(made.status).toBe(201);
  expect(made.headers.get('cache-control')).toBe('no-store');
  const { secret, ...key } = made.body;
  expect(secret).toMatch(/^xd-[\w-]{43}$/);
  expect(key).toEqual({
    id: expect.stringMatching(/^key_/),
    name: 'app',
    prefix: secret.slice(0, 9),
    status: 'active',
    source: 'store',
    organisation: null,
    team: 'backend',
    project: null,
    user: null,
    tier: null,
    models: ['gpt-5*'],
    limits: null,
    ips: null,
    scopes: ['data'],
    tags: {},
    importance: 'default',
    created_at: '2026-11-20T12:00:00.000Z',
    expires_at: '2026-12-20T12:00:00.000Z',
    revoked_at: null,
    replaced_by: null,
  });
  expect((await ask('GET', `/admin/v1/keys/${key.id}`)).body).toEqual(key);
  expect(logged.join('')).not.toContain(secret.slice(9));
});

test('changes, rotates and revokes', async () => {
  const { body: first } = await ask('POST', '/admin/v1/keys', { name: 'app', team: 'backend' });
  const changed = await ask('PATCH', `/admin/v1/keys/${first.id}`, { team: null, user: 'ann' });
  expect(changed.body).toMatchObject({ team: null, user: 'ann', status: 'active' });
  expect(changed.body.secret).toBeUndefined();

  const rotated = await ask('POST', `/admin/v1/keys/${first.id}/rotate`, { overlap: '1h' });
  expect(rotated).toMatchObject({ status: 201, body: { name: 'app', user: 'ann', status: 'active' } });
  const old = (await ask('GET', `/admin/v1/keys/${first.id}`)).body;
  expect(old).toMatchObject({
    status: 'replacing',
    replaced_by: rotated.body.id,
    expires_at: '2026-11-20T13:00:00.000Z',
  });

  expect((await ask('POST', `/admin/v1/keys/${rotated.body.id}/revoke`)).body).toMatchObject({ status: 'revoked' });
  expect((await ask('DELETE', `/admin/v1/keys/${first.id}`)).body).toMatchObject({ status: 'revoked' });
});

test('pages through the list without doubling or losing any', async () => {
  const before = management.keys.list().length;
  for (let count = 0; count < 5; count++) await management.keys.create({ name: `paged ${count}` }, author);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '2', ...(cursor !== undefined && { cursor }) });
    const { body } = await ask('GET', `/admin/v1/keys?${query}`);
    seen.push(...body.data.map(({ id }: { id: string }) => id));
    expect(body.has_more).toBe(body.next_cursor !== undefined);
    cursor = body.next_cursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(management.keys.list().map(({ id }) => id));
  expect(seen).toHaveLength(before + 5);
});

test.each([
  ['limit=0', 'limit'],
  ['limit=many', 'limit'],
  ['cursor=none', 'cursor'],
  ['limt=5', 'limt'],
])('refuses the query %s', async (query, param) => {
  const { status, body } = await ask('GET', `/admin/v1/keys?${query}`);
  expect(status).toBe(400);
  expect(body.error).toMatchObject({ code: 'invalid_request', param });
});

test('lets nobody in without the admin key, and says why', async () => {
  const { secret } = await management.keys.create({ name: 'app' }, author);
  const tries: [Record<string, string>, number, string][] = [
    [{ authorization: '' }, 401, 'missing_api_key'],
    [{ authorization: 'Bearer wrong' }, 401, 'invalid_api_key'],
    [{ authorization: `Bearer ${secret}` }, 403, 'not_allowed'],
    [{ authorization: '', 'x-api-key': secret }, 403, 'not_allowed'],
    [{ authorization: '', 'x-api-key': 'the admin key' }, 200, ''],
    [{ authorization: `Bearer ${management.localToken}` }, 200, ''],
  ];
  for (const [headers, status, code] of tries) {
    const told = await ask('GET', '/admin/v1/keys', undefined, headers);
    expect([told.status, told.body.error?.code ?? '']).toEqual([status, code]);
  }
  const hidden = await ask('POST', '/admin/v1/nowhere', {}, { authorization: 'Bearer wrong' });
  expect(hidden.status).toBe(401);
  expect(hidden.headers.get('www-authenticate')).toBe('Bearer');
});

test.each<[unknown, string, string | null, RegExp]>([
  [{ nme: 'app' }, 'invalid_request', 'nme', /did you mean "name"/],
  [{}, 'invalid_request', 'name', /name: missing/],
  [{ name: '' }, 'invalid_request', 'name', /not empty/],
  [{ name: 'app', models: 'gpt-5' }, 'invalid_request', 'models', /a list/],
  [{ name: 'app', expires_at: 'tomorrow' }, 'invalid_request', 'expires_at', /a time such as/],
  [{ name: 'app', expires_at: '2020-01-01T00:00:00Z' }, 'invalid_request', 'expires_at', /in the past/],
  [{ name: 'app', expires_at: '2030-01-01T00:00:00Z', expires_in: 60 }, 'invalid_request', 'expires_in', /either/],
  [{ name: 'app', expires_in: 'soon' }, 'invalid_request', 'expires_in', /a duration/],
  ['{"name": xd-secret}', 'invalid_json', null, /not valid JSON/],
  ['{"name": "app",}', 'invalid_json', null, /position 15/],
  ['[]', 'invalid_json', null, /JSON object/],
])('refuses %j and names the fault', async (sent, code, param, message) => {
  const { status, body } = await ask('POST', '/admin/v1/keys', sent);
  expect(status).toBe(400);
  expect(body.error).toMatchObject({
    code,
    param,
    type: 'invalid_request_error',
    message: expect.stringMatching(message),
  });
  expect(body.error.message).not.toContain('secret');
});

test('tells of a taken name, an unknown key and a key of the configuration', async () => {
  await management.keys.create({ name: 'app' }, author);
  expect(await ask('POST', '/admin/v1/keys', { name: 'app' })).toMatchObject({
    status: 409,
    body: { error: { code: 'conflict', param: 'name' } },
  });
  expect(await ask('GET', '/admin/v1/keys/key_9')).toMatchObject({
    status: 404,
    body: { error: { code: 'not_found' } },
  });
  ring.replace('config', [
    { id: 'key_config_a b', name: 'a b', hash: 'h', prefix: 'p', createdAtMs: 0, source: 'config' },
  ]);
  expect(await ask('DELETE', '/admin/v1/keys/key_config_a%20b')).toMatchObject({
    status: 409,
    body: { error: { message: expect.stringContaining('xidao.yaml') } },
  });
});

test('names the nearest path, and the methods of a path', async () => {
  expect((await ask('GET', '/admin/v1/kyes')).body.error).toMatchObject({
    code: 'path_not_found',
    message: expect.stringContaining('Did you mean /admin/v1/keys?'),
  });
  expect(await ask('PUT', '/admin/v1/keys')).toMatchObject({
    status: 405,
    body: { error: { message: expect.stringContaining('takes GET, POST, not PUT') } },
  });
});

test('refuses a body over 1 MB', async () => {
  const { status, body } = await ask('POST', '/admin/v1/keys', { name: 'x'.repeat(1024 * 1024) });
  expect([status, body.error.code]).toEqual([413, 'request_too_large']);
  expect(body.error.message).toContain('1 MB');
});

test('refuses a compressed body', async () => {
  const { status, body } = await ask('POST', '/admin/v1/keys', { name: 'app' }, { 'content-encoding': 'gzip' });
  expect([status, body.error.code]).toEqual([400, 'unsupported_content_encoding']);
});

test('answers a repeated creation with the same key for a day', async () => {
  const before = management.keys.list().length;
  const again = (name: string) => ask('POST', '/admin/v1/keys', { name }, { 'idempotency-key': 'one' });
  const [first, second] = await Promise.all([again('app'), again('app')]);
  expect(first.body.secret).toMatch(/^xd-/);
  expect(second.body).toEqual(first.body);
  expect(management.keys.list()).toHaveLength(before + 1);
  expect((await again('other')).body.error).toMatchObject({ code: 'conflict' });
  now += 24 * 3_600_000;
  expect((await again('other')).status).toBe(201);
});

test('tries again under an idempotency key that has failed', async () => {
  const { key } = await management.keys.create({ name: 'app' }, author);
  const again = () => ask('POST', '/admin/v1/keys', { name: 'app' }, { 'idempotency-key': 'two' });
  expect((await again()).status).toBe(409);
  await management.keys.revoke(key.id, author);
  expect((await again()).status).toBe(201);
});

test('shows configuration without its secrets, status, and models', async () => {
  const shown = await ask('GET', '/admin/v1/config');
  expect(shown.body.config.providers.openai.api_key).toBe('***');
  expect(JSON.stringify(shown.body)).not.toContain('sk-very-secret');
  expect((await ask('GET', '/admin/v1/status')).body).toEqual({
    status: 'ready',
    reason: null,
    version: '1.2.3',
    started_at: '2026-11-20T12:00:00.000Z',
    providers: ['openai'],
    warnings: [],
  });
  expect((await ask('GET', '/admin/v1/models')).body).toMatchObject({
    data: [{ id: 'm', owned_by: 'openai' }],
    has_more: false,
  });
  expect(await ask('HEAD', '/admin/v1/status')).toMatchObject({ status: 200, body: undefined });
});
