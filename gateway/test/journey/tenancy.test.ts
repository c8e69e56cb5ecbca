import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { aGateway, KEY, type RunningGateway } from '../a-gateway.ts';
import { DIALECT_CALLS } from './dialect-calls.ts';

const LOCAL = { ips: ['127.0.0.1', '::1'] };
const ELSEWHERE = 'xd-elsewhere-key-0000000000000000000000000000000000';
const TEAM = 'xd-team-key-000000000000000000000000000000000000000';
const KEYS = [
  { name: 'app', key: KEY },
  { name: 'team', key: TEAM, team: 'backend', project: 'chatbot', tags: { env: 'test' }, ...LOCAL },
  { name: 'elsewhere', key: ELSEWHERE, ips: ['192.0.2.0/24'] },
];

async function say(gateway: RunningGateway, key: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'mock/echo', messages: [{ role: 'user', content: 'Hi' }] }),
  });
}

const recordOf = (gateway: RunningGateway, response: Response) => gateway.record(response.headers.get('x-request-id')!);

async function manager(gateway: RunningGateway) {
  const token = (await readFile(`${gateway.dataFolder}/cli.token`, 'utf8')).trim();
  return async (method: string, place: string, body: object = {}) => {
    const response = await fetch(`${gateway.url}/admin/v1${place}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(method !== 'GET' && { body: JSON.stringify(body) }),
    });
    const document = (await response.json()) as Record<string, string>;
    expect(response.ok, JSON.stringify(document)).toBe(true);
    return document;
  };
}

test('what a call says of itself is on its record, under what its key says', async () => {
  await using gateway = await aGateway({ keys: KEYS });
  const tagged = await say(gateway, KEY, {
    'X-Team': 'backend',
    'X-Project': 'shop',
    'X-User': 'ann',
    'X-Session-Id': 'session 1',
    'x-xidao-tags': 'feature=search,tenant=a%2Cb',
  });
  expect(tagged.status).toBe(200);
  expect(await recordOf(gateway, tagged)).toMatchObject({
    ...{ key: 'app', team: 'backend', project: 'shop', user: 'ann', session: 'session 1' },
    tags: { feature: 'search', tenant: 'a,b' },
  });
  expect(await recordOf(gateway, await say(gateway, TEAM, { 'X-Team': 'backend' }))).toMatchObject({
    ...{ key: 'team', team: 'backend', project: 'chatbot' },
    tags: { env: 'test' },
  });
  const plain = await recordOf(gateway, await say(gateway, KEY));
  for (const field of ['team', 'project', 'user', 'session', 'tags']) expect(plain).not.toHaveProperty(field);
});

test.each(DIALECT_CALLS)('a key of a team cannot claim another, in $dialect', async (call) => {
  await using gateway = await aGateway({ keys: KEYS });
  const response = await fetch(gateway.url + call.path('mock/echo', false), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TEAM}`, 'X-Team': 'frontend' },
    body: JSON.stringify(call.body('mock/echo', 'Hi', false)),
  });
  expect(response.status).toBe(403);
  const { error } = (await response.json()) as { error: { message: string } };
  expect(error.message).toContain('"backend"');
  expect(error.message).toContain('"frontend"');
  expect(await recordOf(gateway, response)).toMatchObject({ status: 403, outcome: 'refused', error: 'not_allowed' });
});

test('a key that is bound to addresses works from those alone', async () => {
  await using gateway = await aGateway({ keys: KEYS });
  expect((await say(gateway, TEAM)).status).toBe(200);
  for (const _ of [1, 2]) {
    const refused = await say(gateway, ELSEWHERE, { 'X-Forwarded-For': '192.0.2.1' });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'not_allowed' } });
  }
});

test('a team, its limits, its archive and its keys hold from the next call on', async () => {
  await using gateway = await aGateway();
  const manage = await manager(gateway);
  await manage('POST', '/teams', { name: 'backend', models: ['mock/lorem'] });
  const { id, secret } = await manage('POST', '/keys', { name: 'of backend', team: 'backend' });
  expect(await (await say(gateway, secret!)).json()).toMatchObject({ error: { code: 'model_not_allowed' } });
  await manage('PATCH', '/teams/backend', { models: null });
  expect((await say(gateway, secret!)).status).toBe(200);
  await manage('POST', '/teams/backend/archive');
  const refused = await say(gateway, secret!);
  expect([refused.status, ((await refused.json()) as { error: object }).error]).toMatchObject([
    401,
    { code: 'revoked_api_key', message: expect.stringContaining('the team "backend", which was archived') },
  ]);
  await manage('POST', '/teams/backend/restore');
  expect((await say(gateway, secret!)).status).toBe(200);
  await manage('PATCH', `/keys/${id}`, { scopes: ['read-only'] });
  expect((await say(gateway, secret!)).status).toBe(403);
  expect((await fetch(`${gateway.url}/admin/v1/teams`, { headers: { 'x-api-key': secret! } })).status).toBe(200);
  expect(await manage('GET', '/audit/verify')).toMatchObject({ intact: true, entries: 6 });
});
