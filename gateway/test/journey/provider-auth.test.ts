import { createHash, generateKeyPairSync } from 'node:crypto';
import { raw, reply, startUpstream, status } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { signAws } from '../../src/upstream/sign-in/sign-aws.ts';
import { aGateway } from '../a-gateway.ts';
import { MODEL, post } from './dialect-calls.ts';

const path = '/v1/chat/completions';
const hello = (model: string) => ({ model, messages: [{ role: 'user', content: 'Hello' }] });
const answer = reply({ text: 'Hi.' });

describe('Bedrock', () => {
  const settings = { access_key_id: 'AKIDEXAMPLE', secret_access_key: 'secret/Key+1', session_token: 'token==' };

  test.each([false, true])('takes requests that are signed with an access key (streamed: %s)', async (stream) => {
    await using upstream = await startUpstream({ answer });
    await using gateway = await aGateway({
      providers: { bedrock: { base_url: upstream.url, settings: { ...settings, region: 'eu-west-1' } } },
    });
    const model = 'anthropic.claude-3-5-sonnet-20241022-v2:0';
    const answered = await post(gateway, path, { ...hello(`bedrock/${model}`), stream });
    expect(answered.status).toBe(200);
    await answered.text();
    const call = upstream.calls[0]!;
    const time = String(call.headers['x-amz-date']);
    const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time)!;
    const nowMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    expect(Math.abs(Date.now() - nowMs)).toBeLessThan(60_000);
    // Signed anew from what arrived: what AWS does with it.
    const expected = signAws(
      {
        method: call.method,
        host: String(call.headers.host),
        path: call.path,
        headers: { 'content-type': String(call.headers['content-type']) },
        body: call.body,
      },
      { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret/Key+1', sessionToken: 'token==' },
      { region: 'eu-west-1', service: 'bedrock', nowMs },
    );
    expect(call.path).toBe(`/model/${encodeURIComponent(model)}/converse${stream ? '-stream' : ''}`);
    expect(call.headers.authorization).toBe(expected['authorization']);
    expect(call.headers['x-amz-security-token']).toBe('token==');
  });

  test('takes an API key before an access key', async () => {
    await using upstream = await startUpstream({ answer });
    await using gateway = await aGateway({
      providers: { bedrock: { base_url: upstream.url, api_key: 'bedrock-key', settings } },
    });
    await post(gateway, path, hello('bedrock/amazon.nova-lite-v1:0'));
    expect(upstream.calls[0]!.headers.authorization).toBe('Bearer bedrock-key');
  });

  test('of another address is not given the access key of the environment', async () => {
    await using upstream = await startUpstream({ answer });
    const env = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' };
    await using gateway = await aGateway({ providers: { bedrock: { base_url: upstream.url } } }, env);
    const answered = await post(gateway, path, hello('bedrock/amazon.nova-lite-v1:0'));
    expect(answered.status).toBe(503);
    expect(await answered.text()).toContain('providers.bedrock.settings.access_key_id');
    expect(upstream.calls).toHaveLength(0);
  });

  test('is there with the access key of the environment, once it is named, and shows no warning', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' };
    await using named = await aGateway({ providers: { bedrock: true } }, env);
    expect(named.gateway.providers()).toContain('bedrock');
    expect(named.gateway.warnings()).toEqual([]);
    await using unnamed = await aGateway({}, env);
    expect(unnamed.gateway.providers()).not.toContain('bedrock');
  });
});

describe('Vertex', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const credentials = (tokenUri: string) =>
    JSON.stringify({ type: 'service_account', client_email: 'a@b.test', private_key: pem, token_uri: tokenUri });
  const vertex = (url: string, tokenUrl: string) => ({
    providers: {
      vertex: {
        base_url: url,
        models: [MODEL],
        settings: { project: 'p-1', location: 'us-central1', credentials: credentials(`${tokenUrl}/token`) },
      },
    },
  });
  const grants = (token: string) =>
    raw({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ access_token: token, expires_in: 3600 }),
    });

  test('takes the access token of a service account, which is asked for once', async () => {
    await using upstream = await startUpstream({ answer });
    await using tokens = await startUpstream({ answer: grants('ya29.token') });
    await using gateway = await aGateway(vertex(upstream.url, tokens.url));
    const asks = Array.from({ length: 3 }, () => post(gateway, path, hello(MODEL)));
    for (const answered of await Promise.all(asks)) expect(answered.status).toBe(200);
    expect(upstream.calls.map(({ headers }) => headers.authorization)).toEqual(
      Array.from({ length: 3 }, () => 'Bearer ya29.token'),
    );
    expect(upstream.calls[0]!.path).toBe(
      `/v1/projects/p-1/locations/us-central1/publishers/google/models/${MODEL}:generateContent`,
    );
    expect(tokens.calls).toHaveLength(1);
  });

  test('is a failed provider while its account is refused: 502, or the next target', async () => {
    await using upstream = await startUpstream({ answer });
    await using tokens = await startUpstream({
      answer: status(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }),
    });
    await using gateway = await aGateway({
      providers: {
        ...vertex(upstream.url, tokens.url).providers,
        other: { dialect: 'openai-chat', base_url: `${upstream.url}/v1`, models: ['other'] },
      },
      models: {
        both: {
          strategy: 'priority',
          targets: [
            { provider: 'vertex', model: MODEL },
            { provider: 'other', model: 'other' },
          ],
        },
      },
    });
    const alone = await post(gateway, path, hello(MODEL));
    expect(alone.status).toBe(502);
    expect(await alone.json()).toMatchObject({
      error: { code: 'upstream_sign_in_failed', message: expect.stringContaining('Invalid JWT Signature') },
    });
    expect(upstream.calls).toHaveLength(0);
    const both = await post(gateway, path, hello('both'));
    expect([both.status, both.headers.get('x-xidao-provider')]).toEqual([200, 'other']);
  });
});

describe('Azure', () => {
  test('is found by the endpoint that its portal shows', async () => {
    await using upstream = await startUpstream({ answer });
    const env = { AZURE_OPENAI_API_KEY: 'azure-key', AZURE_OPENAI_ENDPOINT: `${upstream.url}/openai/deployments/x` };
    await using gateway = await aGateway({}, env);
    expect((await post(gateway, path, hello('azure/my-deployment'))).status).toBe(200);
    expect(upstream.calls[0]).toMatchObject({
      path: '/openai/v1/chat/completions',
      headers: { 'api-key': 'azure-key' },
    });
  });

  test('of deployments is found by it too', async () => {
    await using upstream = await startUpstream({ answer });
    const settings = { endpoint: upstream.url, api_version: '2024-10-21' };
    await using gateway = await aGateway({ providers: { 'azure-deployments': { api_key: 'k', settings } } });
    expect((await post(gateway, path, hello('azure-deployments/my-deployment'))).status).toBe(200);
    const { path: asked, query } = upstream.calls[0]!;
    expect([asked, query.get('api-version')]).toEqual([
      '/openai/deployments/my-deployment/chat/completions',
      '2024-10-21',
    ]);
  });

  test('of a written resource stays there, whatever endpoint is in the environment', async () => {
    await using elsewhere = await startUpstream({ answer });
    const env = { AZURE_OPENAI_ENDPOINT: elsewhere.url };
    const settings = { resource: 'no-such-resource-of-anybody.invalid' };
    await using gateway = await aGateway({ providers: { azure: { api_key: 'k', settings } } }, env);
    await post(gateway, path, hello('azure/my-deployment'));
    expect(elsewhere.calls).toHaveLength(0);
  });
});

test('no secret of a sign-in is in any log line', async () => {
  await using upstream = await startUpstream({ answer });
  const secret = createHash('sha256').update('some secret').digest('hex');
  await using gateway = await aGateway({
    providers: { bedrock: { base_url: upstream.url, settings: { access_key_id: 'AKID', secret_access_key: secret } } },
  });
  const answered = await post(gateway, path, hello('bedrock/amazon.nova-lite-v1:0'));
  await gateway.record(answered.headers.get('x-request-id')!);
  expect(JSON.stringify(gateway.lines)).not.toContain(secret);
});
