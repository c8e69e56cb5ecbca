import { asList, asObject, asText, type JsonObject, parseJson } from './json.ts';

/** A tool that the request offers. */
export interface OfferedTool {
  name: string;
  schema: JsonObject;
}

/** The function tools of a request, whichever dialect it speaks. */
export function readTools(body: JsonObject): OfferedTool[] {
  const listed = [...asList(body['tools']), ...asList(asObject(body['toolConfig'])['tools'])].map(asObject);
  return listed.flatMap((tool) => {
    const declared = tool['functionDeclarations'] ?? tool['function_declarations'];
    if (Array.isArray(declared)) return declared.flatMap((each) => readTool(asObject(each)));
    return readTool(asObject(tool['function'] ?? tool['toolSpec'] ?? tool));
  });
}

function readTool(tool: JsonObject): OfferedTool[] {
  const name = asText(tool['name']);
  if (name === undefined) return [];
  const schema = tool['parameters'] ?? tool['parametersJsonSchema'] ?? tool['input_schema'] ?? tool['inputSchema'];
  return [{ name, schema: asObject(asObject(schema)['json'] ?? schema) }];
}

/** The tools that must be called: the one named, or the first one where any will do; none where the model may choose. */
export function readToolDemand(body: JsonObject, tools: OfferedTool[]): OfferedTool[] {
  const demand = readDemand(body);
  if (demand === undefined) return [];
  if (demand === 'any') return tools.slice(0, 1);
  return tools.filter((tool) => tool.name === demand.name);
}

function readDemand(body: JsonObject): 'any' | { name: string } | undefined {
  const google = asObject(asObject(body['toolConfig'])['functionCallingConfig']);
  if (google['mode'] === 'ANY') {
    const name = asText(asList(google['allowedFunctionNames'])[0]);
    return name === undefined ? 'any' : { name };
  }
  const choice = body['tool_choice'] ?? asObject(body['toolConfig'])['toolChoice'];
  if (choice === 'required') return 'any';
  const said = asObject(choice);
  const name = asText(asObject(said['function'] ?? said['tool'] ?? said)['name']);
  if (name !== undefined) return { name };
  return said['type'] === 'any' || said['any'] !== undefined ? 'any' : undefined;
}

/** The JSON schema that a request binds the answer's text to, whichever dialect it speaks. */
export function readJsonSchema(body: JsonObject): unknown {
  const google = asObject(body['generationConfig']);
  return (
    asObject(asObject(body['response_format'])['json_schema'])['schema'] ??
    asObject(asObject(body['text'])['format'])['schema'] ??
    asObject(asObject(body['output_config'])['format'])['schema'] ??
    google['responseJsonSchema'] ??
    google['responseSchema'] ??
    readConverseSchema(body)
  );
}

/** Bedrock's Converse API holds the schema as JSON text. */
function readConverseSchema(body: JsonObject): unknown {
  const format = asObject(asObject(body['outputConfig'])['textFormat']);
  const schema = asText(asObject(asObject(format['structure'])['jsonSchema'])['schema']);
  return schema === undefined ? undefined : parseJson(schema);
}

/** The smallest value that a plain schema accepts; strings say `word`. */
export function sampleOf(schema: unknown, word: string): unknown {
  const { type, enum: allowed, properties, required, items, minItems } = asObject(schema);
  if (Array.isArray(allowed)) return allowed[0];
  switch (String(Array.isArray(type) ? type[0] : (type ?? 'object')).toLowerCase()) {
    case 'string':
      return word;
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return Array.from({ length: Number(minItems ?? 0) }, () => sampleOf(items, word));
    default:
      return Object.fromEntries(asList(required).map((key) => [key, sampleOf(asObject(properties)[`${key}`], word)]));
  }
}
