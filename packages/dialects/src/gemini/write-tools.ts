import { toolPlace, wordOf } from '../client-words.ts';
import type { JsonObject } from '../json.ts';
import type { CustomTool, FunctionTool, ToolChoice } from '../request.ts';
import { defined } from './fields.ts';
import { writeSchema } from './schema-subset.ts';
import { asWorded } from './wording.ts';
import type { Writing } from './write-request.ts';

/** Writes `tools`: functions that follow each other share one entry, and Google's own tools have one each. */
export function writeTools(writing: Writing): JsonObject[] | undefined {
  const { request, traits, notes } = writing;
  if (request.tools.length === 0) return undefined;
  if (traits.takesTools === false) {
    notes.dropped(wordOf(request, 'tools'));
    return undefined;
  }
  const written: JsonObject[] = [];
  let functions: JsonObject[] | undefined;
  for (const [at, tool] of request.tools.entries()) {
    if (tool.type === 'hosted') {
      functions = undefined;
      if (tool.origin === 'gemini') written.push(tool.value);
      else notes.dropped(`${toolPlace(request, at)} (${tool.label})`);
      continue;
    }
    if (functions === undefined) written.push({ functionDeclarations: (functions = []) });
    functions.push(tool.type === 'custom' ? writeCustom(writing, tool, at) : writeFunction(writing, tool, at));
  }
  return written.length === 0 ? undefined : written;
}

function writeFunction({ request, traits, notes, names }: Writing, tool: FunctionTool, at: number): JsonObject {
  const { description, extras, parameters } = tool;
  const isOurs = request.origin === 'gemini';
  // Calls are held to their schema only in modes that other choices need.
  if (tool.strict === true) notes.changed(`${toolPlace(request, at)}.strict true→false`);
  const form = traits.takesJsonSchema === false ? 'openapi' : 'json';
  const declaration: JsonObject = defined({ name: names.write(tool.name), description });
  const own = asWorded(request, 'parameters', tool.name, parameters);
  if (own !== undefined) declaration['parameters'] = own;
  else if (parameters !== undefined) {
    const { schema, lost } = writeSchema(parameters, form);
    if (lost.length > 0) notes.changed(`${toolPlace(request, at)} schema: ${lost.join(', ')}`);
    // The OpenAPI form refuses an object without properties; a function without parameters has no schema there.
    const isEmpty = form === 'openapi' && Object.keys((schema['properties'] as JsonObject) ?? {}).length === 0;
    if (!isEmpty) declaration[form === 'json' ? 'parametersJsonSchema' : 'parameters'] = schema;
  }
  return isOurs ? { ...declaration, ...extras } : declaration;
}

/** The nearest thing to free text is a function with one text argument. */
function writeCustom({ request, notes, names }: Writing, tool: CustomTool, at: number): JsonObject {
  const place = toolPlace(request, at);
  notes.changed(`${place} custom→function with one argument "input"`);
  if (tool.format !== undefined && tool.format['type'] !== 'text') notes.dropped(`${place}.format`);
  return defined({
    name: names.write(tool.name),
    description: tool.description,
    parametersJsonSchema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
  });
}

/** Writes `toolConfig`. Without any function Gemini refuses it. */
export function writeToolConfig({ request, traits, notes, names }: Writing): JsonObject | undefined {
  const choice = request.toolChoice;
  if (choice === undefined || traits.takesTools === false) return undefined;
  if (!request.tools.some((tool) => tool.type !== 'hosted') && request.origin !== 'gemini') {
    if (choice.type !== 'auto' && choice.type !== 'none') notes.dropped(wordOf(request, 'toolChoice'));
    return undefined;
  }
  return { functionCallingConfig: writeChoice(choice, names.write) };
}

function writeChoice(choice: ToolChoice, nameOf: (name: string) => string): JsonObject {
  switch (choice.type) {
    case 'auto':
      return { mode: 'AUTO' };
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [nameOf(choice.name)] };
    case 'allowed':
      return {
        mode: choice.mode === 'required' ? 'ANY' : 'VALIDATED',
        allowedFunctionNames: choice.names.map(nameOf),
      };
  }
}
