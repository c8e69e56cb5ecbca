import { z } from 'zod';
import { ERRORS } from '../../core/errors.ts';
import { BASE, type Route } from './routes.ts';

type Json = { [key: string]: unknown };

const SECURITY = [{ bearer: [] }, { apiKey: [] }];

/** The errors that every operation may answer, by status. */
const REFUSALS: Record<number, string> = {
  400: 'Something in the request is wrong; the message names all of it.',
  401: 'There is no key, or not one that is known.',
  403: 'The key is good, but not for this.',
  404: 'There is no such thing.',
  409: 'The name is taken, or the thing has changed meanwhile.',
};

/** The OpenAPI 3.1 document of these routes, made of the very schemas that read requests. */
export function createOpenApi(routes: readonly Route[], version: string): Json {
  const schemas: Json = { Error: errorSchema() };
  const paths: { [path: string]: Json } = {};
  for (const route of routes) {
    const path = (paths[BASE + route.path] ??= {});
    path[route.method.toLowerCase()] = operationOf(route, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'XiDao Gateway: management API',
      version,
      description:
        'Keys, organisations, teams, projects, users and the audit of every change. Lists come in pages; a POST with an `Idempotency-Key` is done once, and answered alike for a day.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: SECURITY,
    tags: [...new Set(routes.map(({ chapter }) => chapter))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'The admin key, or a key of the scope `management` or `read-only`.',
        },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
      schemas,
    },
  };
}

function operationOf(route: Route, schemas: Json): Json {
  const parameters = [...pathParameters(route), ...queryParameters(route, schemas), ...headerParameters(route)];
  const takesBody = route.body !== undefined;
  return {
    operationId: route.name,
    summary: route.title,
    tags: [route.chapter],
    ...(parameters.length > 0 && { parameters }),
    ...(takesBody && {
      requestBody: { required: isRequired(route.body!), content: jsonOf(schemaOf(route.body!, 'input', schemas)) },
    }),
    responses: {
      [route.answers.status]: {
        description: 'All is well.',
        content: {
          ...jsonOf(schemaOf(route.answers.schema, 'output', schemas)),
          ...(route.answers.alsoCsv === true && { 'text/csv': { schema: { type: 'string' } } }),
        },
      },
      ...refusalsOf(route),
    },
  };
}

function refusalsOf({ method, path }: Route): Json {
  const statuses = Object.keys(REFUSALS)
    .map(Number)
    .filter((status) => (status !== 404 || path.includes('{id}')) && (status !== 409 || method !== 'GET'));
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: REFUSALS[status], content: jsonOf({ $ref: '#/components/schemas/Error' }) },
    ]),
  );
}

function jsonOf(schema: Json): Json {
  return { 'application/json': { schema } };
}

/** A body without which the operation makes no sense. */
function isRequired(body: z.ZodType): boolean {
  return !body.safeParse({}).success;
}

function pathParameters({ path, idIs = 'The id.' }: Route): Json[] {
  if (!path.includes('{id}')) return [];
  return [{ name: 'id', in: 'path', description: idIs, required: true, schema: { type: 'string' } }];
}

function queryParameters({ query }: Route, schemas: Json): Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input', schemas) as {
    properties?: { [name: string]: Json };
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description !== undefined && { description }),
    required: required.includes(name),
    schema,
  }));
}

function headerParameters({ method }: Route): Json[] {
  if (method !== 'POST') return [];
  const description = 'The same key and request again get the same answer for 24 hours, and nothing is done twice.';
  return [
    { name: 'Idempotency-Key', in: 'header', description, required: false, schema: { type: 'string', maxLength: 255 } },
  ];
}

/** The JSON Schema of a schema; what has a name of its own goes among the components. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const {
    $schema: _,
    $defs = {},
    ...own
  } = z.toJSONSchema(schema, {
    io,
    override({ jsonSchema }) {
      // Clients must bear a field that a later version adds to an answer.
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      delete jsonSchema.id;
    },
  }) as Json & { $defs?: { [name: string]: Json } };
  for (const [name, defined] of Object.entries($defs)) {
    const inPlace = pointToComponents(defined);
    if (schemas[name] !== undefined && JSON.stringify(schemas[name]) !== JSON.stringify(inPlace)) {
      throw new Error(`Two schemas are named ${name}.`);
    }
    schemas[name] = inPlace;
  }
  return pointToComponents(own) as Json;
}

function pointToComponents(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(pointToComponents);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string'
        ? value.replace('#/$defs/', '#/components/schemas/')
        : pointToComponents(value),
    ]),
  );
}

function errorSchema(): Json {
  return {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['message', 'type', 'code', 'param'],
        properties: {
          message: { type: 'string', description: 'What is wrong, and what to do.' },
          type: { type: 'string' },
          code: { type: 'string', enum: Object.keys(ERRORS), description: 'Stable.' },
          param: { type: ['string', 'null'], description: 'The field that it is about.' },
        },
      },
    },
  };
}
