import { expect, test } from 'vitest';
import type { DialectName } from './dialect.ts';
import { dialects } from './dialects.ts';
import type { JsonObject } from './json.ts';

const pictures = (at: string) => `${at} (image by file id)`;

/** A medium that only its own provider can open, and the place where the client put it. */
const PLACES: [DialectName, string, JsonObject][] = [
  [
    'openai-chat',
    'messages[1].content[1]',
    {
      model: 'm',
      messages: [
        { role: 'system', content: 'S' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Hi' },
            { type: 'input_image', file_id: 'f' },
          ],
        },
      ],
    },
  ],
  [
    'openai-responses',
    'input[4].content[1]',
    {
      model: 'm',
      instructions: 'S',
      input: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Wait.' },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c', output: 'x' },
        {
          role: 'user',
          content: [
            { type: 'input_text', text: '?' },
            { type: 'input_image', file_id: 'f' },
          ],
        },
      ],
    },
  ],
  [
    'anthropic-messages',
    'messages[0].content[1]',
    {
      model: 'm',
      max_tokens: 9,
      system: 'S',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Hi' },
            { type: 'image', source: { type: 'file', file_id: 'f' } },
          ],
        },
      ],
    },
  ],
  [
    'gemini',
    'contents[0].parts[1]',
    {
      systemInstruction: { parts: [{ text: 'S' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }, { fileData: { fileUri: 'gs://a/b.png', mimeType: 'image/png' } }] },
      ],
    },
  ],
];

test.each(PLACES)('a receipt names a part of a request of %s as %s', (client, place, body) => {
  const request = dialects[client].readRequest(body);
  const { receipt } = dialects.bedrock.writeRequest(request, { model: 'us.anthropic.claude-x' });
  expect(receipt.dropped).toEqual([pictures(place)]);
});

test('a receipt names a part of a request of bedrock as messages[0].content[1]', () => {
  const image = { image: { format: 'png', source: { s3Location: { uri: 's3://a/b' } } } };
  const body = { system: [{ text: 'S' }], messages: [{ role: 'user', content: [{ text: 'Hi' }, image] }] };
  const request = dialects.bedrock.readRequest(body);
  const { receipt } = dialects['anthropic-messages'].writeRequest(request, { model: 'm', maxOutputTokens: 9 });
  expect(receipt.dropped).toEqual([pictures('messages[0].content[1]')]);
});
