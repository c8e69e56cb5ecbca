// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of configuration look like this.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatProblems, parseConfig } from './load.ts';

// Ways in which a configuration can be wrong right beside a secret; SECRET stands for it.
const wrong = [
  'providers: { openai: { api_kye: SECRET } }',
  'providers: { openai: { api_key: SECRET, api_keys: [{ key: SECRET }] } }',
  'providers: { openai: SECRET }',
  'providers: SECRET',
  'providers: { openai: { api_key: { value: SECRET } } }',
  'providers: { openai: { api_key: [SECRET] } }',
  'providers: { openai: { api_key:SECRET } }',
  'providers: { openai: { SECRET } }',
  'providers:\n  openai:\n    api_key:SECRET',
  'providers:\n  openai:\n    api_key: "SECRET\n',
  'providers:\n  openai:\n    api_key: SECRET: x\n',
  'providers:\n  openai:\n    api_key: SECRET\n   weight: 1\n',
  'providers:\n\topenai: SECRET\n',
  'providers: { openai: { api_key: SECRET',
  'providers: { opnai: { api_key: SECRET } }',
  'providers: { openai: { priority: SECRET, enabled: SECRET, timeout: { total: SECRET }, base_url: SECRET, dialect: SECRET, preset: SECRET } }',
  'providers: { openai: { headers: { authorization: "SECRET\\n" } } }',
  'models: { a: { provider: SECRET, model: x, fallback: [SECRET], strategy: SECRET } }',
  'keys: [{ name: a, key: SECRET }, { name: b, key: SECRET }]',
  'keys: [{ name: a, kye: SECRET, expires_at: SECRET }]',
  'keys: { a: SECRET }',
  'keys: [SECRET]',
  'admin: { key: SECRET, key: SECRET }',
  'storage: { url: "mysql://u:SECRET@h" }',
  'redis: { url: SECRET }',
  'observability: { logging: SECRET, metrics: SECRET, tracing: { endpoint: SECRET } }',
  'mcp_servers: [{ name: a, transport: SECRET, auth: { tokn: SECRET } }]',
  'admin: { key: !SECRET x }',
  'admin: &SECRET x\nserver: *SECRETx',
  'SECRET',
  '- SECRET',
];

test.each(wrong)('no problem of %j shows the secret', (text) => {
  const secrets = fc
    .stringMatching(/^[A-Za-z][A-Za-z0-9]{7}(-[A-Za-z0-9]{8}){0,3}$/)
    .filter((secret) => !/default|provider/i.test(secret));
  fc.assert(
    fc.property(secrets, fc.constantFrom('plain', 'variable'), (secret, how) => {
      const written = text.replaceAll('SECRET', how === 'plain' ? secret : '${S}');
      const { problems } = parseConfig({ text: written, env: { S: secret }, knownProviders: ['openai'] });
      expect(problems.length).toBeGreaterThan(0);
      const told = JSON.stringify(problems) + formatProblems(problems, 'xidao.yaml');
      expect(told).not.toContain(secret);
      expect(told).not.toContain(secret.split('-')[0]);
    }),
    { seed: 7, numRuns: 20 },
  );
});
