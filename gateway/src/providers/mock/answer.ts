import type { JsonObject, ModelEvent, ModelRequest, Part, Usage } from '@xidao/dialects';
import { makeInstance } from './make-instance.ts';

const LOREM =
  'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua. ' +
  'Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat.';

/** What the mock says, as events. */
export function answerAsk(request: ModelRequest, model: string): ModelEvent[] {
  const said = contentFor(request, model);
  const usage: Usage = {
    inputTokens: countTokens(request),
    outputTokens: countText(said.text ?? said.call?.arguments ?? ''),
  };
  return [
    { type: 'start', model: `mock/${model}` },
    ...blocks(said),
    { type: 'usage', usage },
    finish(said, request),
    { type: 'end' },
  ];
}

interface Said {
  text?: string;
  call?: { id: string; name: string; arguments: string };
}

function contentFor(request: ModelRequest, model: string): Said {
  if (model === 'lorem') return { text: LOREM };
  if (model === 'tools') return callFirstTool(request);
  if (model === 'json') return { text: JSON.stringify(makeInstance(schemaOf(request))) };
  return { text: lastUserText(request) };
}

function schemaOf(request: ModelRequest): JsonObject {
  return request.output?.type === 'json-schema'
    ? request.output.schema
    : { type: 'object', properties: { mock: { type: 'string' } }, required: ['mock'] };
}

/** One call, then, once its result is there, a sentence about it: the loop of an agent comes to an end. */
function callFirstTool(request: ModelRequest): Said {
  const result = lastToolResult(request);
  if (result !== undefined) return { text: `The tool answered: ${result}` };
  const tool = request.tools.find((offered) => offered.type === 'function');
  if (tool === undefined) return { text: 'No tool was offered.' };
  return {
    call: {
      id: `call_mock_${request.messages.length}`,
      name: tool.name,
      arguments: JSON.stringify(makeInstance(tool.parameters ?? { type: 'object' })),
    },
  };
}

function lastToolResult(request: ModelRequest): string | undefined {
  const parts = request.messages.at(-1)?.parts ?? [];
  const result = parts.findLast((part) => part.type === 'tool-result');
  return result === undefined ? undefined : textOf(result.parts);
}

function lastUserText(request: ModelRequest): string {
  const message = request.messages.findLast(({ role }) => role === 'user');
  return message === undefined ? '' : textOf(message.parts);
}

function textOf(parts: Part[]): string {
  return parts
    .filter((part) => part.type === 'text')
    .map((part) => part.text)
    .join('\n');
}

function blocks({ text, call }: Said): ModelEvent[] {
  if (call !== undefined) {
    const middle = Math.ceil(call.arguments.length / 2);
    const pieces = [call.arguments.slice(0, middle), call.arguments.slice(middle)].filter((piece) => piece !== '');
    return [
      { type: 'tool-call-start', choice: 0, block: 0, id: call.id, name: call.name },
      ...pieces.map((piece): ModelEvent => ({ type: 'tool-call-delta', choice: 0, block: 0, arguments: piece })),
      { type: 'tool-call-end', choice: 0, block: 0 },
    ];
  }
  const words = (text ?? '').match(/\s*\S+\s*$|\s*\S+/g) ?? [];
  return [
    { type: 'text-start', choice: 0, block: 0 },
    ...words.map((word): ModelEvent => ({ type: 'text-delta', choice: 0, block: 0, text: word })),
    { type: 'text-end', choice: 0, block: 0 },
  ];
}

function finish({ call, text }: Said, request: ModelRequest): ModelEvent {
  if (call !== undefined) return { type: 'finish', choice: 0, reason: 'tool-calls' };
  const isCut = request.maxOutputTokens !== undefined && countText(text ?? '') > request.maxOutputTokens;
  return { type: 'finish', choice: 0, reason: isCut ? 'length' : 'stop' };
}

/** All text of a request by the mock's own measure: four characters are a token. */
export function countTokens(request: ModelRequest): number {
  const text = request.messages.flatMap(({ parts }) => parts.map(partText)).join('');
  const tools = request.tools.length === 0 ? '' : JSON.stringify(request.tools);
  return countText(text + tools);
}

function partText(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text;
    case 'tool-call':
      return part.name + part.arguments;
    case 'tool-result':
      return part.parts.map(partText).join('');
    case 'reasoning':
      return part.text ?? '';
    default:
      return '';
  }
}

export function countText(text: string): number {
  return text === '' ? 0 : Math.max(1, Math.ceil(text.length / 4));
}
