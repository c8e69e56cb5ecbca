import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type AnAdmin, anAdmin } from '../../../test/an-admin.ts';
import { managementRoutes } from '../management-routes.ts';
import { createOpenApi } from './openapi.ts';
import { BASE, type Route } from './routes.ts';

type Json = { [key: string]: unknown };
interface Document extends Json {
  paths: {
    [path: string]: { [method: string]: Json & { operationId: string; parameters?: Json[]; requestBody?: Json } };
  };
  components: { schemas: { [name: string]: Json } };
}

let admin: AnAdmin;
let document: Document;
let routes: Route[];

beforeAll(async () => {
  admin = await anAdmin();
  document = (await (await fetch(`${admin.url}/openapi.json`)).json()) as Document;
  const { management, clock } = admin;
  routes = managementRoutes({ management, clock, view: undefined as never });
});

afterAll(() => admin[Symbol.asyncDispose]());

test('is given to everybody, as OpenAPI 3.1', () => {
  expect(document).toMatchObject({
    openapi: '3.1.0',
    info: { version: '1.2.3' },
    security: [{ bearer: [] }, { apiKey: [] }],
  });
});

test('has every route that is served, and no other', () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(routes.map(({ method, path }) => `${method} ${BASE}${path}`).sort());
  expect(described.length).toBeGreaterThan(35);
});

test('gives every operation a name of its own, and says how it may end', () => {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const { operationId, responses, summary } of operations) {
    const statuses = Object.keys(responses as Json);
    expect(
      statuses.filter((status) => status < '300'),
      operationId,
    ).toHaveLength(1);
    expect(statuses, operationId).toEqual(expect.arrayContaining(['400', '401', '403']));
    expect(summary, operationId).toMatch(/\.$/);
  }
});

test('points at nothing that is not there, and holds nothing that is not pointed at', () => {
  const text = JSON.stringify(document);
  const pointed = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!));
  for (const ref of pointed) expect(ref).toMatch(/^#\/components\/schemas\/\w+$/);
  const names = [...pointed].map((ref) => ref.split('/').at(-1)!);
  expect(names.sort()).toEqual(Object.keys(document.components.schemas).sort());
  expect(text).not.toContain('$defs');
});

test('names each part of a path as a parameter', () => {
  for (const [path, methods] of Object.entries(document.paths))
    for (const { parameters = [], operationId } of Object.values(methods)) {
      const inPath = parameters.filter((parameter) => parameter['in'] === 'path').map(({ name }) => name);
      expect(inPath, operationId).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
});

test('says what a request may hold, with what is required', () => {
  const { KeyWish, KeyChange, Key } = document.components.schemas as Record<
    string,
    { required?: string[]; properties: Json; additionalProperties?: boolean }
  >;
  expect(KeyWish!.required).toEqual(['name']);
  expect(KeyWish!.additionalProperties).toBe(false);
  expect(KeyChange!.required).toBeUndefined();
  expect(Object.keys(KeyWish!.properties)).toEqual(expect.arrayContaining(['ips', 'scopes', 'limits', 'expires_in']));
  // Clients must bear fields that later versions add.
  expect(Key!.additionalProperties).toBeUndefined();
  const { parameters } = document.paths['/admin/v1/keys']!['post']!;
  expect(parameters).toMatchObject([{ name: 'Idempotency-Key', in: 'header', required: false }]);
  const list = document.paths['/admin/v1/keys']!['get']!.parameters!.map(({ name }) => name);
  expect(list).toEqual(expect.arrayContaining(['limit', 'cursor', 'team', 'status']));
});

test('refuses a name for what reads one way in a request and another in an answer', () => {
  const schema = z.strictObject({ x: z.string() }).meta({ id: 'ReadTwice' });
  const twice: Route = {
    ...{ method: 'POST', path: '/x', name: 'x', title: 'X.', chapter: 'X', body: schema },
    answers: { status: 200, schema },
    run: () => ({ status: 200, body: {} }),
  };
  expect(() => createOpenApi([twice], '1')).toThrow('Two schemas are named ReadTwice.');
});
