import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { createIds } from '../core/ids.ts';
import { serveDashboard } from '../dashboard/serve-dashboard.ts';
import { handleCall, refuseCall } from '../pipeline/handle-call.ts';
import type { Rooms } from '../pipeline/rooms.ts';
import { allowPage, answerPreflight } from './cors.ts';
import { createHeartbeat } from './heartbeat.ts';
import { answerModels, type ModelsRoom } from './models.ts';
import { type CallRoute, type OpenCall, openCall } from './read-call.ts';
import { refuse } from './refusal.ts';
import { answerResponses, type ResponsesRoom } from './responses.ts';
import { dialectOfPath, findRoute, type Route } from './routes.ts';
import { createClient } from './send-reply.ts';
import { WholeRequest } from './whole-request.ts';

/** What the server serves at this moment; another one after a reload. */
export interface Serving {
  rooms: Rooms;
  models: ModelsRoom;
  responses: ResponsesRoom;
  bodyLimit: number;
  corsOrigins: readonly string[];
  /** Streams end with a comment that tells their cost, also where the client does not ask. */
  tellsCost: boolean;
  /** The client's own address, behind proxies that are trusted. */
  addressOf(request: IncomingMessage): string;
  metrics: { path: string; mayRead(request: IncomingMessage): boolean } | undefined;
}

export interface ServerDeps {
  /** Asked once for each request: a reload changes what the next one gets. */
  serving(): Serving;
  admin(request: IncomingMessage, response: ServerResponse): void;
  exposeMetrics(): Promise<{ contentType: string; text: string }>;
  notePath(path: string): void;
  /** Undefined: ready. Else what is missing. */
  whyNotReady(): string | undefined;
  clock: Clock;
  version: string;
  /** Something that no room could answer for. */
  onFault(error: unknown, id: string): void;
  keepAliveMs: number;
  /** How often requests that arrive too slowly are looked for, in milliseconds. */
  slowCheckMs?: number;
}

/** More paths than this are not remembered at once; Gemini's hold model names. */
const MOST_ROUTES = 2000;
const HEADER_BYTES = 16 * 1024;

/** The listener of the data plane and the operations; everything under `/admin` is handed on. */
export function createGatewayServer(deps: ServerDeps): Server {
  const nextId = createIds('call');
  const heartbeat = createHeartbeat(deps.keepAliveMs);
  const routes = new Map<string, Route>();

  function routeOf(path: string): Route {
    const known = routes.get(path);
    if (known !== undefined) return known;
    const route = findRoute(path);
    if (routes.size >= MOST_ROUTES) routes.clear();
    routes.set(path, route);
    return route;
  }

  async function serveCall(
    request: IncomingMessage,
    response: ServerResponse,
    head: { route: CallRoute; path: string; query: string },
  ): Promise<void> {
    const { route, path, query } = head;
    const id = nextId();
    const { rooms, bodyLimit, addressOf, tellsCost } = deps.serving();
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      const error = new GatewayError('method_not_allowed', `${path} takes POST, not ${request.method}.`);
      return refuseEarly(request, response, error, { dialect: route.dialect, id });
    }
    if (route.tolerated) deps.notePath(path);
    const call = openCall(request, response, { id, route, path, query, remoteAddress: addressOf(request) }, deps.clock);
    const client = createClient(response, call, heartbeat, tellsCost);
    try {
      const wrong = await readWhole(call, bodyLimit);
      if (wrong === undefined) await handleCall(rooms, call, client);
      else refuseCall(rooms, call, client, wrong);
    } catch (error) {
      refuseEarly(request, response, error, { dialect: route.dialect, id });
    }
  }

  /** A request that never became a call: its path or method was wrong, or the journey itself failed. */
  function refuseEarly(
    request: IncomingMessage,
    response: ServerResponse,
    error: unknown,
    { dialect, id }: { dialect: CallRoute['dialect']; id: string },
  ): void {
    if (!(error instanceof GatewayError)) deps.onFault(error, id);
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const refusal = refuse(error, dialect, id);
    // What is still coming of the body is not read; the connection ends with the answer.
    if (!request.complete) response.setHeader('connection', 'close');
    response.writeHead(refusal.status, {
      ...refusal.headers,
      'content-length': refusal.body.length,
      'x-request-id': id,
      'request-id': id,
      'x-xidao-request-id': id,
    });
    response.end(refusal.body);
    if (!request.complete) request.resume();
  }

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    const query = mark === -1 ? '' : url.slice(mark + 1);
    const serving = deps.serving();
    if (request.headers.origin !== undefined) allowPage(request, response, serving.corsOrigins);
    if (request.method === 'OPTIONS') return answerPreflight(request, response, serving.corsOrigins);
    if (path === serving.metrics?.path) return void serveMetrics(request, response, serving.metrics);
    const route = routeOf(path);
    switch (route.kind) {
      case 'call':
        return void serveCall(request, response, { route, path, query });
      case 'models':
        return answerModels(request, response, {
          route,
          query,
          id: nextId(),
          remoteAddress: serving.addressOf(request),
          room: serving.models,
        });
      case 'responses':
        if (route.tolerated) deps.notePath(path);
        return void answerResponses(request, response, {
          route,
          query,
          id: nextId(),
          remoteAddress: serving.addressOf(request),
          room: serving.responses,
          onFault: deps.onFault,
        });
      case 'admin':
        return deps.admin(request, response);
      case 'dashboard':
        return serveDashboard(request, response, path, query);
      case 'root':
        return sendJson(request, response, 200, {
          name: 'xidao',
          version: deps.version,
          status: 'ok',
          models: '/v1/models',
          health: '/health',
        });
      case 'health':
        return sendJson(request, response, 200, { status: 'ok', version: deps.version });
      case 'ready':
        return serveReadiness(request, response, deps.whyNotReady());
      case 'metrics':
      case 'unknown': {
        const nearest = route.kind === 'unknown' ? route.nearest : (serving.metrics?.path ?? '/health');
        const error = new GatewayError(
          'path_not_found',
          `There is nothing at ${request.method} ${path.slice(0, 200)}. Did you mean ${nearest}?`,
        );
        return refuseEarly(request, response, error, { dialect: dialectOfPath(path), id: nextId() });
      }
    }
  }

  async function serveMetrics(
    request: IncomingMessage,
    response: ServerResponse,
    { mayRead }: NonNullable<Serving['metrics']>,
  ): Promise<void> {
    if (!mayRead(request))
      return sendJson(request, response, 401, {
        error: {
          message: 'Metrics are shown with the admin key only (observability.metrics.public).',
          code: 'invalid_api_key',
        },
      });
    const { contentType, text } = await deps.exposeMetrics();
    response.writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
    response.end(request.method === 'HEAD' ? undefined : text);
  }

  const server = createServer(
    {
      IncomingMessage: WholeRequest,
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: 15_000,
      // The whole request, body included; answers have their own patience.
      requestTimeout: 120_000,
      connectionsCheckingInterval: deps.slowCheckMs ?? 2_000,
      keepAliveTimeout: 75_000,
      noDelay: true,
      // Only WebSockets are answered as an upgrade. Java's client offers h2c with its first call, and is served over HTTP/1.1 (RFC 9110, 7.8).
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
    serve,
  );
  server.on('clientError', refuseRaw);
  server.on('upgrade', refuseUpgrade);
  server.on('close', () => heartbeat.close());
  return server;
}

/** What is wrong with the call's body, if anything is. */
async function readWhole(call: OpenCall, bodyLimit: number): Promise<unknown> {
  try {
    await call.read(bodyLimit);
    return undefined;
  } catch (error) {
    return error;
  }
}

function serveReadiness(request: IncomingMessage, response: ServerResponse, reason: string | undefined): void {
  if (reason === undefined) return sendJson(request, response, 200, { status: 'ready' });
  response.setHeader('retry-after', '1');
  sendJson(request, response, 503, { status: 'not ready', reason });
}

export function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

/** Responses clients try a WebSocket first; a plain answer sends them on to HTTP at once. */
function refuseUpgrade(_: IncomingMessage, socket: Socket): void {
  writeRaw(socket, 426, { code: 'upgrade_not_supported', message: 'WebSockets are not served here; use HTTP.' });
}

/** The request never became one: its head was malformed, too large or too slow. Answered on the bare socket. */
function refuseRaw(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, code, message } = RAW_REFUSALS[error.code ?? ''] ?? MALFORMED;
  writeRaw(socket, status, { code, message });
}

const MALFORMED = { status: 400, code: 'invalid_request', message: 'This is not a valid HTTP/1.1 request.' };
const RAW_REFUSALS: Record<string, typeof MALFORMED> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'headers_too_large',
    message: `The request line and headers are over ${HEADER_BYTES} bytes.`,
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'request_timeout', message: 'The request did not arrive in time.' },
};

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  426: 'Upgrade Required',
  431: 'Request Header Fields Too Large',
};

function writeRaw(socket: Socket, status: number, { code, message }: { code: string; message: string }): void {
  const body = JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code } });
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
