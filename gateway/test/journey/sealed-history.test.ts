import type { DialectName } from '@xidao/dialects';
import { reply, startUpstream } from '@xidao/testkit';
import { expect, test } from 'vitest';
import { aGateway } from '../a-gateway.ts';
import { MODEL, post, providerAt } from './dialect-calls.ts';

/** The answer of a provider whose reasoning is bound to it, and its signature. */
const SIGNATURE = Buffer.from('bound to whoever made it').toString('base64');
const thinking = reply({
  reasoning: 'Hmm.',
  text: 'First answer.',
  signature: SIGNATURE,
  toolCalls: [{ name: 'look', arguments: { at: 'it' } }],
});

interface Journey {
  client: DialectName;
  path: (model: string) => string;
  first: (model: string) => object;
  /** The first question, its answer as it came, what the tool found, and something that only this dialect knows. */
  second: (model: string, answer: unknown) => object;
}

const schema = { type: 'object', properties: { at: { type: 'string' } } };
const responses = {
  tools: [{ type: 'function', name: 'look', parameters: schema }],
  include: ['reasoning.encrypted_content'],
  store: false,
};
const messages = {
  max_tokens: 4096,
  thinking: { type: 'enabled', budget_tokens: 1024 },
  tools: [{ name: 'look', input_schema: schema }],
};
const gemini = {
  tools: [{ functionDeclarations: [{ name: 'look', parameters: schema }] }],
  generationConfig: { thinkingConfig: { includeThoughts: true } },
};

const JOURNEYS: Journey[] = [
  {
    client: 'openai-responses',
    path: () => '/v1/responses',
    first: (model) => ({ ...responses, model, input: [{ role: 'user', content: 'Hello' }] }),
    second(model, answer) {
      const { output } = answer as { output: Record<string, unknown>[] };
      const { call_id } = output.find(({ type }) => type === 'function_call')!;
      const found = { type: 'function_call_output', call_id, output: 'Found it.' };
      const input = [{ role: 'user', content: 'Hello' }, ...output, found];
      return { ...responses, model, input, metadata: { kept: 'yes' } };
    },
  },
  {
    client: 'anthropic-messages',
    path: () => '/v1/messages',
    first: (model) => ({ ...messages, model, messages: [{ role: 'user', content: 'Hello' }] }),
    second(model, answer) {
      const { content } = answer as { content: Record<string, unknown>[] };
      const { id } = content.find(({ type }) => type === 'tool_use')!;
      const history = [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'Found it.' }] },
      ];
      return { ...messages, model, messages: history, unheard_of: { kept: 'yes' } };
    },
  },
  {
    client: 'gemini',
    path: (model) => `/v1beta/models/${model}:generateContent`,
    first: () => ({ ...gemini, contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }),
    second(_, answer) {
      const { content } = (answer as { candidates: [{ content: object }] }).candidates[0];
      const found = { functionResponse: { name: 'look', response: { output: 'Found it.' } } };
      const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }, content, { role: 'user', parts: [found] }];
      return { ...gemini, contents, labels: { kept: 'yes' } };
    },
  },
];

const makers: DialectName[] = ['anthropic-messages', 'openai-responses', 'gemini', 'bedrock'];
const SEALED = Buffer.from('xidao:').toString('base64');

const cases = JOURNEYS.flatMap((journey) =>
  makers.filter((maker) => maker !== journey.client).map((maker) => ({ journey, maker, client: journey.client })),
);

test.each(cases)(
  'what $maker sealed for a client of $client never reaches another provider',
  async ({ journey, maker }) => {
    await using foreign = await startUpstream({ answer: thinking });
    await using own = await startUpstream({ answer: reply({ text: 'Second answer.' }) });
    await using gateway = await aGateway({
      providers: { foreign: providerAt(foreign.url, maker), own: providerAt(own.url, journey.client) },
    });
    const [away, home] = [`foreign/${MODEL}`, `own/${MODEL}`];
    const first = await post(gateway, journey.path(away), journey.first(away));
    expect(first.status).toBe(200);
    const answer: unknown = await first.json();
    // Else there is nothing to be kept from anybody.
    expect(JSON.stringify(answer)).toMatch(new RegExp(`"xidao:|"${SEALED}`));

    const second = await post(gateway, journey.path(home), journey.second(home, answer));
    expect(second.status).toBe(200);
    const sent = own.calls[0]!.body.toString();
    expect(sent).not.toContain('xidao:');
    expect(sent).not.toContain(SEALED);
    expect(sent).not.toContain(SIGNATURE);
    expect(sent).toContain('First answer.');
    expect(sent).toContain('Found it.');
    expect(sent).toContain('"kept":"yes"');

    // Back at the provider that made it, it is whole again.
    const third = await post(gateway, journey.path(away), journey.second(away, answer));
    expect(third.status).toBe(200);
    expect(foreign.calls[1]!.body.toString()).toContain(SIGNATURE);
  },
);

test('a history without seals passes byte for byte', async () => {
  await using own = await startUpstream({ answer: reply({ text: 'Yes.' }) });
  await using gateway = await aGateway({ providers: { own: providerAt(own.url, 'anthropic-messages') } });
  const body = `{ "model": "${MODEL}",  "max_tokens": 1e2, "messages": [{"role":"user","content":"say xidao: twice"}] }`;
  await post(gateway, '/v1/messages', body);
  expect(own.calls[0]!.body.toString()).toBe(body);
});

test('tokens of a sealed history are counted without the seals and without settings that a count refuses', async () => {
  await using own = await startUpstream();
  await using gateway = await aGateway({ providers: { own: providerAt(own.url, 'anthropic-messages') } });
  const signature = `xidao:gemini:${Buffer.from('{"signature":"abc"}').toString('base64url')}`;
  const messages = [
    { role: 'user', content: 'Hello' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hmm.', signature },
        { type: 'text', text: 'Hi.' },
      ],
    },
    { role: 'user', content: 'And now?' },
  ];
  const answered = await post(gateway, '/v1/messages/count_tokens', { model: MODEL, messages });
  expect(answered.status).toBe(200);
  const sent = own.calls[0]!.json as Record<string, unknown>;
  expect(Object.keys(sent).sort()).toEqual(['messages', 'model']);
  expect(JSON.stringify(sent)).not.toContain('xidao:');
});
