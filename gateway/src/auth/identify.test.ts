import { beforeEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../core/clock.ts';
import { type ApiKey, hashSecret } from './api-key.ts';
import { createDirectory, type Directory } from './directory.ts';
import { type Auth, createAuth } from './identify.ts';
import { createKeyRing, type KeyRing } from './key-ring.ts';
import type { Tenant } from './tenant.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
let now = NOW;
const clock: Clock = { ...systemClock, wallMs: () => now };
const pepper = Buffer.alloc(32, 7);

let ring: KeyRing;
let directory: Directory;
let auth: Auth;

beforeEach(() => {
  now = NOW;
  ring = createKeyRing();
  directory = createDirectory();
  auth = createAuth({ ring, directory, pepper, clock });
});

function aKey(fields: Partial<ApiKey> = {}): void {
  ring.put({
    id: 'key_1',
    name: 'app',
    hash: hashSecret('xd-secret', pepper),
    prefix: 'xd-secret',
    createdAtMs: NOW,
    source: 'store',
    ...fields,
  });
}

function aTenant(kind: Tenant['kind'], name: string, fields: Partial<Tenant> = {}): void {
  directory.put({ kind, id: `${kind}_${name}`, name, createdAtMs: NOW, ...fields });
}

const identify = (headers: Record<string, string> = {}, remoteAddress?: string) =>
  auth.identify({
    headers: { authorization: 'Bearer xd-secret', ...headers },
    query: '',
    ...(remoteAddress !== undefined && { remoteAddress }),
  });

function refusal(headers: Record<string, string> = {}, remoteAddress?: string) {
  try {
    identify(headers, remoteAddress);
    return undefined;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
}

test('answers a call that says nothing of itself with the very same caller each time', () => {
  aKey({ team: 'backend', limits: { rpm: 5 } });
  const first = identify();
  expect(identify({ 'user-agent': 'x' })).toBe(first);
  aTenant('team', 'frontend');
  expect(identify()).not.toBe(first);
});

describe('what belongs to whom', () => {
  test('a name that nobody has is a label', () => {
    aKey({ team: 'backend', project: 'chatbot', user: 'ann' });
    expect(identify()).toEqual({ keyId: 'key_1', keyName: 'app', team: 'backend', project: 'chatbot', user: 'ann' });
  });

  test('a project brings its team, and a team its organisation, tier and models', () => {
    aTenant('organisation', 'acme');
    aTenant('team', 'backend', { organisation: 'acme', tier: 'premium', models: ['gpt-5*'] });
    aTenant('project', 'chatbot', { team: 'backend' });
    aKey({ project: 'chatbot' });
    expect(identify()).toMatchObject({
      organisation: 'acme',
      team: 'backend',
      project: 'chatbot',
      tier: 'premium',
      models: ['gpt-5*'],
    });
  });

  test('a user brings the team, unless the key has one', () => {
    aTenant('user', 'ann', { team: 'frontend' });
    aKey({ user: 'ann' });
    expect(identify().team).toBe('frontend');
    aKey({ user: 'ann', team: 'backend' });
    expect(identify().team).toBe('backend');
  });

  test('a key keeps its own tier, and never gets models that its team has not', () => {
    aTenant('team', 'backend', { tier: 'premium', models: ['gpt-5*'] });
    aKey({ team: 'backend', tier: 'basic', models: ['gpt-5-nano', 'claude-4'] });
    expect(identify()).toMatchObject({ tier: 'basic', models: ['gpt-5-nano'] });
  });

  test('limits are gathered from the inside out, by name', () => {
    aTenant('organisation', 'acme', { limits: { rpd: 4 } });
    aTenant('team', 'backend', { organisation: 'acme', limits: { rpm: 3 } });
    aTenant('project', 'chatbot', { team: 'backend' });
    aTenant('user', 'ann', { limits: { concurrency: 2 } });
    aKey({ project: 'chatbot', user: 'ann', limits: { tpm: 1 } });
    expect(identify().limits).toEqual([
      { scope: 'key', id: 'app', limits: { tpm: 1 } },
      { scope: 'user', id: 'ann', limits: { concurrency: 2 } },
      { scope: 'team', id: 'backend', limits: { rpm: 3 } },
      { scope: 'organisation', id: 'acme', limits: { rpd: 4 } },
    ]);
  });

  test.each(['organisation', 'team', 'project', 'user'] as const)('a key does not outlive its %s', (kind) => {
    aTenant('organisation', 'acme');
    aTenant('team', 'backend', { organisation: 'acme' });
    aTenant('project', 'chatbot', { team: 'backend' });
    aTenant('user', 'ann', { team: 'backend' });
    aKey({ project: 'chatbot', user: 'ann' });
    expect(refusal()).toBeUndefined();
    const { name } = directory.all(kind)[0]!;
    directory.put({ ...directory.find(kind, name)!, archivedAtMs: NOW });
    expect(refusal()).toEqual({
      code: 'revoked_api_key',
      message: `The API key "app" belongs to the ${kind} "${name}", which was archived.`,
    });
  });
});

describe('what a call claims', () => {
  test('is taken where the key is silent', () => {
    aTenant('team', 'backend', { organisation: 'acme', limits: { rpm: 1 } });
    aKey();
    const headers = { 'x-team': 'backend', 'x-project': 'chatbot', 'x-user': 'ann' };
    const caller = identify(headers);
    expect(caller).toMatchObject({ organisation: 'acme', team: 'backend', project: 'chatbot', user: 'ann' });
    expect(caller.limits).toEqual([{ scope: 'team', id: 'backend', limits: { rpm: 1 } }]);
    expect(identify(headers)).toBe(caller);
    expect(identify()).toEqual({ keyId: 'key_1', keyName: 'app' });
  });

  test.each([
    ['team', 'x-team'],
    ['project', 'x-project'],
    ['user', 'x-user'],
  ] as const)('cannot be another %s than that of the key', (kind, header) => {
    aKey({ [kind]: 'mine' });
    expect(refusal({ [header]: 'mine' })).toBeUndefined();
    expect(refusal({ [header]: 'other' })).toEqual({
      code: 'not_allowed',
      message: expect.stringMatching(new RegExp(`the ${kind} "mine" and cannot call for the ${kind} "other"`)),
    });
  });

  test('cannot be another team than that of the project of the key, nor a project of another team', () => {
    aTenant('project', 'chatbot', { team: 'backend' });
    aTenant('project', 'shop', { team: 'frontend' });
    aKey({ project: 'chatbot' });
    expect(refusal({ 'x-team': 'frontend' })?.message).toMatch(/"backend" and cannot call for the team "frontend"/);
    aKey({ team: 'backend' });
    expect(refusal({ 'x-project': 'shop' })).toEqual({
      code: 'not_allowed',
      message: 'The project "shop" belongs to the team "frontend", not to "backend".',
    });
    expect(refusal({ 'x-project': 'chatbot' })).toBeUndefined();
  });

  test('counts for whom it names without moving the call to another team', () => {
    aTenant('user', 'ann', { team: 'frontend', limits: { rpm: 1 } });
    aKey({ team: 'backend' });
    expect(identify({ 'x-user': 'ann' })).toMatchObject({
      team: 'backend',
      user: 'ann',
      limits: [{ scope: 'user', id: 'ann' }],
    });
  });

  test('cannot be somebody who was archived', () => {
    aTenant('team', 'old', { archivedAtMs: NOW });
    aKey();
    expect(refusal({ 'x-team': 'old' })).toEqual({ code: 'not_allowed', message: 'The team "old" was archived.' });
  });

  test('may be percent-encoded, or plain UTF-8 as Node hands it over', () => {
    aKey();
    expect(identify({ 'x-team': '%E5%BE%8C%E7%AB%AF' }).team).toBe('後端');
    expect(identify({ 'x-team': Buffer.from('後端').toString('latin1') }).team).toBe('後端');
    expect(identify({ 'x-team': '100%' }).team).toBe('100%');
  });

  test('is nothing where it is empty, and has an end', () => {
    aKey({ team: 'backend' });
    expect(identify({ 'x-team': '  ' }).team).toBe('backend');
    expect(refusal({ 'x-user': 'x'.repeat(101) })?.code).toBe('invalid_request');
  });
});

describe('tags and sessions', () => {
  test('those of the call stand over those of the key', () => {
    aKey({ tags: { env: 'test', app: 'shop' } });
    expect(identify().tags).toEqual({ env: 'test', app: 'shop' });
    const caller = identify({ 'x-xidao-tags': 'env=live, feature = a%2Cb ,', 'x-session-id': 's1' });
    expect(caller).toMatchObject({ session: 's1', tags: { env: 'live', app: 'shop', feature: 'a,b' } });
    expect(identify().tags).toEqual({ env: 'test', app: 'shop' });
  });

  test.each([
    'novalue',
    '=x',
    'a b=c',
    '__proto__=x',
    `k=${'v'.repeat(257)}`,
    Array.from({ length: 21 }, (_, i) => `t${i}=1`).join(),
  ])('refuses %j', (written) => {
    aKey();
    expect(refusal({ 'x-xidao-tags': written })).toMatchObject({ code: 'invalid_request' });
  });
});

describe('addresses', () => {
  test('a key that is bound to some works from no other, remembered or not', () => {
    aKey({ ips: ['10.0.0.0/8', '2001:db8::/32'] });
    for (const _ of [1, 2]) {
      expect(refusal({}, '10.1.2.3')).toBeUndefined();
      expect(refusal({}, '::ffff:10.1.2.3')).toBeUndefined();
      expect(refusal({}, '11.1.2.3')).toEqual({
        code: 'not_allowed',
        message: 'The API key "app" may not be used from 11.1.2.3.',
      });
    }
  });

  test('an address that is not known is a wrong one', () => {
    aKey({ ips: ['10.0.0.0/8'] });
    expect(refusal()?.code).toBe('not_allowed');
  });
});

describe('scopes', () => {
  test.each([
    [undefined, undefined],
    [['data'] as const, undefined],
    [['management', 'data'] as const, undefined],
    [['management'] as const, 'not_allowed'],
    [['read-only'] as const, 'not_allowed'],
  ])('a key of %j calling a model is refused with %s', (scopes, code) => {
    aKey(scopes === undefined ? {} : { scopes: [...scopes] });
    expect(refusal()?.code).toBe(code);
  });
});

test('of two keys takes the one that works here', () => {
  aKey({ scopes: ['management'] });
  ring.put({
    id: 'key_2',
    name: 'two',
    hash: hashSecret('xd-two', pepper),
    prefix: '',
    createdAtMs: NOW,
    source: 'store',
  });
  expect(identify({ 'x-api-key': 'xd-two' }).keyName).toBe('two');
});

test('a key ends at its expiry, also where it is remembered', () => {
  aKey({ expiresAtMs: NOW + 1_000 });
  expect(refusal()).toBeUndefined();
  now += 1_000;
  expect(refusal()?.code).toBe('expired_api_key');
});
