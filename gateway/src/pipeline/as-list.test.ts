import { expect, test } from 'vitest';
import { asList } from './as-list.ts';

async function listOf(text: string, cut: number): Promise<string> {
  async function* body() {
    const bytes = Buffer.from(text);
    yield bytes.subarray(0, cut);
    yield bytes.subarray(cut);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of asList(body())) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('tells events as one JSON list, wherever the bytes are cut', async () => {
  const stream = 'data: {"a":"é"}\r\n\r\n: comment\n\ndata: {"b":[1]}\r\n\r\n';
  for (let cut = 0; cut <= Buffer.byteLength(stream); cut++) {
    expect(JSON.parse(await listOf(stream, cut))).toEqual([{ a: 'é' }, { b: [1] }]);
  }
  expect(JSON.parse(await listOf('', 0))).toEqual([]);
});
