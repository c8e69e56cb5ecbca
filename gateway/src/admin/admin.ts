import type { IncomingMessage, ServerResponse } from 'node:http';
import { plainAddress } from '../auth/address-list.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { createIds } from '../core/ids.ts';
import { type Answer, asRefusal, sendAnswer } from './api/answer.ts';
import { createIdempotency } from './api/idempotency.ts';
import { createOpenApi } from './api/openapi.ts';
import { readBytes, readObject } from './api/read-request.ts';
import { type FoundRoute, findRoute, type Route } from './api/routes.ts';
import type { Author } from './audit/author.ts';
import type { Management, Manager } from './management.ts';
import { managementRoutes } from './management-routes.ts';
import type { GatewayView } from './views.ts';

export interface AdminDeps {
  management: Management;
  /** What is to be seen of the gateway as it runs. */
  view: GatewayView;
  clock: Clock;
  log: { info(facts: object, message: string): void; error(facts: object, message: string): void };
  /** The client's own address, for keys that are bound to addresses and for the audit. Default: the socket's. */
  addressOf?: (request: IncomingMessage) => string | undefined;
  /** What other rooms have to be managed. */
  moreRoutes?: readonly Route[];
}

/** Where the document stands that tells all of this. */
export const OPENAPI_PATH = '/openapi.json';

/** The management API under `/admin/v1`, on the admin key, the local token or a management key, and its description at `/openapi.json`, for everybody. Never logs a secret. */
export function createAdmin({
  management,
  view,
  clock,
  log,
  addressOf = socketAddress,
  moreRoutes = [],
}: AdminDeps): (request: IncomingMessage, response: ServerResponse) => void {
  const routes = managementRoutes({ management, view, clock, moreRoutes });
  let description: object | undefined;
  const idempotency = createIdempotency(clock);
  const nextId = createIds('admin');

  async function answer(request: IncomingMessage, id: string): Promise<Answer> {
    const url = new URL(request.url ?? '/', 'http://gateway');
    const method = request.method ?? 'GET';
    if (url.pathname === OPENAPI_PATH && (method === 'GET' || method === 'HEAD')) {
      description ??= createOpenApi(routes, view.status().version);
      return { status: 200, body: description };
    }
    const address = addressOf(request);
    const manager = await identify({ headers: request.headers, address });
    const found = findRoute(routes, method, url.pathname);
    refuseReader(manager, found.route);
    const { mayChange: _, ...actor } = manager;
    const author: Author = { ...actor, requestId: id, ...(address !== undefined && { remoteAddress: address }) };
    if (method !== 'POST' && method !== 'PATCH') {
      return found.run({ query: url.searchParams, body: () => ({}), author });
    }
    return change(request, { found, author, url });
  }

  /** Other nodes may have made or ended the key, and what is asked for, a moment ago. */
  async function identify(asked: Parameters<Management['identify']>[0]): Promise<Manager> {
    // Strangers are not to keep the store busy.
    const manager = management.identify(asked);
    return (await catchUp()) ? management.identify(asked) : manager;
  }

  /** With a store that is ill, what is known can still be shown; changes will fail by themselves. */
  async function catchUp(): Promise<boolean> {
    try {
      return await management.catchUp();
    } catch (error) {
      log.error({ err: error }, 'the changes of other nodes could not be read');
      return false;
    }
  }

  async function change(
    request: IncomingMessage,
    { found, author, url }: { found: FoundRoute; author: Author; url: URL },
  ): Promise<Answer> {
    const bytes = await readBytes(request);
    const run = () => found.run({ query: url.searchParams, body: () => readObject(bytes), author });
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST' || typeof key !== 'string' || key === '') return run();
    const owner = author.actorId ?? author.actor;
    return idempotency.once({ key, owner, place: url.pathname, bytes, run });
  }

  async function serve(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    let told: Answer;
    try {
      told = await answer(request, id);
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

function refuseReader({ mayChange, actor }: Manager, { method, isReading = method === 'GET' }: Route): void {
  if (mayChange || isReading) return;
  throw new GatewayError(
    'not_allowed',
    `The API key "${actor}" may read in the management API and change nothing. That takes the scope "management", or the admin key.`,
  );
}

function socketAddress({ socket }: IncomingMessage): string | undefined {
  return socket.remoteAddress === undefined ? undefined : plainAddress(socket.remoteAddress);
}

/** Without the query: people put secrets there. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0]!.slice(0, 200);
}
