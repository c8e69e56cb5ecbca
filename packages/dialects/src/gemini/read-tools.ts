import { isObject, type Json, type JsonObject } from '../json.ts';
import type { FunctionTool, HostedTool, Tool } from '../request.ts';
import { defined, objectsOf, textOf } from './fields.ts';
import { keepExtras } from './read-part.ts';
import { readSchema } from './schema-read.ts';

const READ = new Set(['name', 'description', 'parameters', 'parametersJsonSchema']);

/**
 * Reads `tools`. One entry may hold functions and Google's own tools together; each becomes a tool of its own.
 * `wording` takes the `parameters` of functions that were declared in Gemini's own schema language, by name.
 */
export function readTools(tools: Json | undefined, unread: string[], wording: JsonObject): Tool[] {
  return objectsOf(tools).flatMap((tool, at) => {
    return Object.entries(tool).flatMap(([key, value]): Tool[] => {
      if (key === 'functionDeclarations')
        return objectsOf(value).map((declaration, index) => {
          return readFunction(declaration, `tools[${at}].${key}[${index}]`, unread, wording);
        });
      if (value === undefined) return [];
      return [hosted(key, value)];
    });
  });
}

function hosted(label: string, value: Json): HostedTool {
  return { type: 'hosted', origin: 'gemini', label, value: { [label]: value } };
}

function readFunction(declaration: JsonObject, path: string, unread: string[], wording: JsonObject): FunctionTool {
  const { parametersJsonSchema, parameters } = declaration;
  const name = textOf(declaration['name']) ?? '';
  if (isObject(parameters) && !isObject(parametersJsonSchema)) wording[name] = parameters;
  return defined({
    type: 'function' as const,
    name,
    description: textOf(declaration['description']),
    parameters: isObject(parametersJsonSchema)
      ? parametersJsonSchema
      : isObject(parameters)
        ? readSchema(parameters)
        : undefined,
    ...keepExtras(declaration, READ, path, unread),
  });
}
