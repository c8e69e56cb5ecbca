import { createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { raw, startUpstream, status, type Upstream } from '@xidao/testkit';
import { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { createAccessTokens } from './access-tokens.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const START_MS = Date.UTC(2026, 0, 1);

let endpoint: Upstream;
let agent: Agent;
let folder: string;
let nowMs: number;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'xidao-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  endpoint = await startUpstream();
  agent = new Agent();
  nowMs = START_MS;
});
afterEach(async () => {
  await agent.destroy();
  await endpoint.close();
});

const grants = (token: string, seconds = 3600) =>
  raw({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ access_token: token, expires_in: seconds, token_type: 'Bearer' }),
  });

function account(more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    type: 'service_account',
    client_email: 'robot@project.iam.example.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    private_key_id: 'key-1',
    token_uri: `${endpoint.url}/token`,
    ...more,
  });
}

function tokens(credentials = account()): () => Promise<string> {
  const clock = { ...systemClock, wallMs: () => nowMs };
  return createAccessTokens({ name: 'vertex', credentials, scope: 'https://scope.test/all', agent, clock });
}

async function failure(token: () => Promise<string>): Promise<GatewayError> {
  const error = await token().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(GatewayError);
  expect(error).toMatchObject({ code: 'upstream_sign_in_failed', status: 502 });
  return error as GatewayError;
}

test('exchanges an assertion that is signed with the key of the account', async () => {
  endpoint.answer(grants('ya29.one'));
  expect(await tokens()()).toBe('ya29.one');
  const call = endpoint.calls[0]!;
  expect(call.path).toBe('/token');
  const form = new URLSearchParams(call.body.toString());
  expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
  const [header, claims, signature] = form.get('assertion')!.split('.') as [string, string, string];
  const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
  expect(decode(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
  expect(decode(claims)).toEqual({
    iss: 'robot@project.iam.example.com',
    scope: 'https://scope.test/all',
    aud: `${endpoint.url}/token`,
    iat: START_MS / 1000,
    exp: START_MS / 1000 + 3600,
  });
  expect(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url')).toBe(true);
});

test('reads the account from a file as well', async () => {
  const file = path.join(folder, 'account.json');
  await writeFile(file, account());
  endpoint.answer(grants('ya29.file'));
  expect(await tokens(file)()).toBe('ya29.file');
});

test('keeps a token until five minutes before its end', async () => {
  endpoint.next(grants('one'), grants('two'));
  const token = tokens();
  expect(await token()).toBe('one');
  nowMs += 3_299_000;
  expect(await token()).toBe('one');
  nowMs += 1_000;
  expect(await token()).toBe('two');
  expect(endpoint.calls).toHaveLength(2);
});

test('calls that come at once wait for one exchange', async () => {
  endpoint.answer(grants('one'));
  const token = tokens();
  expect(await Promise.all([token(), token(), token()])).toEqual(['one', 'one', 'one']);
  expect(endpoint.calls).toHaveLength(1);
});

test('a refusal is told with its reason and is not kept', async () => {
  endpoint.next(status(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }), grants('late'));
  const token = tokens();
  const { message } = await failure(token);
  expect(message).toContain('answered 400 (invalid_grant: Invalid JWT Signature.)');
  expect(await token()).toBe('late');
});

test.each<[string, () => string, string]>([
  ['a file that is not there', () => '/nowhere/account.json', 'cannot be read (ENOENT)'],
  ['text that is no JSON', () => '{ no', 'is not JSON'],
  ['credentials of a person', () => account({ type: 'authorized_user' }), 'of the type "authorized_user"'],
  ['an account without a key', () => account({ private_key: undefined }), 'lacks `client_email` or `private_key`'],
  ['an account without an endpoint', () => account({ token_uri: undefined }), 'lacks `token_uri`'],
  ['a key that is none', () => account({ private_key: 'secret-text' }), 'the private key of the credentials cannot'],
  ['an endpoint that is not there', () => account({ token_uri: 'http://127.0.0.1:1/token' }), 'could not be reached'],
])('says what is wrong with %s, and shows no secret', async (_, credentials, reason) => {
  const { message } = await failure(tokens(credentials()));
  expect(message).toContain(reason);
  expect(message).not.toMatch(/PRIVATE KEY|secret-text/);
});
