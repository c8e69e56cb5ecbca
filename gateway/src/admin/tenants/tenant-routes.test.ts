import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnAdmin, anAdmin } from '../../../test/an-admin.ts';

let admin: AnAdmin;
const ask: AnAdmin['ask'] = (...asked) => admin.ask(...asked);

beforeAll(async () => {
  admin = await anAdmin();
  await ask('POST', '/organisations', { name: 'acme' });
  await ask('POST', '/teams', { name: 'backend', organisation: 'acme', models: ['gpt-5*'] });
});

afterAll(() => admin[Symbol.asyncDispose]());

const whoIs = (secret: string, headers: Record<string, string> = {}) =>
  admin.auth.identify({ headers: { authorization: `Bearer ${secret}`, ...headers }, query: '' });

test('makes an organisation, a team, a project and a user, and shows every field of them', async () => {
  const made = await ask('POST', '/teams', {
    name: 'first',
    organisation: 'acme',
    tier: 'premium',
    limits: { rpm: 5 },
  });
  expect(made.status).toBe(201);
  expect(made.body).toEqual({
    id: expect.stringMatching(/^team_/),
    name: 'first',
    title: null,
    status: 'active',
    organisation: 'acme',
    tier: 'premium',
    models: null,
    limits: { rpm: 5 },
    created_at: '2026-11-20T12:00:00.000Z',
    archived_at: null,
  });
  expect((await ask('GET', `/teams/${made.body.id}`)).body).toEqual(made.body);
  expect((await ask('GET', '/teams/first')).body).toEqual(made.body);
  expect((await ask('POST', '/projects', { name: 'chatbot', team: 'first' })).body).toMatchObject({
    id: expect.stringMatching(/^project_/),
    team: 'first',
  });
  expect((await ask('POST', '/users', { name: 'ann', email: 'ann@example.com' })).body).toMatchObject({
    id: expect.stringMatching(/^user_/),
    email: 'ann@example.com',
    team: null,
  });
});

test('changes what is named and takes away what is null', async () => {
  await ask('POST', '/teams', { name: 'changed', organisation: 'acme', limits: { rpm: 5 }, tier: 'basic' });
  const { body } = await ask('PATCH', '/teams/changed', { limits: { tpm: 9 }, tier: null, title: 'Changed!' });
  expect(body).toMatchObject({ limits: { tpm: 9 }, tier: null, title: 'Changed!', organisation: 'acme' });
});

test.each<[string, unknown, string, RegExp]>([
  ['/teams', {}, 'name', /missing/],
  ['/teams', { name: 'x', organisation: 'acne' }, 'organisation', /no organisation "acne"/],
  ['/teams', { name: 'x', limits: { rmp: 1 } }, 'limits.rmp', /did you mean "rpm"/],
  ['/teams', { name: 'x', limits: { rpm: -1 } }, 'limits.rpm', /at least 0/],
  ['/teams', { name: 'x', email: 'a@b.de' }, 'email', /unknown key/],
  ['/projects', { name: 'x' }, 'team', /missing/],
  ['/projects', { name: 'x', team: 'nobody' }, 'team', /no team "nobody"/],
  ['/users', { name: 'x', email: 'ann' }, 'email', /e-mail/],
  ['/keys', { name: 'x', ips: ['10.0.0.0/99'] }, 'ips[0]', /a range such as/],
  ['/keys', { name: 'x', scopes: ['admin'] }, 'scopes[0]', /one of data, management, read-only/],
  ['/keys', { name: 'x', team: 'backend', models: ['claude-4', 'gpt-5'] }, 'models', /may use gpt-5\*.*lies: claude-4/],
  [
    '/keys',
    { name: 'x', team: 'backend', organisation: 'other' },
    'organisation',
    /belongs to the organisation "acme"/,
  ],
])('refuses at %s %j', async (place, wish, param, message) => {
  const { status, body } = await ask('POST', place, wish);
  expect([status, body.error.param]).toEqual([400, param]);
  expect(body.error.message).toMatch(message);
});

test('names all faults at once', async () => {
  const { body } = await ask('POST', '/users', { name: '', email: 'x', team: 7 });
  expect(body.error.message.split('\n')).toHaveLength(3);
});

test('keeps a name for good, archived or not', async () => {
  await ask('POST', '/teams', { name: 'once' });
  expect((await ask('POST', '/teams', { name: 'once' })).body.error).toMatchObject({ code: 'conflict', param: 'name' });
  await ask('DELETE', '/teams/once');
  expect((await ask('POST', '/teams', { name: 'once' })).status).toBe(409);
  expect((await ask('POST', '/users', { name: 'once' })).status).toBe(201);
});

test('says which name is the nearest to one that is not there', async () => {
  expect((await ask('GET', '/teams/bakend')).body.error).toMatchObject({
    code: 'not_found',
    message: 'There is no team "bakend". Did you mean "backend"?',
  });
  expect((await ask('GET', '/projects/backend')).status).toBe(404);
});

test('filters lists and pages through them', async () => {
  for (const name of ['p1', 'p2', 'p3']) await ask('POST', '/projects', { name, team: 'backend' });
  await ask('POST', '/projects/p2/archive');
  const names = async (query: string) =>
    (await ask('GET', `/projects?${query}`)).body.data.map(({ name }: { name: string }) => name);
  expect(await names('team=backend')).toEqual(['p1', 'p2', 'p3']);
  expect(await names('team=backend&status=active')).toEqual(['p1', 'p3']);
  expect(await names('status=archived')).toEqual(['p2']);
  const { body } = await ask('GET', '/projects?team=backend&limit=2');
  expect(body.has_more).toBe(true);
  expect(await names(`team=backend&limit=2&cursor=${body.next_cursor}`)).toEqual(['p3']);
  expect((await ask('GET', '/projects?taem=x')).body.error.message).toContain('did you mean "team"?');
});

describe('keys', () => {
  test('carry all that was asked for, and are found by it', async () => {
    const wish = {
      name: 'full',
      team: 'backend',
      models: ['gpt-5-nano'],
      limits: { rpm: 3, per_model: { 'gpt-5-nano': { rpm: 1 } } },
      ips: ['10.0.0.0/8', '::1'],
      scopes: ['data', 'read-only'],
      tags: { env: 'test' },
      importance: 'batch',
    };
    const made = await ask('POST', '/keys', wish);
    expect(made.body).toMatchObject({ ...wish, organisation: null });
    const { id, secret } = made.body;
    expect(
      admin.auth.identify({ headers: { 'x-api-key': secret }, query: '', remoteAddress: '10.0.0.5' }),
    ).toMatchObject({
      team: 'backend',
      organisation: 'acme',
      importance: 'batch',
      tags: { env: 'test' },
    });
    expect(
      (await ask('GET', '/keys?team=backend&status=active')).body.data.map((key: { id: string }) => key.id),
    ).toEqual([id]);
    const rotated = await ask('POST', `/keys/${id}/rotate`, {});
    expect(rotated.body).toMatchObject(wish);
    const bare = await ask('PATCH', `/keys/${rotated.body.id}`, {
      limits: null,
      ips: null,
      scopes: null,
      tags: null,
      importance: null,
    });
    expect(bare.body).toMatchObject({ limits: null, ips: null, scopes: ['data'], tags: {}, importance: 'default' });
  });

  test('stop at once when their team is archived, and work again when it is restored', async () => {
    await ask('POST', '/teams', { name: 'short' });
    const { secret } = (await ask('POST', '/keys', { name: 'of short', team: 'short' })).body;
    expect(whoIs(secret).team).toBe('short');
    await ask('POST', '/teams/short/archive');
    expect(() => whoIs(secret)).toThrow(/the team "short", which was archived/);
    expect((await ask('POST', '/keys', { name: 'late', team: 'short' })).body.error.param).toBe('team');
    await ask('POST', '/teams/short/restore');
    expect(whoIs(secret).team).toBe('short');
  });

  test('feel a change of their team with the next call', async () => {
    await ask('POST', '/teams', { name: 'felt' });
    const { secret } = (await ask('POST', '/keys', { name: 'feeling', team: 'felt' })).body;
    expect(whoIs(secret).limits).toBeUndefined();
    await ask('PATCH', '/teams/felt', { limits: { rpm: 1 } });
    expect(whoIs(secret).limits).toEqual([{ scope: 'team', id: 'felt', limits: { rpm: 1 } }]);
  });
});

describe('management keys', () => {
  const keyOf = async (scopes: string[], more: object = {}) =>
    (await ask('POST', '/keys', { name: `of ${scopes} ${JSON.stringify(more)}`, scopes, ...more })).body
      .secret as string;

  test('may do everything with the scope management', async () => {
    const secret = await keyOf(['management']);
    expect((await ask('GET', '/teams', undefined, secret)).status).toBe(200);
    expect((await ask('POST', '/teams', { name: 'by a key' }, secret)).status).toBe(201);
    expect(() => whoIs(secret)).toThrow(/for management alone/);
  });

  test('may only look with the scope read-only', async () => {
    const secret = await keyOf(['read-only']);
    expect((await ask('GET', '/keys', undefined, secret)).status).toBe(200);
    for (const [method, place] of [
      ['POST', '/teams'],
      ['PATCH', '/teams/backend'],
      ['DELETE', '/teams/backend'],
    ] as const) {
      const { status, body } = await ask(method, place, {}, secret);
      expect([status, body.error.code]).toEqual([403, 'not_allowed']);
      expect(body.error.message).toContain('may read in the management API and change nothing');
    }
  });

  test('end as other keys do, and are bound to addresses as they are', async () => {
    const secret = await keyOf(['management'], { expires_in: 60 });
    expect((await ask('GET', '/keys', undefined, secret)).status).toBe(200);
    admin.clock.nowMs += 60_000;
    expect((await ask('GET', '/keys', undefined, secret)).body.error.code).toBe('expired_api_key');
    admin.clock.nowMs -= 60_000;
    const elsewhere = await keyOf(['management'], { ips: ['192.0.2.0/24'] });
    expect((await ask('GET', '/keys', undefined, elsewhere)).body.error.message).toContain(
      'may not be used from 127.0.0.1',
    );
  });

  test('do not get the answers to the idempotency keys of others', async () => {
    const secrets = [await keyOf(['management'], { user: 'a' }), await keyOf(['management'], { user: 'b' })];
    const make = async (secret: string) => {
      const response = await fetch(`${admin.url}/admin/v1/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'idempotency-key': 'shared' },
        body: JSON.stringify({ name: 'idempotent' }),
      });
      return response.status;
    };
    expect([await make(secrets[0]!), await make(secrets[1]!)]).toEqual([201, 409]);
  });
});

describe('several nodes', () => {
  test('a revocation holds on another node as soon as that one catches up', async () => {
    let announced = 0;
    const other = await admin.anotherNode(() => announced++);
    const { key, secret } = await other.management.keys.create({ name: 'shared' }, { actor: 'a test' });
    expect(announced).toBe(1);
    expect(() => whoIs(secret)).toThrow();
    expect(await admin.management.catchUp()).toBe(true);
    expect(whoIs(secret).keyName).toBe('shared');
    expect(await admin.management.catchUp()).toBe(false);

    expect((await ask('DELETE', `/keys/${key.id}`)).status).toBe(200);
    expect(other.auth.identify({ headers: { 'x-api-key': secret }, query: '' }).keyName).toBe('shared');
    expect(await other.management.catchUp()).toBe(true);
    expect(() => other.auth.identify({ headers: { 'x-api-key': secret }, query: '' })).toThrow(/revoked/);
  });

  test('what another node has made can be asked for at once', async () => {
    const other = await admin.anotherNode();
    await other.management.tenants.create('team', { name: 'made elsewhere' }, { actor: 'a test' });
    expect((await ask('GET', '/teams/made%20elsewhere')).status).toBe(200);
  });

  test('two nodes that change the same key at once do it one after the other', async () => {
    const other = await admin.anotherNode();
    const { body } = await ask('POST', '/keys', { name: 'contested' });
    await other.management.catchUp();
    const outcomes = await Promise.allSettled([
      admin.management.keys.rotate(body.id, {}, { actor: 'one' }),
      other.management.keys.rotate(body.id, {}, { actor: 'two' }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('a node that follows takes in changes by itself, and goes on after a failure', async () => {
    const timers: (() => void)[] = [];
    const { setTimeout: before } = admin.clock;
    admin.clock.setTimeout = (run, milliseconds) => {
      expect(milliseconds).toBe(2_000);
      timers.push(run);
      return { cancel: () => void timers.splice(timers.indexOf(run), 1) };
    };
    const tick = async () => {
      timers.shift()!();
      while (timers.length === 0) await new Promise((resolve) => setImmediate(resolve));
    };
    const other = await admin.anotherNode();
    const failures: unknown[] = [];
    const following = other.management.follow({ everyMs: 2_000, onFailure: (error) => failures.push(error) });
    const { secret } = (await ask('POST', '/keys', { name: 'followed' })).body;
    await tick();
    expect(other.auth.identify({ headers: { 'x-api-key': secret }, query: '' }).keyName).toBe('followed');

    const { head } = admin.store.audit;
    admin.store.audit.head = () => Promise.reject(new Error('away'));
    await tick();
    admin.store.audit.head = head;
    expect(failures).toMatchObject([{ message: 'away' }]);
    following.close();
    expect(timers).toEqual([]);
    admin.clock.setTimeout = before;
  });
});
