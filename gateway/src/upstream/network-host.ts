import { Agent, type Dispatcher } from 'undici';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Host, HostReply, HostRequest, Timeouts } from '../core/target.ts';
import type { Auth, Endpoint } from '../providers/provider.ts';
import { ArrivingBody, type Source } from './arriving-body.ts';
import { undoEncoding } from './content-encoding.ts';
import { locate } from './endpoint.ts';
import { lendPatience, type Patience } from './patience.ts';
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

  /** Nearly all calls bring no header of their own, and then all of them have the same. */
  let plain: { contentType: string; headers: readonly string[] } | undefined;

  function headersOf({ contentType, headers: brought }: HostRequest): readonly string[] {
    let isPlain = true;
    const headers = ['content-type', contentType];
    for (const name in brought) {
      isPlain = false;
      headers.push(name, brought[name]!);
    }
    // What this call brings (`anthropic-version`) stands before what the provider's entry has.
    for (const [name, value] of fixed) if (brought[name] === undefined) headers.push(name, value);
    if (isPlain) plain = { contentType, headers };
    return headers;
  }

  function usualHeaders({ contentType, headers }: HostRequest): readonly string[] | undefined {
    for (const _ in headers) return undefined;
    return plain?.contentType === contentType ? plain.headers : undefined;
  }

  async function sign(
    order: Order,
    contentType: string,
    signWith: NonNullable<ReturnType<typeof createSignIn>>,
  ): Promise<Order> {
    const { host } = new URL(order.origin);
    const { path, body } = order;
    const toSign = { method: 'POST', host, path, headers: { 'content-type': contentType }, body };
    return { ...order, headers: [...order.headers, ...Object.entries(await signWith(toSign)).flat()] };
  }

  return {
    async open(request) {
      const { origin, path } = placeOf(request);
      const body = (request.body.length === 1 ? request.body[0]! : Buffer.concat(request.body)) as Buffer;
      const headers = usualHeaders(request) ?? headersOf(request);
      const order: Order = { origin, path, method: 'POST', headers, body };
      return exchange(signIn === undefined ? order : await sign(order, request.contentType, signIn), request, settings);
    },
  };
}

interface Order {
  origin: string;
  path: string;
  method: 'POST';
  headers: readonly string[];
  body: Buffer;
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

function exchange(order: Order, request: HostRequest, settings: NetworkHostSettings): Promise<HostReply> {
  return new Promise((resolve, reject) => {
    const handler = new Exchange(settings, request.timeouts, { resolve, reject });
    request.onAbortable(() => handler.abort());
    // The library only reads the headers; its type does not say so.
    settings.agent.dispatch(order as Dispatcher.DispatchOptions, handler);
  });
}

/** One request on its way and the answer to it: what the library tells, and what the reader of the body asks. One object, as every call pays for it. */
class Exchange implements Dispatcher.DispatchHandler, Source {
  readonly #settings: NetworkHostSettings;
  readonly #patience: Patience;
  readonly #told: { resolve: (reply: HostReply) => void; reject: (error: unknown) => void };
  #controller: Dispatcher.DispatchController | undefined;
  #body: ArrivingBody | undefined;
  #lost: unknown;

  constructor(
    settings: NetworkHostSettings,
    timeouts: Timeouts,
    told: { resolve: (reply: HostReply) => void; reject: (error: unknown) => void },
  ) {
    this.#settings = settings;
    this.#told = told;
    this.#patience = lendPatience(settings.clock, timeouts, settings.name, (error) => this.#lose(error));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#lost !== undefined) controller.abort(this.#lost as Error);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: HostReply['headers']): void {
    if (status < 200) return;
    // They have been read, and a stream may stay open for minutes.
    controller.rawHeaders = null;
    this.#body = new ArrivingBody(this);
    this.#told.resolve(undoEncoding({ status, headers, body: this.#body }));
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#patience.fed();
    this.#body!.arrived(chunk);
  }

  onResponseEnd(): void {
    this.#patience.over();
    this.#body?.ended();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#lose(explain(error, this.#settings, this.#body !== undefined));
  }

  pause(): void {
    this.#patience.held();
    this.#controller?.pause();
  }

  resume(): void {
    this.#patience.released();
    this.#controller?.resume();
  }

  abort(): void {
    this.#lose(new GatewayError('upstream_unreachable', 'The call was given up.'));
  }

  #lose(error: unknown): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    this.#patience.over();
    if (this.#body === undefined) this.#told.reject(error);
    else this.#body.failed(error);
    this.#controller?.abort(error as Error);
  }
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
