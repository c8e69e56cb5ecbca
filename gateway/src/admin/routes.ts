import { GatewayError } from '../core/errors.ts';
import { nearestNames } from '../core/nearest.ts';
import type { Answer } from './answer.ts';

export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Beneath `/admin/v1`; `{id}` stands for one segment. */
  path: string;
  run(asked: Asked): Answer | Promise<Answer>;
}

export interface Asked {
  /** What stands in the place of `{id}`; empty where there is none. */
  id: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
}

const BASE = '/admin/v1';

/** Finds what is asked for. Throws `path_not_found`, naming the nearest path, or `method_not_allowed`. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { run(asked: Omit<Asked, 'id'>): Answer | Promise<Answer> } {
  const segments = path.replace(/\/+$/, '').split('/');
  const here = routes.filter((route) => fits(route, segments));
  if (here.length === 0) throw notFound(routes, path);
  const wanted = method === 'HEAD' ? 'GET' : method;
  const route = here.find((one) => one.method === wanted);
  if (route === undefined) {
    const methods = here.map((one) => one.method).join(', ');
    throw new GatewayError('method_not_allowed', `${path.slice(0, 200)} takes ${methods}, not ${method}.`);
  }
  const place = `${BASE}${route.path}`.split('/').indexOf('{id}');
  const id = place === -1 ? '' : decode(segments[place]!);
  return { run: (asked) => route.run({ ...asked, id }) };
}

function fits({ path }: Route, segments: string[]): boolean {
  const expected = `${BASE}${path}`.split('/');
  return (
    expected.length === segments.length &&
    expected.every((segment, index) => (segment === '{id}' ? segments[index] !== '' : segment === segments[index]))
  );
}

function notFound(routes: readonly Route[], path: string): GatewayError {
  const paths = [...new Set(routes.map((route) => BASE + route.path))];
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
