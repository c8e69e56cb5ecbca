import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { reply, startUpstream, status, type Upstream } from '@xidao/testkit';
import { expect, test } from 'vitest';
import { aGateway, type RunningGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, MODEL, providerAt } from './dialect-calls.ts';

const CHAT = DIALECT_CALLS[0]!;
const ADMIN_KEY = 'xd-admin-for-these-tests-alone-000000';

const keeping = (upstream: Upstream, broken: Upstream) =>
  aGateway({
    admin: { key: ADMIN_KEY },
    providers: { up: providerAt(upstream.url, 'anthropic-messages'), broken: providerAt(broken.url, 'openai-chat') },
    models: {
      kept: { provider: 'up', model: MODEL, log_bodies: true },
      plain: { provider: 'up', model: MODEL },
      failing: { provider: 'broken', model: MODEL, log_bodies: true },
    },
  });

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at as they come.
async function bodiesOf(gateway: RunningGateway, response: Response): Promise<{ status: number; body: any }> {
  await response.text();
  const place = `${gateway.url}/admin/v1/calls/${response.headers.get('x-request-id')}`;
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  await expect.poll(async () => (await fetch(place, { headers })).status, { timeout: 20_000, interval: 100 }).toBe(200);
  const told = await fetch(`${place}/bodies`, { headers });
  return { status: told.status, body: await told.json() };
}

test('a model that asks for it has its calls kept: whole, in the words of the client, redacted and sealed', async () => {
  await using upstream = await startUpstream({
    answer: reply({ text: 'Write to bob@example.com, or call the Zeppelin.' }),
  });
  await using broken = await startUpstream({ answer: status(500) });
  await using gateway = await keeping(upstream, broken);
  const text = 'I am ann@example.com, card 4111 1111 1111 1111.';

  for (const stream of [false, true]) {
    const { body } = await bodiesOf(gateway, await ask(gateway, CHAT, { model: 'kept', text, stream }));
    expect(JSON.parse(body.request).messages).toEqual([{ role: 'user', content: 'I am [e-mail], card [card].' }]);
    const { message } = JSON.parse(body.response).choices[0];
    expect(message).toMatchObject({ role: 'assistant', content: 'Write to [e-mail], or call the Zeppelin.' });
  }
  const failed = await bodiesOf(gateway, await ask(gateway, CHAT, { model: 'failing', text }));
  expect(failed.body).toMatchObject({
    request: expect.stringContaining('[card]'),
    response: expect.stringContaining('server_error'),
  });
  const plain = await bodiesOf(gateway, await ask(gateway, CHAT, { model: 'plain', text }));
  expect([plain.status, plain.body.error.code]).toEqual([404, 'not_found']);

  const files = await readdir(gateway.dataFolder, { recursive: true, withFileTypes: true });
  for (const file of files.filter((one) => one.isFile())) {
    const bytes = await readFile(path.join(file.parentPath, file.name), 'latin1');
    expect(bytes.includes('Zeppelin') || bytes.includes('example.com')).toBe(false);
  }
});
