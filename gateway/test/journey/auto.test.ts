import { choose, reply, startUpstream, status } from '@xidao/testkit';
import { expect, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { aGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, providerAt } from './dialect-calls.ts';

const CHAT = DIALECT_CALLS[0]!;
const MESSAGES = DIALECT_CALLS[2]!;

function twoModels(url: string, routing: ConfigInput['routing']): ConfigInput {
  const priced = (id: string, price: number) => ({
    id,
    prices: { input: price, output: price * 4 },
    context_window: 128_000,
  });
  return {
    providers: {
      up: providerAt(url, 'openai-chat', {
        models: [priced('small', 0.1), priced('large', 10), priced('sorter', 0.01)],
      }),
    },
    models: {
      small: { provider: 'up', model: 'small' },
      large: { provider: 'up', model: 'large' },
      sorter: { provider: 'up', model: 'sorter' },
    },
    ...(routing !== undefined && { routing }),
  };
}

test('a task of the configuration goes to its model, told by header, by body or by the words of the prompt', async () => {
  await using up = await startUpstream({ answer: reply({ text: 'done' }) });
  const tasks = {
    translation: { primary: 'small', max_tokens: 321 },
    code_generation: { primary: 'large', fallback: 'small' },
  };
  await using gateway = await aGateway(twoModels(up.url, { tasks }));
  const asked = async (more: Parameters<typeof ask>[2]) => {
    const response = await ask(gateway, CHAT, { model: 'auto', ...more });
    expect(await response.text()).toContain('done');
    return { route: response.headers.get('x-xidao-route'), model: response.headers.get('x-xidao-model') };
  };
  expect(await asked({ headers: { 'x-xidao-task': 'translation' } })).toMatchObject({ model: 'small' });
  expect(JSON.parse(up.calls.at(-1)!.body.toString())).toMatchObject({ model: 'small' });
  expect(up.calls.at(-1)!.body.toString()).toContain('321');
  expect(
    await asked({ text: 'Write a Python function that parses a CSV file and returns a list of dictionaries.' }),
  ).toMatchObject({ model: 'large' });
  expect(await asked({ text: '请把下面的句子翻译成英文:今天天气很好。' })).toMatchObject({ model: 'small' });
  const body = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.key}` },
    body: JSON.stringify({ ...CHAT.body('auto', 'Hello', false), task_type: 'code_generation' }),
  });
  await body.text();
  expect(body.headers.get('x-xidao-model')).toBe('large');
  expect(up.calls.at(-1)!.body.toString()).not.toContain('task_type');
});

test('the record tells the candidates, their scores and the task', async () => {
  await using up = await startUpstream({ answer: reply({ text: 'done' }) });
  await using gateway = await aGateway(twoModels(up.url, undefined));
  const response = await ask(gateway, MESSAGES, {
    model: 'auto:low',
    text: 'Summarise this article in three sentences: …',
  });
  expect(response.status).toBe(200);
  await response.text();
  const { decision } = (await gateway.record(response.headers.get('x-request-id')!)) as {
    decision: Record<string, unknown>;
  };
  expect(decision).toMatchObject({
    tier: 'low',
    task: expect.any(String),
    candidates: expect.arrayContaining([expect.objectContaining({ name: 'large', score: expect.any(Number) })]),
  });
});

test('a small model is asked where words leave the task open, and one that fails does no harm', async () => {
  const sort = choose(({ model }) =>
    model === 'sorter' ? reply({ text: 'code_generation' }) : reply({ text: 'done' }),
  );
  await using up = await startUpstream({ answer: sort });
  const routing = {
    tasks: { code_generation: 'large', chat: 'small' },
    auto: { models: ['small', 'large'], classifier: { model: 'sorter', timeout: '5s', below_confidence: 1 } },
  };
  await using gateway = await aGateway(twoModels(up.url, routing));
  const text = 'The usual one for the new thing, like last time.';
  const response = await ask(gateway, CHAT, { model: 'auto', text });
  await response.text();
  expect(response.headers.get('x-xidao-model')).toBe('large');
  const again = await ask(gateway, CHAT, { model: 'auto', text });
  await again.text();
  expect(up.calls.filter(({ body }) => body.toString().includes('sorter'))).toHaveLength(1);
  up.answer(choose(({ model }) => (model === 'sorter' ? status(500) : reply({ text: 'done' }))));
  const other = await ask(gateway, CHAT, { model: 'auto', text: 'Something else again, you know.' });
  expect(await other.text()).toContain('done');
});

test('a key that may not use a model is not given it by auto', async () => {
  await using up = await startUpstream({ answer: reply({ text: 'done' }) });
  const config = twoModels(up.url, { tasks: { code_generation: ['large', 'small'] } });
  const key = 'xd-limited-key-0000000000000000000000000000000000000';
  await using gateway = await aGateway({ ...config, keys: [{ name: 'limited', key, models: ['auto', 'small'] }] });
  const response = await ask(gateway, CHAT, {
    model: 'auto',
    headers: { authorization: `Bearer ${key}`, 'x-xidao-task': 'code_generation' },
  });
  await response.text();
  expect(response.headers.get('x-xidao-model')).toBe('small');
});
