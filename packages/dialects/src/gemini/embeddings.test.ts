import { describe, expect, test } from 'vitest';
import { InvalidRequest } from '../dialect.ts';
import {
  fromEmbedContents,
  fromOpenAIEmbeddings,
  gemini,
  readCountTokensReply,
  readCountTokensRequest,
  toBatchEmbedContents,
  toOpenAIEmbeddings,
  writeCountTokensReply,
  writeCountTokensRequest,
} from './index.ts';

describe('embeddings', () => {
  test('ask for every text of an OpenAI request, and come back the same', () => {
    const asked = { model: 'e', input: ['a', 'b'], dimensions: 8, user: 'u' };
    const { body, receipt } = toBatchEmbedContents(asked, 'gemini-embedding-001');
    expect(body['requests']).toEqual([
      { model: 'models/gemini-embedding-001', content: { parts: [{ text: 'a' }] }, outputDimensionality: 8 },
      { model: 'models/gemini-embedding-001', content: { parts: [{ text: 'b' }] }, outputDimensionality: 8 },
    ]);
    expect(receipt.dropped).toEqual(['user']);
    expect(fromEmbedContents(body, 'e').body).toEqual({
      model: 'e',
      input: ['a', 'b'],
      dimensions: 8,
      encoding_format: 'float',
    });
  });

  test('tell what OpenAI has no word for', () => {
    const content = { parts: [{ text: 'a' }, { inline_data: {} }] };
    const { body, receipt } = fromEmbedContents({ content, task_type: 'RETRIEVAL_QUERY' }, 'e');
    expect(body['input']).toEqual(['a\n']);
    expect(receipt.dropped).toEqual(['taskType', 'content.parts (not text)']);
    expect(() => toBatchEmbedContents({ input: [[1, 2]] }, 'e')).toThrow(InvalidRequest);
  });

  test('carry vectors both ways, as numbers and as base64', () => {
    const reply = { embeddings: [{ values: [0.5, -1] }, { values: [2, 0.25] }] };
    const plain = toOpenAIEmbeddings(reply, 'e');
    expect(plain).toMatchObject({
      object: 'list',
      model: 'e',
      data: [{ index: 0, embedding: [0.5, -1] }, { index: 1 }],
    });
    const packed = toOpenAIEmbeddings(reply, 'e', 'base64');
    for (const told of [plain, packed]) expect(fromOpenAIEmbeddings(told, true)).toMatchObject(reply);
    expect(fromOpenAIEmbeddings(plain, false)).toMatchObject({ embedding: { values: [0.5, -1] } });
  });

  test('count the tokens that Vertex AI tells', () => {
    const predictions = [{ embeddings: { values: [1], statistics: { token_count: 10 } } }];
    expect(toOpenAIEmbeddings({ predictions }, 'e')).toMatchObject({
      usage: { prompt_tokens: 10 },
      data: [{ embedding: [1] }],
    });
  });
});

test('counts the tokens of a whole request', () => {
  const asked = { generate_content_request: { model: 'models/m', contents: [{ parts: [{ text: 'Hi' }] }] } };
  const request = readCountTokensRequest(asked);
  expect(request).toEqual(gemini.readRequest(asked.generate_content_request));
  expect(writeCountTokensRequest(request, { model: 'm' }).body).toEqual({
    generateContentRequest: { model: 'models/m', contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
  });
  expect(readCountTokensReply(writeCountTokensReply(7))).toBe(7);
});
