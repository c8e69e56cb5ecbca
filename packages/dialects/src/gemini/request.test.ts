import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TargetTraits } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import type { Message, ModelRequest, Part } from '../request.ts';
import { gemini } from './index.ts';
import { SKIP_VALIDATION } from './signature.ts';

const traits: TargetTraits = { model: 'gemini-2.5-flash' };

function ask(fields: Partial<ModelRequest>): ModelRequest {
  const messages: Message[] = [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }];
  return { model: 'm', stream: false, messages, tools: [], origin: 'openai-chat', extras: {}, unread: [], ...fields };
}

const write = (fields: Partial<ModelRequest>, target = traits) => gemini.writeRequest(ask(fields), target);
const contentsOf = (fields: Partial<ModelRequest>, target = traits) =>
  write(fields, target).body['contents'] as JsonObject[];
const configOf = (fields: Partial<ModelRequest>, target = traits) => write(fields, target).body['generationConfig'];
const text = (words: string): Part => ({ type: 'text', text: words });

describe('messages of any dialect', () => {
  test('put leading system messages into systemInstruction and mark later ones where they stand', () => {
    const { body, receipt } = write({
      messages: [
        { role: 'system', parts: [text('A'), text('B')] },
        { role: 'developer', parts: [text('C')] },
        { role: 'user', parts: [text('Hi')] },
        { role: 'system', parts: [text('Be brief')] },
        { role: 'assistant', parts: [text('Yes')] },
      ],
    });
    expect(body['systemInstruction']).toEqual({ parts: [{ text: 'A' }, { text: 'B' }, { text: 'C' }] });
    expect(body['contents']).toEqual([
      { role: 'user', parts: [{ text: 'Hi' }, { text: '<system>\nBe brief\n</system>' }] },
      { role: 'model', parts: [{ text: 'Yes' }] },
    ]);
    expect(receipt.changed).toEqual(['messages[3] (system→user text)']);
  });

  test('leave out empty texts and empty messages, and merge turns of the same side', () => {
    const contents = contentsOf({
      messages: [
        { role: 'user', parts: [text('a'), text('')] },
        { role: 'assistant', parts: [text('')] },
        { role: 'user', parts: [text('b')] },
      ],
    });
    expect(contents).toEqual([{ role: 'user', parts: [{ text: 'a' }, { text: 'b' }] }]);
  });

  test('name results after their calls, keep them in the order of the calls, and make objects of them', () => {
    const call = (id: string, name: string): Part => ({ type: 'tool-call', id, name, arguments: '{"a":1}' });
    const result = (callId: string, words: string, isError?: true): Message => ({
      role: 'tool',
      parts: [{ type: 'tool-result', callId, parts: [text(words)], ...(isError ? { isError } : {}) }],
    });
    const [first, second] = ['gemini_call_0_a', 'gemini_call_1_b'];
    const contents = contentsOf({
      messages: [
        { role: 'user', parts: [text('Hi')] },
        { role: 'assistant', parts: [text('Let me see'), call(first!, 'f'), call(second!, 'g')] },
        result(second!, 'no such city', true),
        result(first!, '{"sky":"blue"}'),
        { role: 'assistant', parts: [call('call_3', 'f')] },
        result('call_3', 'plain'),
      ],
    });
    expect(contents.slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          { text: 'Let me see' },
          { functionCall: { name: 'f', args: { a: 1 } } },
          { functionCall: { name: 'g', args: { a: 1 } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'f', response: { sky: 'blue' } } },
          { functionResponse: { name: 'g', response: { error: 'no such city' } } },
        ],
      },
      { role: 'model', parts: [{ functionCall: { id: 'call_3', name: 'f', args: { a: 1 } } }] },
      { role: 'user', parts: [{ functionResponse: { id: 'call_3', name: 'f', response: { result: 'plain' } } }] },
    ]);
  });

  test('put pictures of a result inside it for Gemini 3 and beside it for older models', () => {
    const messages: Message[] = [
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'c', name: 'f', arguments: '' }] },
      {
        role: 'tool',
        parts: [
          {
            type: 'tool-result',
            callId: 'c',
            parts: [text('see'), { type: 'image', source: { kind: 'base64', data: 'AA==', mediaType: 'image/png' } }],
          },
        ],
      },
    ];
    const picture = { inlineData: { mimeType: 'image/png', data: 'AA==' } };
    const response = { id: 'c', name: 'f', response: { result: 'see' } };
    expect(contentsOf({ messages })[1]!['parts']).toEqual([{ functionResponse: response }, picture]);
    expect(contentsOf({ messages }, { model: 'gemini-3-flash' })[1]!['parts']).toEqual([
      { functionResponse: { ...response, parts: [picture] } },
    ]);
  });

  test('keep digits of a result that a double cannot hold', () => {
    const messages: Message[] = [
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'c', name: 'f', arguments: '{}' }] },
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'c', parts: [text('{"id":12345678901234567891}')] }] },
    ];
    const [response] = contentsOf({ messages })[1]!['parts'] as JsonObject[];
    expect(response).toMatchObject({ functionResponse: { response: { result: '{"id":12345678901234567891}' } } });
  });

  test('give the first call of a foreign turn the documented signature, for Gemini 3 only', () => {
    const call = (id: string): Part => ({ type: 'tool-call', id, name: 'f', arguments: '{}' });
    const messages: Message[] = [{ role: 'assistant', parts: [call('a'), call('b')] }];
    const { body, receipt } = write({ messages }, { model: 'gemini-3.1-pro-preview' });
    const parts = (body['contents'] as JsonObject[])[0]!['parts'] as JsonObject[];
    expect(parts.map((part) => part['thoughtSignature'])).toEqual([SKIP_VALIDATION, undefined]);
    // It asks for what happens anyway, and so is no change that a client could see.
    expect(receipt).toEqual({ dropped: [], changed: [] });
    expect(JSON.stringify(contentsOf({ messages }))).not.toContain(SKIP_VALIDATION);
  });

  test('return signatures to the part they came on, and none of another provider', () => {
    const { body, receipt } = write({
      messages: [
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'a', signature: 's1', boundTo: 'gemini' },
            { type: 'reasoning', text: 'b', signature: 's2', boundTo: 'anthropic-messages' },
            { type: 'text', text: 't', signature: 's3' },
            { type: 'tool-call', id: 'x', name: 'f', arguments: '{}', signature: 's4' },
          ],
        },
      ],
    });
    expect((body['contents'] as JsonObject[])[0]!['parts']).toEqual([
      { text: 'a', thought: true, thoughtSignature: 's1' },
      { text: 'b', thought: true },
      { text: 't', thoughtSignature: 's3' },
      { functionCall: { id: 'x', name: 'f', args: {} }, thoughtSignature: 's4' },
    ]);
    expect(receipt.dropped).toEqual(['messages[0].content[1] (reasoning signature of anthropic-messages)']);
  });

  test('write media inline, by address, or tell why not', () => {
    const { body, receipt } = write({
      messages: [
        {
          role: 'user',
          parts: [
            { type: 'image', source: { kind: 'url', url: 'https://a.example/x.webp?y' }, detail: 'low' },
            { type: 'image', source: { kind: 'url', url: 'data:image/png;base64,AA==' } },
            { type: 'file', source: { kind: 'base64', data: 'AA==', mediaType: 'application/pdf' }, filename: 'a.pdf' },
            { type: 'file', source: { kind: 'file-id', id: 'file_1' } },
            { type: 'file', source: { kind: 'text', text: 'plain' } },
          ],
        },
      ],
    });
    expect((body['contents'] as JsonObject[])[0]!['parts']).toEqual([
      { fileData: { mimeType: 'image/webp', fileUri: 'https://a.example/x.webp?y' } },
      { inlineData: { mimeType: 'image/png', data: 'AA==' } },
      { inlineData: { mimeType: 'application/pdf', data: 'AA==' } },
      { text: 'plain' },
    ]);
    expect(body['generationConfig']).toEqual({ mediaResolution: 'MEDIA_RESOLUTION_LOW' });
    expect(receipt.dropped).toEqual(['messages[0].content[3] (file file_1)']);
    expect(receipt.changed).toContain('messages[0].content[2] filename a.pdf→none');
  });
});

describe('tools', () => {
  test('with names outside the rule are renamed, the same way every time, and mapped back', () => {
    const names = ['ok_name', 'über tool', 'x'.repeat(80), `${'x'.repeat(79)}y`, '1st'];
    const tools = names.map((name) => ({ type: 'function' as const, name }));
    const { body, toolNames } = write({ tools, toolChoice: { type: 'tool', name: names[1]! } });
    const [{ functionDeclarations }] = body['tools'] as [{ functionDeclarations: { name: string }[] }];
    const written = functionDeclarations.map(({ name }) => name);
    expect(new Set(written).size).toBe(names.length);
    for (const name of written) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/);
    expect(written.map((name) => toolNames?.get(name) ?? name)).toEqual(names);
    expect(body['toolConfig']).toEqual({ functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [written[1]] } });
    expect(write({ tools }).body['tools']).toEqual(body['tools']);
  });

  test.each([
    [{ type: 'auto' }, { mode: 'AUTO' }],
    [{ type: 'none' }, { mode: 'NONE' }],
    [{ type: 'required' }, { mode: 'ANY' }],
    [
      { type: 'tool', name: 'f' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [
      { type: 'allowed', mode: 'auto', names: ['f', 'g'] },
      { mode: 'VALIDATED', allowedFunctionNames: ['f', 'g'] },
    ],
    [
      { type: 'allowed', mode: 'required', names: ['f', 'g'] },
      { mode: 'ANY', allowedFunctionNames: ['f', 'g'] },
    ],
  ] as const)('say the choice %o and read it again', (toolChoice, functionCallingConfig) => {
    const { body } = write({ tools: [{ type: 'function', name: 'f' }], toolChoice: toolChoice as never });
    expect(body['toolConfig']).toEqual({ functionCallingConfig });
    expect(gemini.readRequest(body).toolChoice).toEqual(toolChoice);
  });

  test('of other providers and parallel off are told, not lost in silence', () => {
    const { body, receipt } = write({
      tools: [{ type: 'hosted', origin: 'anthropic-messages', label: 'web_search', value: {} }],
      parallelToolCalls: false,
      toolChoice: { type: 'required' },
    });
    expect(body['tools']).toBeUndefined();
    expect(body['toolConfig']).toBeUndefined();
    expect(receipt.dropped).toEqual(['tools[0] (web_search)', 'tool_choice', 'parallel_tool_calls']);
  });
});

describe('settings', () => {
  test('outside the limits are brought within, and told', () => {
    const { body, receipt } = write(
      { temperature: 2.5, stop: ['', '1', '2', '3', '4', '5', '6'], seed: 2 ** 40, choices: 9, maxOutputTokens: 100 },
      { ...traits, maxOutputTokens: 50 },
    );
    expect(body['generationConfig']).toMatchObject({
      temperature: 2,
      stopSequences: ['1', '2', '3', '4', '5'],
      candidateCount: 8,
      maxOutputTokens: 50,
    });
    expect(receipt.changed).toHaveLength(5);
    expect(receipt.changed).toContain('temperature 2.5→2');
  });

  test('for sampling are left out where the model refuses them', () => {
    const { body, receipt } = write({ temperature: 0, topP: 0.5 }, { ...traits, takesSampling: false });
    expect(body['generationConfig']).toBeUndefined();
    expect(receipt.dropped).toEqual(['temperature', 'top_p'].map((word) => `${word} (not taken by the model)`));
  });

  test.each([
    [{ effort: 'high' }, {}, { includeThoughts: true, thinkingBudget: 24_576 }],
    [{ effort: 'none' }, {}, { thinkingBudget: 0 }],
    [{ effort: 'none' }, { model: 'gemini-2.5-pro' }, { thinkingBudget: 128 }],
    [{ budgetTokens: 60_000 }, {}, { includeThoughts: true, thinkingBudget: 24_576 }],
    [{ adaptive: true }, {}, { includeThoughts: true, thinkingBudget: -1 }],
    [{ effort: 'low' }, { model: 'gemini-3-flash' }, { includeThoughts: true, thinkingLevel: 'LOW' }],
    [{ effort: 'max' }, { model: 'gemini-3-flash' }, { includeThoughts: true, thinkingLevel: 'HIGH' }],
    [{ effort: 'none' }, { model: 'gemini-3.1-pro-preview' }, { thinkingLevel: 'LOW' }],
    [{ budgetTokens: 10_000 }, { model: 'x', reasoning: 'effort' }, { includeThoughts: true, thinkingLevel: 'MEDIUM' }],
    [{ effort: 'medium' }, { model: 'x', reasoning: 'budget' }, { includeThoughts: true, thinkingBudget: 8_192 }],
    [{ enabled: false }, {}, { thinkingBudget: 0 }],
    [{ effort: 'low' }, { reasoning: 'none' }, undefined],
  ] as [ModelRequest['reasoning'], Partial<TargetTraits>, JsonObject | undefined][])(
    'for reasoning %o become what %o takes',
    (reasoning, more, thinkingConfig) => {
      expect(configOf({ reasoning: reasoning! }, { ...traits, ...more })).toEqual(thinkingConfig && { thinkingConfig });
    },
  );

  test('that Gemini has no word for are each told', () => {
    const { receipt } = write({
      logitBias: { '1': 2 },
      user: 'u',
      metadata: { a: 'b' },
      minP: 0.1,
      verbosity: 'low',
      cacheKey: 'k',
      store: true,
      serviceTier: 'scale',
      previousResponseId: 'resp_1',
      extras: { prediction: {}, web_search_options: {} },
      unread: ['messages[0].foo'],
    });
    expect(new Set(receipt.dropped)).toEqual(
      new Set([
        'logit_bias',
        'user',
        'metadata',
        'min_p',
        'verbosity',
        'store',
        'service_tier scale',
        'previous_response_id',
        'prediction',
        'web_search_options',
        'messages[0].foo',
      ]),
    );
  });
});

describe('reading', () => {
  test('takes snake_case, a content without a role and a text for a content', () => {
    const read = gemini.readRequest({
      system_instruction: { parts: [{ text: 'S' }] },
      contents: [{ parts: [{ inline_data: { mime_type: 'image/png', data: 'AA==' } }] }],
      generation_config: { max_output_tokens: 5, stop_sequences: ['x'], thinking_config: { thinking_budget: 0 } },
      tools: [
        {
          function_declarations: [
            {
              name: 'f',
              parameters: { type: 'OBJECT', properties: { snake_case: { type: 'STRING', nullable: true } } },
            },
          ],
        },
      ],
    });
    expect(read).toMatchObject({
      maxOutputTokens: 5,
      stop: ['x'],
      reasoning: { budgetTokens: 0, enabled: false },
      messages: [{ role: 'system' }, { role: 'user', parts: [{ type: 'image', source: { mediaType: 'image/png' } }] }],
      tools: [{ name: 'f', parameters: { type: 'object', properties: { snake_case: { type: ['string', 'null'] } } } }],
    });
    expect(gemini.readRequest({ contents: 'Hi' }).messages).toEqual([{ role: 'user', parts: [text('Hi')] }]);
  });

  test('refuses what Google refuses', () => {
    expect(() => gemini.readRequest({})).toThrow(/contents/);
    expect(() => gemini.readRequest({ contents: [{ role: 'assistant', parts: [] }] })).toThrow(/valid role/);
  });

  test('gives calls without ids the same ids on every later turn, and pairs results of the same name in order', () => {
    const turn = [
      { role: 'user', parts: [{ text: 'go' }] },
      {
        role: 'model',
        parts: [{ functionCall: { name: 'f', args: { n: 1 } } }, { functionCall: { name: 'f', args: { n: 2 } } }],
      },
      {
        role: 'function',
        parts: [
          { functionResponse: { name: 'f', response: { output: 1 } } },
          { functionResponse: { name: 'f', response: { output: 2 } } },
        ],
      },
    ];
    const idsOf = (contents: object[]) =>
      gemini
        .readRequest({ contents: contents as never })
        .messages.flatMap((message) => message.parts)
        .flatMap((part) => (part.type === 'tool-call' ? [part.id] : part.type === 'tool-result' ? [part.callId] : []));
    const ids = idsOf(turn);
    expect(ids[0]).not.toBe(ids[1]);
    expect(ids.slice(2)).toEqual(ids.slice(0, 2));
    expect(idsOf([...turn, ...turn]).slice(0, 4)).toEqual(ids);
    expect(new Set(idsOf([...turn, ...turn])).size).toBe(4);
  });

  test('puts the pieces of a streamed turn together', () => {
    const { messages } = gemini.readRequest({
      contents: [
        { role: 'model', parts: [{ text: 'Th', thought: true }] },
        { role: 'model', parts: [{ text: 'ink', thought: true }] },
        { role: 'model', parts: [{ text: '', thought: true, thoughtSignature: 'c2ln' }] },
        { role: 'model', parts: [{ text: 'An' }] },
        { role: 'model', parts: [{ text: 'swer' }, { text: '' }] },
        { role: 'model', parts: [{ functionCall: { name: 'f', willContinue: true } }] },
        {
          role: 'model',
          parts: [
            {
              functionCall: {
                partialArgs: [{ jsonPath: "$.a[1]['b.c']", stringValue: 'x', willContinue: true }],
                willContinue: true,
              },
            },
          ],
        },
        {
          role: 'model',
          parts: [{ functionCall: { partialArgs: [{ jsonPath: "$.a[1]['b.c']", stringValue: 'y' }] } }],
        },
      ],
    });
    expect(messages).toHaveLength(1);
    expect(messages[0]!.parts).toMatchObject([
      { type: 'reasoning', text: 'Think', signature: 'c2ln', boundTo: 'gemini' },
      { type: 'text', text: 'Answer' },
      { type: 'tool-call', name: 'f', arguments: '{"a":[null,{"b.c":"xy"}]}' },
    ]);
  });
});

describe('a Gemini client', () => {
  const word = fc.string({ minLength: 1, maxLength: 12 });
  const value = fc.oneof(word, fc.integer({ min: -1000, max: 1000 }), fc.boolean());
  const signature = fc.option(fc.base64String({ minLength: 4, maxLength: 12 }), { nil: undefined });
  const object = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), value, { minKeys: 1, maxKeys: 3 });
  const media = fc
    .constantFrom('image/png', 'audio/wav', 'application/pdf')
    .map((mimeType) => ({ inlineData: { mimeType, data: 'AAAA' } }));
  const fileData = fc.record({
    fileData: fc.record({ fileUri: fc.webUrl(), mimeType: fc.constant('video/mp4') }),
    videoMetadata: fc.constant({ fps: 2 }),
  });
  const userPart = fc.oneof(fc.record({ text: word }), media, fileData);
  const step = fc
    .record({
      user: fc.array(userPart, { minLength: 1, maxLength: 3 }),
      thought: fc.option(word, { nil: undefined }),
      thoughtSignature: signature,
      text: word,
      calls: fc.array(fc.record({ name: fc.constantFrom('f', 'g'), args: object, response: object }), { maxLength: 3 }),
      code: fc.boolean(),
    })
    .map(({ user, thought, thoughtSignature, text: words, calls, code }) => {
      const signed = thoughtSignature === undefined ? {} : { thoughtSignature };
      const model: object[] = thought === undefined ? [] : [{ text: thought, thought: true, ...signed }];
      model.push({ text: words });
      if (code) model.push({ executableCode: { language: 'PYTHON', code: words } });
      model.push(...calls.map(({ name, args }) => ({ functionCall: { name, args }, ...signed })));
      const results = calls.map(({ name, response }) => ({ functionResponse: { name, response } }));
      const turns: object[] = [
        { role: 'user', parts: user },
        { role: 'model', parts: model },
      ];
      if (results.length > 0) turns.push({ role: 'user', parts: results }, { role: 'model', parts: [{ text: 'ok' }] });
      return turns;
    });
  const request = fc.record(
    {
      contents: fc.array(step, { minLength: 1, maxLength: 3 }).map((turns) => turns.flat()),
      systemInstruction: fc.record({ parts: fc.array(fc.record({ text: word }), { minLength: 1, maxLength: 2 }) }),
      tools: fc.constant([
        {
          functionDeclarations: [
            { name: 'f', parameters: { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true } } } },
          ],
        },
        { googleSearch: {} },
      ]),
      safetySettings: fc.constant([{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }]),
      cachedContent: word,
      labels: object,
      generationConfig: fc.record(
        {
          temperature: fc.constantFrom(0, 1, 2),
          topK: fc.integer({ min: 1, max: 40 }),
          seed: fc.integer({ min: 0, max: 1000 }),
          thinkingConfig: fc.constant({ includeThoughts: true, thinkingBudget: 512 }),
          speechConfig: fc.constant({ voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } }),
          mediaResolution: fc.constant('MEDIA_RESOLUTION_LOW'),
        },
        { requiredKeys: ['seed'] },
      ),
    },
    { requiredKeys: ['contents'] },
  );

  test('gets the very request back that it sent, whatever is in it', () => {
    fc.assert(
      fc.property(request, (body) => {
        const { body: written, receipt } = gemini.writeRequest(
          gemini.readRequest(body as unknown as JsonObject),
          traits,
        );
        expect(written).toEqual(body);
        expect(receipt).toEqual({ dropped: [], changed: [] });
      }),
      { seed: 42, numRuns: 150 },
    );
  });
});
