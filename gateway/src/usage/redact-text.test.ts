import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactText } from './redact-text.ts';

test.each([
  ['write to ann.o+x@mail.example.co.uk, please', 'write to [e-mail], please'],
  ['{"content":"Hi\\nann@example.com\\n"}', '{"content":"Hi\\n[e-mail]\\n"}'],
  ['card 4111 1111 1111 1111.', 'card [card].'],
  ['card 5500-0000-0000-0004', 'card [card]'],
  ['378282246310005', '[card]'],
  ['call +44 20 7946 0958 or (555) 123-4567', 'call [phone] or [phone]'],
  ['电话 13812345678。', '电话 [phone]。'],
  ['key sk-ant-api03-aaaaaaaaaaaaaaaaaaaa!', 'key [key]!'],
  ['\\nxd-0123456789abcdefABCDEF', '\\n[key]'],
  ['ghp_0123456789abcdefghijABCDEFGHIJ012345', '[key]'],
  ['AKIAIOSFODNN7EXAMPLE', '[key]'],
  ['Authorization: Bearer abcdefghijklmnop', 'Authorization: Bearer [secret]'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.abcdefghij', '[key]'],
  ['postgres://app:hunter2@db/x', 'postgres://app:[secret]@db/x'],
  ['{"password": "hunter2", "user": "ann"}', '{"password": "[secret]", "user": "ann"}'],
  ['{"content":"{\\"api_key\\":\\"abc def\\"}"}', '{"content":"{\\"api_key\\":\\"[secret]\\"}"}'],
  ['{"password":"a\\"b\\\\","x":1}', '{"password":"[secret]","x":1}'],
  ['API_KEY=abcd1234 npm start', 'API_KEY=[secret] npm start'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- end', '[private key] end'],
])('%j is kept as %j', (text, kept) => {
  expect(redactText(text)).toBe(kept);
});

test.each([
  '{"created":1763658000,"at":1763658000123,"temperature":0.7}',
  '2026-11-20T08:30:00Z and 2026-11-20 08:30:00',
  '550e8400-e29b-41d4-a716-446655440000',
  '{"max_tokens": 4096, "password_hint": null, "secret": ""}',
  'order 4111111111111112 of 192.168.100.200',
  'risk-assessment-framework-for-everybody',
  'pages 123-456 and 10,000,000',
  '3.13812345678 and 1e13812345678',
])('%j is kept as it is', (text) => {
  expect(redactText(text)).toBe(text);
});

test('no address is left whole, wherever it stands in a JSON body', () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
  fc.assert(
    fc.property(fc.string(), word, word, fc.string(), (before, name, host, after) => {
      const address = `${name}@${host}.example.com`;
      const body = JSON.stringify({ messages: [{ role: 'user', content: `${before} ${address}\n${after}` }] });
      expect(redactText(body)).not.toContain(address);
    }),
    { seed: 8, numRuns: 300 },
  );
});

test('a long body without anything to be found takes no time', () => {
  const image = Buffer.alloc(190_000, 'XiDao+/9').toString('base64');
  const startedAt = process.cpuUsage().user;
  expect(redactText(`{"data":"${image}"}`)).toContain(image.slice(0, 100));
  redactText('a.b-'.repeat(60_000));
  redactText('12 '.repeat(80_000));
  redactText('"'.repeat(200_000));
  redactText('\\'.repeat(200_000));
  expect((process.cpuUsage().user - startedAt) / 1_000).toBeLessThan(1_500);
});
