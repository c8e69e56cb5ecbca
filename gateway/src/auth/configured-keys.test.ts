import { expect, test } from 'vitest';
import { checkConfig, formatProblems } from '../config/load.ts';
import { hashSecret } from './api-key.ts';
import { configuredKeys } from './configured-keys.ts';

const pepper = Buffer.alloc(32, 7);
const read = (...keys: object[]) => checkConfig({ keys }, {});

test('keys of the configuration carry the same rights as stored ones', () => {
  const rights = {
    ...{ organisation: 'acme', team: 'backend', project: 'chatbot', user: 'ann', tier: 'premium' },
    models: ['gpt-5*'],
    limits: { rpm: 5, per_model: { 'gpt-5': { rpm: 1 } } },
    ips: ['10.0.0.0/8', '::1'],
    scopes: ['data' as const, 'read-only' as const],
    tags: { env: 'test', version: '2' },
    importance: 'batch' as const,
  };
  const written = { name: 'app', key: 'xd-secret-of-app', expires_at: '2027-01-31T00:00:00Z', metadata: { of: 'ann' } };
  const { config } = read({ ...written, ...rights, tags: { env: 'test', version: 2 } });
  expect(configuredKeys(config!.keys, pepper)).toEqual([
    {
      id: 'key_config_app',
      name: 'app',
      hash: hashSecret('xd-secret-of-app', pepper),
      prefix: 'xd-secret',
      ...rights,
      createdAtMs: 0,
      expiresAtMs: Date.parse('2027-01-31T00:00:00Z'),
      source: 'config',
    },
  ]);
});

test('a key of which little is written may call every model, and has its tier from its team', () => {
  const [key] = configuredKeys(read({ name: 'app', key: 'xd-a' }).config!.keys, pepper);
  expect(key).toMatchObject({ models: ['*'], scopes: ['data'] });
  for (const field of ['tier', 'team', 'limits', 'ips', 'tags', 'importance', 'expiresAtMs'])
    expect(key).not.toHaveProperty(field);
});

test.each([
  [{ ips: ['10.0.0.0/99'] }, /keys\[0\]\.ips\[0\]: expected an address or a range/],
  [{ ips: [] }, /keys\[0\]\.ips: expected at least 1/],
  [{ scopes: ['mangement'] }, /did you mean "management"/],
  [{ limits: { rmp: 5 } }, /keys\[0\]\.limits\.rmp: unknown key; did you mean "rpm"/],
  [{ importance: 'urgent' }, /one of interactive, default, batch/],
])('refuses %j and says why', (wrong, words) => {
  expect(formatProblems(read({ name: 'app', key: 'xd-a', ...wrong }).problems)).toMatch(words);
});
