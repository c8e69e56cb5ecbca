import { Agent, type Dispatcher } from 'undici';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Host, HostReply, HostRequest, Timeouts } from '../core/target.ts';
import type { Auth, Endpoint } from '../providers/provider.ts';
import { ArrivingBody } from './arriving-body.ts';
import { undoEncoding } from './content-encoding.ts';
import { locate } from './endpoint.ts';
import { lendPatience } from './patience.ts';
import { createSharedLookup } from './shared-lookup.ts';
import { createSignIn } from './sign-in/sign-in.ts';

export interface NetworkHostSettings {
  /** The provider's name in configuration, for messages. */
  name: string;
  endpoint: Endpoint;
  auth: Auth;
  /** The provider's key; undefined where it needs none. */
  credential: string | undefined;
  /** What `auth` needs besides a key. */
  settings: Record<string, string>;
  /** Headers from configuration. */
  headers: Record<string, string>;
  timeouts: Timeouts;
  agent: Agent;
  clock: Clock;
}

/** Connections to one provider. Furniture: it outlives a reload, so warm connections stay warm. */
export function createAgent(connectTimeoutMs: number): Agent {
  return new Agent({
    connect: { timeout: connectTimeoutMs, lookup: createSharedLookup() },
    connections: null,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    keepAliveMaxTimeout: 300_000,
    // Own timers (patience.ts) tell first byte, pause and total apart; undici's tick is a second.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 64 * 1024,
  });
}

/** A provider on the network, in one of its dialects. */
export function createNetworkHost(settings: NetworkHostSettings): Host {
  const fixed = fixedHeaders(settings);
  const signIn = createSignIn(settings);
  const places = new Map<string, Place>();

  function placeOf(request: HostRequest): Place {
    const key = `${request.operation}\n${request.wantsStream}\n${request.target.model}\n${request.query}`;
    const known = places.get(key);
    if (known !== undefined) return known;
    const url = locate(request.dialect, settings.endpoint, { ...request, model: request.target.model });
    if (url === undefined)
      throw new GatewayError(
        'operation_not_supported',
        `${settings.name} offers no ${request.operation} in this dialect.`,
      );
    const place = { origin: url.origin, path: url.pathname + url.search };
    if (places.size > 1000) places.clear();
    places.set(key, place);
    return place;
  }

  return {
    async open(request) {
      const place = placeOf(request);
      const body = request.body.length === 1 ? request.body[0]! : Buffer.concat(request.body);
      const headers = ['content-type', request.contentType];
      for (const name in request.headers) headers.push(name, request.headers[name]!);
      // What this call brings (`anthropic-version`) stands before what the provider's entry has.
      for (const [name, value] of fixed) if (request.headers[name] === undefined) headers.push(name, value);
      if (signIn !== undefined) {
        const { host } = new URL(place.origin);
        const signedHeaders = { 'content-type': request.contentType };
        const toSign = { method: 'POST', host, path: place.path, headers: signedHeaders, body };
        for (const [name, value] of Object.entries(await signIn(toSign))) headers.push(name, value);
      }
      return dispatch(
        settings,
        { origin: place.origin, path: place.path, method: 'POST', headers, body: body as Buffer },
        request,
      );
    },
  };
}

interface Place {
  origin: string;
  path: string;
}

function fixedHeaders({ auth, credential, endpoint, headers }: NetworkHostSettings): [string, string][] {
  const fixed = new Map([
    ['accept-encoding', 'identity'],
    ['user-agent', 'xidao'],
  ]);
  if (credential !== undefined && auth.kind === 'bearer') fixed.set('authorization', `Bearer ${credential}`);
  if (credential !== undefined && auth.kind === 'header') fixed.set(auth.name.toLowerCase(), credential);
  for (const [name, value] of Object.entries({ ...endpoint.headers, ...headers })) fixed.set(name.toLowerCase(), value);
  return [...fixed];
}

function dispatch(
  settings: NetworkHostSettings,
  options: Dispatcher.DispatchOptions,
  request: HostRequest,
): Promise<HostReply> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let body: ArrivingBody | undefined;
    let lost: unknown;

    const lose = (error: unknown) => {
      if (lost !== undefined) return;
      lost = error;
      patience.over();
      if (body === undefined) reject(error);
      else body.failed(error);
      controller?.abort(error as Error);
    };
    const patience = lendPatience(settings.clock, request.timeouts, settings.name, lose);
    request.onAbortable(() => lose(new GatewayError('upstream_unreachable', 'The call was given up.')));

    settings.agent.dispatch(options, {
      onRequestStart(started) {
        controller = started;
        if (lost !== undefined) started.abort(lost as Error);
      },
      onResponseStart(started, status, headers) {
        if (status < 200) return;
        body = new ArrivingBody(
          {
            pause: () => {
              patience.held();
              started.pause();
            },
            resume: () => {
              patience.released();
              started.resume();
            },
            abort: () => lose(new GatewayError('upstream_unreachable', 'The call was given up.')),
          },
          patience.fed,
        );
        resolve(undoEncoding({ status, headers, body }));
      },
      onResponseData(_, chunk) {
        body!.arrived(chunk);
      },
      onResponseEnd() {
        patience.over();
        body?.ended();
      },
      onResponseError(_, error) {
        lose(explain(error, settings, body !== undefined));
      },
    });
  });
}

/** A failure of the connection in words that tell the operator where to look, and hold no secret. */
function explain(error: Error, settings: NetworkHostSettings, hasBegun: boolean): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? error.name;
  const { name } = settings;
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED')
    return new GatewayError('shutting_down', 'The gateway stopped before this answer was complete.', { cause: error });
  if (hasBegun)
    return new GatewayError('upstream_broke_off', `${name} broke off in the middle of its answer (${code}).`, {
      cause: error,
    });
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    const seconds = settings.timeouts.connect / 1000;
    return new GatewayError(
      'upstream_connect_timeout',
      `${name} did not take the connection within ${seconds} s (timeout.connect).`,
      { cause: error },
    );
  }
  const host = new URL(settings.endpoint.baseUrl).host;
  return new GatewayError(
    'upstream_unreachable',
    `${name} could not be reached at ${host}: ${REASONS[code] ?? code}.`,
    { cause: error },
  );
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ENOTFOUND: 'the host name is not known (ENOTFOUND)',
  EAI_AGAIN: 'the name server does not answer (EAI_AGAIN)',
  ECONNRESET: 'the connection was reset (ECONNRESET)',
  UND_ERR_SOCKET: 'the connection was closed before an answer began',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed; add the authority with NODE_EXTRA_CA_CERTS',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; add it with NODE_EXTRA_CA_CERTS',
};
