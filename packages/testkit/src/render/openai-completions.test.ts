import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../collect.ts';
import { startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let client: OpenAI;

beforeAll(async () => {
  upstream = await startUpstream();
  client = new OpenAI({ apiKey: 'test', baseURL: `${upstream.url}/v1`, maxRetries: 0 });
});
afterAll(() => upstream.close());

test('answers a legacy completion as a document and as a stream', async () => {
  const ask = { model: 'm', prompt: 'Once upon a time' };
  const document = await client.completions.create(ask);
  expect(document).toMatchObject({
    object: 'text_completion',
    choices: [{ text: 'Once upon a time', finish_reason: 'stop' }],
  });
  expect(document.usage).toEqual({ prompt_tokens: 4, completion_tokens: 4, total_tokens: 8 });
  const stream = await client.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } });
  const chunks = await collect(stream);
  expect(chunks.map((chunk) => chunk.choices[0]?.text ?? '').join('')).toBe('Once upon a time');
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 8 } });
});
