import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { nearestNames } from '../../core/nearest.ts';
import type { Author } from '../audit/author.ts';
import type { Answer } from './answer.ts';
import { check } from './read-request.ts';

/** One thing that can be asked of the management API. The table of these is what is served, and what `/openapi.json` tells. */
export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Beneath `/admin/v1`; `{id}` stands for one segment. */
  path: string;
  /** What may stand in the place of `{id}`, for people. Absent: an id. */
  idIs?: string;
  /** The name of the operation in generated clients, such as `createKey`. */
  name: string;
  /** One line for people. */
  title: string;
  /** The chapter it stands in. */
  chapter: string;
  /** True: it changes nothing, whatever its method; keys of the scope `read-only` may ask it. */
  isReading?: boolean;
  query?: z.ZodObject;
  /** Of POST and PATCH; absent: nothing may be said. */
  body?: z.ZodType;
  /** What it answers where all is well. */
  answers: { status: number; schema: z.ZodType; alsoCsv?: boolean };
  run(asked: Asked<unknown, unknown>): Answer | Promise<Answer>;
}

export interface Asked<Query, Body> {
  /** What stands in the place of `{id}`; empty where there is none. */
  id: string;
  query: Query;
  body: Body;
  author: Author;
}

type Nothing = z.ZodObject<Record<never, never>>;

/** A route whose `run` gets query and body as its schemas read them. */
export function route<Query extends z.ZodObject = Nothing, Body extends z.ZodType = Nothing>(
  described: Omit<Route, 'query' | 'body' | 'run'> & {
    query?: Query;
    body?: Body;
    run(asked: Asked<z.output<Query>, z.output<Body>>): Answer | Promise<Answer>;
  },
): Route {
  return described as Route;
}

export const BASE = '/admin/v1';

const nothing = z.strictObject({});

export interface FoundRoute {
  route: Route;
  /** Runs it. Throws `invalid_request` that names everything which is wrong with query and body. */
  run(asked: { query: URLSearchParams; body: () => unknown; author: Author }): Answer | Promise<Answer>;
}

/** Finds what is asked for. Throws `path_not_found`, naming the nearest path, or `method_not_allowed`. */
export function findRoute(routes: readonly Route[], method: string, path: string): FoundRoute {
  const segments = path.replace(/\/+$/, '').split('/');
  const here = routes.filter((one) => fits(one, segments));
  if (here.length === 0) throw notFound(routes, path);
  const wanted = method === 'HEAD' ? 'GET' : method;
  // `/audit/verify` before `/audit/{id}`.
  const found =
    here.find((one) => one.method === wanted && !one.path.includes('{id}')) ??
    here.find((one) => one.method === wanted);
  if (found === undefined) {
    const methods = here.map((one) => one.method).join(', ');
    throw new GatewayError('method_not_allowed', `${path.slice(0, 200)} takes ${methods}, not ${method}.`);
  }
  const place = `${BASE}${found.path}`.split('/').indexOf('{id}');
  const id = place === -1 ? '' : decode(segments[place]!);
  const takesBody = found.method === 'POST' || found.method === 'PATCH';
  return {
    route: found,
    run: ({ query, body, author }) =>
      found.run({
        id,
        query: found.query === undefined ? {} : check(found.query, Object.fromEntries(query)),
        body: takesBody ? check(found.body ?? nothing, body()) : {},
        author,
      }),
  };
}

function fits({ path }: Route, segments: string[]): boolean {
  const expected = `${BASE}${path}`.split('/');
  return (
    expected.length === segments.length &&
    expected.every((segment, index) => (segment === '{id}' ? segments[index] !== '' : segment === segments[index]))
  );
}

function notFound(routes: readonly Route[], path: string): GatewayError {
  const paths = [...new Set(routes.map((one) => BASE + one.path))];
  const [nearest] = nearestNames(path, paths, 1);
  const hint = nearest === undefined ? `There are: ${paths.join(', ')}.` : `Did you mean ${nearest}?`;
  return new GatewayError('path_not_found', `There is nothing at ${path.slice(0, 200)}. ${hint}`);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
