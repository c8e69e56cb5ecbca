import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import { gemini } from './index.ts';

/**
 * Every field of GenerateContentRequest and its parts, as the official SDK and https://ai.google.dev/api list them.
 * `carried`: read into ModelRequest, so that another dialect sees it. `kept`: Gemini's own, told by its path in
 * `extras` or by a hosted tool. `own`: kept with the part or tool that it belongs to, as `extras` there, and named in
 * `unread` for every other dialect. Nothing may vanish.
 */
type Fate = 'carried' | 'kept' | 'own';

const request: [string, unknown, Fate][] = [
  ['systemInstruction', { parts: [{ text: 'S' }] }, 'carried'],
  ['tools', [{ functionDeclarations: [{ name: 'f' }] }], 'carried'],
  ['serviceTier', 'flex', 'carried'],
  ['safetySettings', [{ category: 'c', threshold: 't' }], 'kept'],
  ['cachedContent', 'cachedContents/1', 'kept'],
  ['labels', { a: 'b' }, 'kept'],
  ['store', false, 'kept'],
  ['modelArmorConfig', { promptTemplateName: 'x' }, 'kept'],
  ['generationOutputConfig', { x: 1 }, 'kept'],
  ['continuationToken', 'x', 'kept'],
  ['aFieldOfTomorrow', { x: 1 }, 'kept'],
  ['toolConfig.functionCallingConfig', { mode: 'ANY' }, 'carried'],
  ['toolConfig.functionCallingConfig.streamFunctionCallArguments', true, 'kept'],
  ['toolConfig.retrievalConfig', { languageCode: 'de' }, 'kept'],
  ['toolConfig.includeServerSideToolInvocations', true, 'kept'],
  ['generationConfig.stopSequences', ['x'], 'carried'],
  ['generationConfig.candidateCount', 2, 'carried'],
  ['generationConfig.maxOutputTokens', 3, 'carried'],
  ['generationConfig.temperature', 0, 'carried'],
  ['generationConfig.topP', 0.5, 'carried'],
  ['generationConfig.topK', 3, 'carried'],
  ['generationConfig.seed', 0, 'carried'],
  ['generationConfig.presencePenalty', 1, 'carried'],
  ['generationConfig.frequencyPenalty', 1, 'carried'],
  ['generationConfig.responseLogprobs', true, 'carried'],
  ['generationConfig.responseMimeType', 'application/json', 'carried'],
  ['generationConfig.responseSchema', { type: 'OBJECT' }, 'carried'],
  ['generationConfig.responseJsonSchema', { type: 'object' }, 'carried'],
  ['generationConfig.responseModalities', ['TEXT', 'IMAGE'], 'carried'],
  ['generationConfig.thinkingConfig', { includeThoughts: true, thinkingBudget: 1024 }, 'carried'],
  ['generationConfig.speechConfig', { languageCode: 'de' }, 'kept'],
  ['generationConfig.imageConfig', { aspectRatio: '1:1' }, 'kept'],
  ['generationConfig.mediaResolution', 'MEDIA_RESOLUTION_LOW', 'kept'],
  ['generationConfig.enableEnhancedCivicAnswers', true, 'kept'],
  ['generationConfig.enableAffectiveDialog', true, 'kept'],
  ['generationConfig.audioTimestamp', true, 'kept'],
  ['generationConfig.audioTranscriptionConfig', {}, 'kept'],
  ['generationConfig.translationConfig', {}, 'kept'],
  ['generationConfig.responseFormat', [{ x: 1 }], 'kept'],
  ['generationConfig.routingConfig', { autoMode: {} }, 'kept'],
  ['generationConfig.modelSelectionConfig', {}, 'kept'],
];

const parts: [string, JsonObject, Fate][] = [
  ['text', { text: 'x' }, 'carried'],
  ['thought', { text: 'x', thought: true }, 'carried'],
  ['thoughtSignature', { text: 'x', thoughtSignature: 'cw==' }, 'carried'],
  ['inlineData', { inlineData: { mimeType: 'image/png', data: 'AA==' } }, 'carried'],
  ['inlineData.displayName', { inlineData: { mimeType: 'image/png', data: 'AA==', displayName: 'a' } }, 'carried'],
  ['fileData', { fileData: { fileUri: 'https://a.example/a.pdf', mimeType: 'application/pdf' } }, 'carried'],
  ['fileData of Google', { fileData: { fileUri: 'gs://a/b.pdf', mimeType: 'application/pdf' } }, 'carried'],
  ['videoMetadata', { fileData: { fileUri: 'https://youtu.be/x' }, videoMetadata: { fps: 1 } }, 'own'],
  ['mediaResolution', { inlineData: { mimeType: 'image/png', data: '' }, mediaResolution: { level: 'x' } }, 'own'],
  ['mediaProcessing', { inlineData: { mimeType: 'image/png', data: '' }, mediaProcessing: { x: 1 } }, 'own'],
  ['partMetadata', { text: 'x', partMetadata: { a_b: 1 } }, 'own'],
  ['speechMetadata', { text: 'x', speechMetadata: { speaker: 'A' } }, 'own'],
  ['functionCall', { functionCall: { id: 'c', name: 'f', args: { a: 1 } } }, 'carried'],
  [
    'functionCall beside partMetadata',
    { functionCall: { id: 'c', name: 'f', args: {} }, partMetadata: { a: 1 } },
    'own',
  ],
  ['functionResponse', { functionResponse: { id: 'c', name: 'f', response: { a: 1 } } }, 'carried'],
  [
    'functionResponse.parts',
    {
      functionResponse: {
        id: 'c',
        name: 'f',
        response: { a: 1 },
        parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }],
      },
    },
    'carried',
  ],
  [
    'functionResponse.willContinue',
    { functionResponse: { id: 'c', name: 'f', response: { a: 1 }, willContinue: true } },
    'own',
  ],
  [
    'functionResponse.scheduling',
    { functionResponse: { id: 'c', name: 'f', response: { a: 1 }, scheduling: 'SILENT' } },
    'own',
  ],
  ['executableCode', { executableCode: { language: 'PYTHON', code: '1' } }, 'kept'],
  ['codeExecutionResult', { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } }, 'kept'],
  ['toolCall', { toolCall: { id: 't', toolType: 'x' } }, 'kept'],
  ['toolResponse', { toolResponse: { id: 't' } }, 'kept'],
  ['audioTranscription', { audioTranscription: { text: 'x' } }, 'kept'],
  ['aPartOfTomorrow', { aPartOfTomorrow: { x: 1 } }, 'kept'],
];

const tools: [string, JsonObject, Fate][] = [
  ['description', { functionDeclarations: [{ name: 'f', description: 'd' }] }, 'carried'],
  ['parameters', { functionDeclarations: [{ name: 'f', parameters: { type: 'OBJECT', properties: {} } }] }, 'carried'],
  [
    'parametersJsonSchema',
    { functionDeclarations: [{ name: 'f', parametersJsonSchema: { type: 'object' } }] },
    'carried',
  ],
  ['response', { functionDeclarations: [{ name: 'f', response: { type: 'STRING' } }] }, 'own'],
  ['responseJsonSchema', { functionDeclarations: [{ name: 'f', responseJsonSchema: { type: 'string' } }] }, 'own'],
  ['behavior', { functionDeclarations: [{ name: 'f', behavior: 'NON_BLOCKING' }] }, 'own'],
  ...[
    'googleSearch',
    'googleSearchRetrieval',
    'codeExecution',
    'urlContext',
    'computerUse',
    'fileSearch',
    'googleMaps',
    'retrieval',
    'enterpriseWebSearch',
    'exaAiSearch',
    'parallelAiSearch',
  ].map((name): [string, JsonObject, Fate] => [name, { [name]: { x: 1 } }, 'kept']),
  ['mcpServers', { mcpServers: [{ name: 'm' }] }, 'kept'],
];

const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }];
const traits = { model: 'gemini-2.5-flash' };

function place(path: string, value: unknown): JsonObject {
  const steps = path.split('.');
  const inner = steps.reduceRight<unknown>((held, step) => ({ [step]: held }), value);
  return inner as JsonObject;
}

describe('every field of a request', () => {
  test.each(request)('%s', (path, value, fate) => {
    const body = { contents, ...place(path, value) } as JsonObject;
    const read = gemini.readRequest(body);
    if (fate === 'kept') expect(read.extras[path]).toEqual(value);
    else {
      const { extras: _, wording: __, ...known } = read;
      const { extras: ___, wording: ____, ...bare } = gemini.readRequest({ contents });
      expect(known).not.toEqual(bare);
    }
    const own = gemini.writeRequest(read, traits);
    expect(own.receipt).toEqual({ dropped: [], changed: [] });
    if (!path.startsWith('toolConfig.functionCallingConfig.')) {
      expect(gemini.readRequest(own.body)).toEqual(read);
    }
    if (fate !== 'kept') return;
    // The way of every other dialect's writer: what is in `extras` is told by its path.
    const foreign = gemini.writeRequest({ ...read, origin: 'openai-chat' }, traits);
    expect(foreign.receipt.dropped).toContain(path);
  });

  test.each(parts)('part: %s', (_, part, fate) => {
    const isCall = part['functionCall'] !== undefined;
    const asks = { role: 'model', parts: [{ functionCall: { id: 'c', name: 'f', args: {} } }] };
    const turns = part['functionResponse'] === undefined ? contents : [...contents, asks];
    const body = {
      contents: [...turns, { role: isCall || part['thought'] ? 'model' : 'user', parts: [part] }],
    } as JsonObject;
    const read = gemini.readRequest(body);
    const got = read.messages.at(-1)!.parts.at(-1)!;
    expect(got.type === 'opaque').toBe(fate === 'kept');
    expect('extras' in got && got.extras !== undefined).toBe(fate === 'own');
    expect(read.unread.length > 0).toBe(fate === 'own');
    const own = gemini.writeRequest(read, traits);
    expect(own.receipt).toEqual({ dropped: [], changed: [] });
    const written = (own.body['contents'] as { parts: JsonObject[] }[]).at(-1)!.parts.at(-1);
    expect(written).toEqual(part);
    if (fate !== 'own') return;
    expect(gemini.writeRequest({ ...read, origin: 'openai-chat' }, traits).receipt.dropped).not.toEqual([]);
  });

  test.each(tools)('tool: %s', (_, tool, fate) => {
    const read = gemini.readRequest({ contents, tools: [tool] } as JsonObject);
    const got = read.tools[0]!;
    expect(got.type === 'hosted').toBe(fate === 'kept');
    expect(got.type === 'function' && got.extras !== undefined).toBe(fate === 'own');
    const own = gemini.writeRequest(read, traits);
    expect(own.body['tools']).toEqual([tool]);
    expect(own.receipt).toEqual({ dropped: [], changed: [] });
  });

  test('fields beside role and parts are read past, and told', () => {
    const read = gemini.readRequest({ contents: [{ ...contents[0]!, foo: 1 }] } as JsonObject);
    expect(read.unread).toEqual(['contents[0].foo']);
    const own = gemini.writeRequest(read, traits);
    expect(own.body['contents']).toEqual([{ ...contents[0]!, foo: 1 }]);
    expect(own.receipt).toEqual({ dropped: [], changed: [] });
    expect(gemini.writeRequest({ ...read, origin: 'openai-chat' }, traits).receipt.dropped).toEqual([
      'contents[0].foo',
    ]);
  });
});
