import type { IncomingMessage, ServerResponse } from 'node:http';
import { readCredentials } from '../auth/credentials.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { createIds } from '../core/ids.ts';
import { type Answer, asRefusal, sendAnswer } from './answer.ts';
import { createIdempotency } from './idempotency.ts';
import { keyRoutes } from './keys.ts';
import type { Management } from './management.ts';
import { readBytes, readObject } from './read-request.ts';
import { findRoute } from './routes.ts';
import { type GatewayView, viewRoutes } from './views.ts';

export interface AdminDeps {
  management: Management;
  /** What is to be seen of the gateway as it runs. */
  view: GatewayView;
  clock: Clock;
  log: { info(facts: object, message: string): void; error(facts: object, message: string): void };
}

/** The management API under `/admin/v1`, on the admin key or the local token alone. Never logs a secret. */
export function createAdmin({
  management,
  view,
  clock,
  log,
}: AdminDeps): (request: IncomingMessage, response: ServerResponse) => void {
  const routes = [...keyRoutes({ keys: management.keys, clock }), ...viewRoutes(view)];
  const idempotency = createIdempotency(clock);
  const nextId = createIds('admin');

  async function answer(request: IncomingMessage): Promise<Answer> {
    refuseStranger(management, request);
    const url = new URL(request.url ?? '/', 'http://gateway');
    const found = findRoute(routes, request.method ?? 'GET', url.pathname);
    if (request.method !== 'POST' && request.method !== 'PATCH')
      return found.run({ query: url.searchParams, body: {} });
    const bytes = await readBytes(request);
    const run = () => found.run({ query: url.searchParams, body: readObject(bytes) });
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST' || typeof key !== 'string' || key === '') return run();
    return idempotency.once({ key, place: url.pathname, bytes, run });
  }

  async function serve(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    let told: Answer;
    try {
      told = await answer(request);
    } catch (error) {
      if (!(error instanceof GatewayError)) log.error({ err: error, id }, 'the management API failed');
      told = asRefusal(error, id);
    }
    if (response.destroyed) return;
    sendAnswer(request, response, told, id);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      log.info({ id, method: request.method, path: pathOf(request), status: told.status }, 'management');
    }
  }

  return (request, response) => {
    const id = nextId();
    serve(request, response, id).catch((error) => {
      log.error({ err: error, id }, 'an answer of the management API could not be sent');
      response.destroy();
    });
  };
}

function refuseStranger(management: Management, { headers }: IncomingMessage): void {
  if (management.isAdmin(headers)) return;
  if (management.isAppKey(headers)) {
    throw new GatewayError('not_allowed', 'This is a key for models. The management API takes the admin key alone.');
  }
  if (readCredentials(headers).length === 0) {
    throw new GatewayError(
      'missing_api_key',
      'The management API takes the admin key: `Authorization: Bearer xd-admin-…` (or `x-api-key`).',
    );
  }
  throw new GatewayError('invalid_api_key', 'This is not the admin key.');
}

/** Without the query: people put secrets there. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0]!.slice(0, 200);
}
