import type { JsonObject } from '../json.ts';
import type { CustomTool, FunctionTool, ToolChoice } from '../request.ts';
import { defined } from './fields.ts';
import { writeSchema } from './schema-subset.ts';
import { asWorded } from './wording.ts';
import { tellExtras } from './write-part.ts';
import type { Writing } from './write-request.ts';

/** Writes `tools`: functions that follow each other share one entry, and Google's own tools have one each. */
export function writeTools(writing: Writing): JsonObject[] | undefined {
  const { request, traits, receipt } = writing;
  if (request.tools.length === 0) return undefined;
  if (traits.takesTools === false) {
    receipt.dropped.push('tools');
    return undefined;
  }
  const written: JsonObject[] = [];
  let functions: JsonObject[] | undefined;
  for (const [at, tool] of request.tools.entries()) {
    if (tool.type === 'hosted') {
      functions = undefined;
      if (tool.origin === 'gemini') written.push(tool.value);
      else receipt.dropped.push(`tools[${at}] (${tool.label})`);
      continue;
    }
    if (functions === undefined) written.push({ functionDeclarations: (functions = []) });
    functions.push(tool.type === 'custom' ? writeCustom(writing, tool, at) : writeFunction(writing, tool, at));
  }
  return written.length === 0 ? undefined : written;
}

function writeFunction({ request, traits, receipt, names }: Writing, tool: FunctionTool, at: number): JsonObject {
  const { description, extras, parameters } = tool;
  const isOurs = request.origin === 'gemini';
  tellExtras(receipt, isOurs ? undefined : extras, `tools[${at}]`);
  const form = traits.takesJsonSchema === false ? 'openapi' : 'json';
  const declaration: JsonObject = defined({ name: names.write(tool.name), description });
  const own = asWorded(request, 'parameters', tool.name, parameters);
  if (own !== undefined) declaration['parameters'] = own;
  else if (parameters !== undefined) {
    const { schema, lost } = writeSchema(parameters, form);
    if (lost.length > 0) receipt.changed.push(`tools[${at}] schema: ${lost.join(', ')}`);
    // The OpenAPI form refuses an object without properties; a function without parameters has no schema there.
    const isEmpty = form === 'openapi' && Object.keys((schema['properties'] as JsonObject) ?? {}).length === 0;
    if (!isEmpty) declaration[form === 'json' ? 'parametersJsonSchema' : 'parameters'] = schema;
  }
  return isOurs ? { ...declaration, ...extras } : declaration;
}

/** The nearest thing to free text is a function with one text argument. */
function writeCustom({ receipt, names }: Writing, tool: CustomTool, at: number): JsonObject {
  tellExtras(receipt, tool.extras, `tools[${at}]`);
  receipt.changed.push(`tools[${at}] custom→function with one argument "input"`);
  if (tool.format !== undefined && tool.format['type'] !== 'text') receipt.dropped.push(`tools[${at}].format`);
  return defined({
    name: names.write(tool.name),
    description: tool.description,
    parametersJsonSchema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
  });
}

/** Writes `toolConfig`. Without any function Gemini refuses it. */
export function writeToolConfig({ request, receipt, names }: Writing): JsonObject | undefined {
  const choice = request.toolChoice;
  if (choice === undefined) return undefined;
  if (!request.tools.some((tool) => tool.type !== 'hosted') && request.origin !== 'gemini') {
    if (choice.type !== 'auto' && choice.type !== 'none') receipt.dropped.push('tool_choice');
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
