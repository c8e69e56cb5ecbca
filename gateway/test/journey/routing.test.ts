import { reply, startUpstream, status } from '@xidao/testkit';
import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { openApiDocument } from '../../src/openapi-document.ts';
import { aGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, MODEL, providerAt } from './dialect-calls.ts';

const CHAT = DIALECT_CALLS[0]!;
const ADMIN_KEY = 'xd-admin-for-these-tests-alone-000000';

function twoModels(one: string, two: string, routing: ConfigInput['routing']): ConfigInput {
  return {
    admin: { key: ADMIN_KEY },
    providers: { one: providerAt(one, 'openai-chat'), two: providerAt(two, 'anthropic-messages') },
    models: { first: { provider: 'one', model: MODEL }, second: { provider: 'two', model: MODEL } },
    ...(routing !== undefined && { routing }),
  };
}

async function admin(
  url: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${url}/admin/v1${path}`, {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test('a rule sends calls elsewhere, across dialects, and says so', async () => {
  await using one = await startUpstream({ answer: reply({ text: 'one' }) });
  await using two = await startUpstream({ answer: reply({ text: 'two' }) });
  const rules = [{ name: 'nightly', match: { model: 'first', tags: { job: 'nightly' } }, route_to: 'second' }];
  await using gateway = await aGateway(twoModels(one.url, two.url, { rules }));
  const tagged = await ask(gateway, CHAT, { model: 'first', headers: { 'x-xidao-tags': 'job=nightly' } });
  expect(await tagged.text()).toContain('two');
  expect(tagged.headers.get('x-xidao-route')).toBe('rule nightly');
  expect(await gateway.record(tagged.headers.get('x-request-id')!)).toMatchObject({
    provider: 'two',
    tags: { job: 'nightly' },
  });
  const plain = await ask(gateway, CHAT, { model: 'first' });
  expect(await plain.text()).toContain('one');
});

test('an A/B test shares users between models and tells what came of it', async () => {
  await using one = await startUpstream({ answer: reply({ text: 'one' }) });
  await using two = await startUpstream({ answer: status(500) });
  const ab_tests = [
    {
      name: 'q2',
      variants: [
        { model: 'first', weight: 1 },
        { model: 'second', weight: 1 },
      ],
    },
  ];
  await using gateway = await aGateway(twoModels(one.url, two.url, { ab_tests }));
  const seen = new Set<string>();
  for (let user = 0; user < 16; user++) {
    const headers = { 'x-user': `user-${user}` };
    const twice = [
      await ask(gateway, CHAT, { model: 'q2', headers }),
      await ask(gateway, CHAT, { model: 'q2', headers }),
    ];
    const routes = twice.map((response) => response.headers.get('x-xidao-route'));
    for (const response of twice) await response.text();
    expect(routes[0]).toBe(routes[1]);
    seen.add(routes[0]!);
  }
  expect([...seen].sort()).toEqual(['test q2/first', 'test q2/second']);
  const { body } = await admin(gateway.url, '/experiments');
  const [{ variants }] = body['data'] as [{ variants: { variant: string; calls: number; errorRate: number }[] }];
  expect(variants.reduce((sum, { calls }) => sum + calls, 0)).toBe(32);
  expect(Object.fromEntries(variants.map(({ variant, errorRate }) => [variant, errorRate]))).toEqual({
    first: 0,
    second: 1,
  });
});

test('a shadow gets a copy that the client knows nothing of', async () => {
  await using one = await startUpstream({ answer: reply({ text: 'one' }) });
  await using two = await startUpstream({ answer: reply({ text: 'seen by nobody' }) });
  await using gateway = await aGateway(twoModels(one.url, two.url, { shadow: [{ name: 'try', model: 'second' }] }));
  const response = await ask(gateway, CHAT, { model: 'first', stream: true });
  expect(await response.text()).not.toContain('nobody');
  const id = response.headers.get('x-request-id')!;
  expect(await gateway.record(`${id}.shadow`)).toMatchObject({
    provider: 'two',
    outcome: 'complete',
    output_tokens: 3,
  });
  expect(one.calls).toHaveLength(1);
  expect(two.calls).toHaveLength(1);
});

test('a shadow that fails, or names what is not there, does the call no harm', async () => {
  await using one = await startUpstream({ answer: reply({ text: 'one' }) });
  await using two = await startUpstream({ answer: status(500) });
  const shadow = [
    { name: 'gone', model: 'nobody-has-this' },
    { name: 'broken', model: 'second' },
  ];
  await using gateway = await aGateway(twoModels(one.url, two.url, { shadow }));
  const response = await ask(gateway, CHAT, { model: 'first' });
  expect(response.status).toBe(200);
  expect(await gateway.record(`${response.headers.get('x-request-id')}.shadow`)).toMatchObject({ outcome: 'failed' });
});

test('explaining a route asks the same engine, makes no call, and says who is barred', async () => {
  await using one = await startUpstream({ answer: status(401) });
  await using two = await startUpstream({ answer: reply({ text: 'two' }) });
  const config = twoModels(one.url, two.url, undefined);
  const both = {
    targets: [
      { provider: 'one', model: MODEL },
      { provider: 'two', model: MODEL },
    ],
    strategy: 'priority' as const,
  };
  await using gateway = await aGateway({ ...config, models: { ...config.models, both } });
  const question = { body: { model: 'both', messages: [{ role: 'user', content: 'Hello!' }] } };
  const before = await admin(gateway.url, '/routes/explain', question);
  expect(before.body).toMatchObject({
    reason: 'alias both',
    groups: [{ targets: [{ target: `one/${MODEL}` }, { target: `two/${MODEL}` }] }],
  });
  expect(one.calls.length + two.calls.length).toBe(0);
  await (await ask(gateway, CHAT, { model: 'both' })).text();
  const after = await admin(gateway.url, '/routes/explain', question);
  expect(after.body).toMatchObject({
    groups: [
      {
        targets: [
          { target: `two/${MODEL}` },
          { target: `one/${MODEL}`, breaker: 'open', barred: expect.stringContaining('breaker') },
        ],
      },
    ],
  });
  const targets = await admin(gateway.url, '/targets');
  expect(targets.body['data']).toContainEqual(
    expect.objectContaining({ target: `one/${MODEL}`, breaker: 'open', failures: 1 }),
  );
  const reset = await admin(gateway.url, `/targets/${encodeURIComponent(`one/${MODEL}`)}/reset`, {});
  expect(reset.body).toMatchObject({ breaker: 'closed' });
  const unknown = await admin(gateway.url, '/routes/explain', { body: { model: 'bth' } });
  expect(unknown.status).toBe(404);
});

test('the document that a gateway serves is the one that the command prints', async () => {
  await using gateway = await aGateway({});
  expect(await (await fetch(`${gateway.url}/openapi.json`)).json()).toEqual(
    JSON.parse(JSON.stringify(openApiDocument())),
  );
});
