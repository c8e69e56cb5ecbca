import type { ModelRequest } from '@xidao/dialects';
import { describe, expect, test } from 'vitest';
import { estimateText, estimateTokens } from './estimate-tokens.ts';

/** Texts of six kinds, and what the tokenizer of OpenAI's models (o200k_base) makes of them. */
const TEXTS: [kind: string, tokens: number, text: string][] = [
  [
    'English prose',
    86,
    `The harbour was quiet before dawn, and only the gulls argued over what the nets had left behind. Maria tied the second rope, checked the knot twice, and wondered whether the letter had reached her brother at all. Three weeks without an answer could mean that the post was slow, or that he had nothing kind to say. She lit the stove, warmed her hands, and decided to write again, this time without apologies.`,
  ],
  [
    'code',
    124,
    `export async function readLines(path: string, limit = 100): Promise<string[]> {
  const file = await open(path, 'r');
  const lines: string[] = [];
  try {
    for await (const line of file.readLines()) {
      if (lines.length >= limit) break;
      if (line.trim() === '' || line.startsWith('#')) continue;
      lines.push(line.replace(/\\s+$/u, ''));
    }
  } finally {
    await file.close();
  }
  return lines.map((line, index) => \`\${index + 1}: \${line}\`);
}`,
  ],
  [
    'Chinese',
    72,
    `本系统支持多种模型接口,用户可以通过一个统一的地址访问不同的服务。如果请求失败,网关会自动切换到下一个可用的提供商,并在日志中记录原因。管理员可以为每个团队设置预算和限额,超过之后新的请求将被拒绝,直到下一个周期开始。`,
  ],
  [
    'JSON',
    132,
    `{"id":"ord_20481","customer":{"name":"Ann Lee","email":"ann.lee@example.org","tier":"gold"},"items":[{"sku":"A-1001","qty":2,"price":19.95},{"sku":"B-2040","qty":1,"price":249.0},{"sku":"C-0007","qty":12,"price":0.75}],"shipping":{"method":"express","address":{"street":"12 Hill Road","city":"Leeds","zip":"LS1 4DY"}},"paid":true,"created_at":"2026-03-14T09:26:53Z"}`,
  ],
  [
    'log lines',
    174,
    `2026-11-20 12:58:03.117 INFO  [worker-7] request 8f3a21 took 1843 ms, status 200, bytes 53122, retries 0
2026-11-20 12:58:03.204 WARN  [worker-2] pool size 64/64, waiting 17, oldest 912 ms
2026-11-20 12:58:04.990 ERROR [worker-7] upstream 10.0.4.17:8443 reset after 30012 ms, attempt 3 of 3
2026-11-20 12:58:05.002 INFO  [worker-1] request 8f3a22 took 92 ms, status 503, bytes 214, retries 3`,
  ],
  [
    'Markdown',
    110,
    `## Installing

1. Clone the repository and run \`npm install\`.
2. Copy \`.env.example\` to \`.env\` and set **API_KEY**.
3. Start it: \`npm start -- --port 8080\`

| option | default | meaning |
| --- | --- | --- |
| \`--port\` | 8080 | where to listen |
| \`--data\` | ./data | where things are kept |

> Note: the folder must be writable; see [the guide](docs/guide.md#data).
`,
  ],
];

describe('the tokens of a text', () => {
  test.each(TEXTS)('%s: within -17 to +12 %% of the %i that were counted', (_, tokens, text) => {
    const error = estimateText(text) / tokens - 1;
    expect(error).toBeGreaterThan(-0.17);
    expect(error).toBeLessThan(0.12);
  });

  test('are none where there is no text, and never less than one else', () => {
    expect(estimateText('')).toBe(0);
    expect(estimateText('a')).toBe(1);
  });

  test('grow with the text, whatever it is made of', () => {
    for (const text of ['a', '漢', '7', '!', 'ж', '😀', '\n', 'é']) {
      const [once, often] = [estimateText(text.repeat(100)), estimateText(text.repeat(200))];
      expect(often).toBeGreaterThan(once);
      expect(Math.abs(often - 2 * once)).toBeLessThanOrEqual(2);
    }
  });

  test('of a megabyte without a space are counted in one go', () => {
    expect(estimateText('a'.repeat(1_000_000))).toBe(Math.ceil(1_000_000 / 4.6));
  });
});

describe('the tokens of a request', () => {
  const request = (more: Partial<ModelRequest>): ModelRequest => ({
    model: 'm',
    stream: false,
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello there' }] }],
    tools: [],
    origin: 'openai-chat',
    extras: {},
    unread: [],
    ...more,
  });
  const plain = estimateTokens(request({}));

  test('are those of its texts and a little for each message', () => {
    expect(plain).toBe(4 + estimateText('Hello there'));
    const twice = request({ messages: [...request({}).messages, ...request({}).messages] });
    expect(estimateTokens(twice)).toBe(2 * plain);
  });

  test('count what tools, calls, results, images and schemas add', () => {
    const parameters = { type: 'object', properties: { place: { type: 'string', description: 'A city' } } };
    const tools: ModelRequest['tools'] = [{ type: 'function', name: 'weather', description: 'Tells it', parameters }];
    const withTools = estimateTokens(request({ tools }));
    expect(withTools - plain).toBeGreaterThan(estimateText(JSON.stringify(parameters)));
    const messages: ModelRequest['messages'] = [
      { role: 'user', parts: [{ type: 'image', source: { kind: 'url', url: 'https://a.example/cat.png' } }] },
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'c', name: 'weather', arguments: '{"place":"Rome"}' }] },
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'c', parts: [{ type: 'text', text: 'Sunny' }] }] },
    ];
    expect(estimateTokens(request({ messages }))).toBeGreaterThan(1_000 + 3 * 4 + estimateText('weather'));
    const output: ModelRequest['output'] = { type: 'json-schema', name: 's', schema: parameters };
    expect(estimateTokens(request({ output }))).toBe(plain + estimateText(JSON.stringify(parameters)));
  });

  test('of base64 do not count its letters as text', () => {
    const data = Buffer.alloc(300_000, 7).toString('base64');
    const file = { type: 'file' as const, source: { kind: 'base64' as const, data, mediaType: 'application/pdf' } };
    expect(estimateTokens(request({ messages: [{ role: 'user', parts: [file] }] }))).toBeLessThan(data.length / 30);
  });
});
