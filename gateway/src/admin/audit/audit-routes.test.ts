import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnAdmin, anAdmin } from '../../../test/an-admin.ts';

let admin: AnAdmin;
const ask: AnAdmin['ask'] = (...asked) => admin.ask(...asked);
const audited = async (query: string) => (await ask('GET', `/audit?${query}`)).body.data;

beforeAll(async () => {
  admin = await anAdmin();
});

afterAll(() => admin[Symbol.asyncDispose]());

test('tells who did what, from what to what, without any secret', async () => {
  const made = await ask('POST', '/keys', { name: 'app', team: 'backend' });
  const { id, secret } = made.body;
  const changed = await ask('PATCH', `/keys/${id}`, { team: null, limits: { rpm: 5 } });
  const rotated = await ask('POST', `/keys/${id}/rotate`, {});
  await ask('DELETE', `/keys/${rotated.body.id}`);

  const entries = await audited('noun_name=app');
  expect(entries.map(({ action, noun_id }: Record<string, string>) => [action, noun_id])).toEqual([
    ['revoke', rotated.body.id],
    ['create', rotated.body.id],
    ['rotate', id],
    ['update', id],
    ['create', id],
  ]);
  expect(entries[4]).toMatchObject({
    actor: 'admin key',
    actor_id: null,
    noun: 'key',
    before: null,
    after: { name: 'app', team: 'backend', limits: null },
    at: '2026-11-20T12:00:00.000Z',
    request_id: made.headers.get('x-request-id'),
    remote_address: '127.0.0.1',
  });
  expect(entries[3]).toMatchObject({
    before: { team: 'backend', limits: null },
    after: { team: null, limits: { rpm: 5 } },
    request_id: changed.headers.get('x-request-id'),
  });
  expect(entries[2]).toMatchObject({ before: { replaced_by: null }, after: { replaced_by: rotated.body.id } });
  const written = JSON.stringify(entries);
  for (const hidden of [secret, rotated.body.secret, admin.ring.byId(id)!.hash]) {
    expect(written).not.toContain(hidden);
  }
  expect(written).not.toMatch(/"(secret|hash)":"(?![\da-f]{64}")/);
});

test('names the management key that did it, and the command on this machine', async () => {
  const { body: key } = await ask('POST', '/keys', { name: 'robot', scopes: ['management'] });
  await ask('POST', '/teams', { name: 'by robot' }, key.secret);
  expect(await audited('noun_name=by%20robot')).toMatchObject([{ actor: 'robot', actor_id: key.id }]);
  await ask('POST', '/teams', { name: 'by hand' }, admin.management.localToken);
  expect(await audited('actor=local%20command')).toMatchObject([{ noun_name: 'by hand' }]);
});

test('has no entry of what was refused or changed nothing', async () => {
  const { entries: before } = (await ask('GET', '/audit/verify')).body;
  await ask('POST', '/teams', { name: 'by robot' });
  await ask('POST', '/teams', {});
  await ask('GET', '/teams');
  const { body: key } = await ask('POST', '/keys', { name: 'twice' });
  await ask('DELETE', `/keys/${key.id}`);
  await ask('DELETE', `/keys/${key.id}`);
  expect((await ask('GET', '/audit/verify')).body.entries).toBe(before + 2);
});

test('is paged, the newest first', async () => {
  const all = await audited('limit=1000');
  const paged: unknown[] = [];
  let cursor = '';
  do {
    const { body } = await ask('GET', `/audit?limit=3${cursor}`);
    paged.push(...body.data);
    cursor = body.next_cursor === undefined ? '' : `&cursor=${body.next_cursor}`;
  } while (cursor !== '');
  expect(paged).toEqual(all);
  expect(all.map(({ sequence }: { sequence: number }) => sequence)).toEqual(
    Array.from({ length: all.length }, (_, index) => all.length - index),
  );
});

test('tells of a chain that is whole', async () => {
  const [newest] = await audited('limit=1');
  expect((await ask('GET', '/audit/verify')).body).toEqual({
    intact: true,
    entries: newest.sequence,
    hash: newest.hash,
    broken_at: null,
    reason: null,
  });
});
