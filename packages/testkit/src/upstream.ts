import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { readAsked } from './asked.ts';
import { type Cue, echo } from './cues.ts';
import { play, type Stage } from './play.ts';
import { type CallEnd, type RecordedCall, readBody } from './recorded-call.ts';
import { createWaiters, type Waiters } from './waiters.ts';

/** Time as the upstream takes it: by this clock calls are dated and `delay` waits. */
export interface UpstreamClock {
  /** Monotonic milliseconds. */
  now(): number;
  setTimeout(run: () => void, milliseconds: number): { cancel(): void };
}

export interface UpstreamOptions {
  /** What answers when nothing else is queued. Default: `echo()`. */
  answer?: Cue;
  clock?: UpstreamClock;
}

/** A provider on loopback that does what it is told. */
export interface Upstream {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Every call whose request was read, in order; also those that the client broke off half way through the body. */
  readonly calls: readonly RecordedCall[];
  /** From now on, answers by this cue whatever has no cue queued for it. */
  answer(cue: Cue): void;
  /** Answers the next calls by these cues, one each, before the standing one. */
  next(...cues: Cue[]): void;
  /** The nth call of this upstream (the first is 1), as soon as its request is read. */
  waitForCall(n?: number): Promise<RecordedCall>;
  /** How a call ended, as soon as it has. */
  waitForEnd(call: RecordedCall): Promise<CallEnd>;
  /** Resolves when the client leaves this call; rejects if the call ends another way. */
  waitForAbort(call: RecordedCall): Promise<CallEnd>;
  /** Resolves when `n` answers in all have stalled since the start. */
  waitForStall(n?: number): Promise<void>;
  /** Lets every stalled answer go on. */
  resume(): void;
  openConnections(): number;
  /** Connections accepted since the start: fewer than calls means that some were reused. */
  connectionsSeen(): number;
  /** Resolves as soon as exactly `n` connections are open. */
  waitForConnections(n: number): Promise<void>;
  /** Closes all connections and the port. Rejects if a cue could not be played, naming why: such a test proves nothing. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const systemClock: UpstreamClock = {
  now: () => performance.now(),
  setTimeout(run, milliseconds) {
    const timer = setTimeout(run, milliseconds);
    return { cancel: () => clearTimeout(timer) };
  },
};

interface State {
  calls: RecordedCall[];
  queue: Cue[];
  standing: Cue;
  clock: UpstreamClock;
  waiters: Waiters;
  stalled: Set<() => void>;
  stallsSeen: number;
  sockets: Set<Socket>;
  connectionsSeen: number;
  failures: unknown[];
}

/** Starts an upstream on 127.0.0.1, on a port of the system's choice. */
export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const state: State = {
    calls: [],
    queue: [],
    standing: options.answer ?? echo(),
    clock: options.clock ?? systemClock,
    waiters: createWaiters(),
    stalled: new Set(),
    stallsSeen: 0,
    sockets: new Set(),
    connectionsSeen: 0,
    failures: [],
  };
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, maxHeaderSize: 1 << 20 });
  server.on('connection', (socket: Socket) => watchSocket(state, socket));
  server.on('request', (request: IncomingMessage, response: ServerResponse) => void serve(state, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return describe(state, server);
}

function describe(state: State, server: Server): Upstream {
  const { waiters } = state;
  const { port } = server.address() as AddressInfo;
  const resume = () => {
    for (const go of state.stalled) go();
    state.stalled.clear();
  };
  const waitForEnd = (call: RecordedCall) => waiters.until(`the end of call ${call.number}`, () => call.closed);
  const close = () => closeUpstream(state, server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    calls: state.calls,
    answer: (cue) => {
      state.standing = cue;
    },
    next: (...cues) => void state.queue.push(...cues),
    waitForCall: (n = 1) => waiters.until(`call ${n}`, () => state.calls[n - 1]),
    waitForEnd,
    async waitForAbort(call) {
      const end = await waitForEnd(call);
      if (end.how !== 'aborted-by-client') throw new Error(`Call ${call.number} was not aborted: ${end.how}.`);
      return end;
    },
    async waitForStall(n = 1) {
      await waiters.until(`stall ${n}`, () => state.stallsSeen >= n || undefined);
    },
    resume,
    openConnections: () => state.sockets.size,
    connectionsSeen: () => state.connectionsSeen,
    async waitForConnections(n) {
      await waiters.until(`${n} open connections`, () => state.sockets.size === n || undefined);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function closeUpstream(state: State, server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  for (const socket of state.sockets) socket.destroy();
  await closed;
  state.waiters.close();
  if (state.failures.length > 0) throw state.failures[0];
}

function watchSocket(state: State, socket: Socket): void {
  state.sockets.add(socket);
  state.connectionsSeen++;
  // A client that resets its connection is an event of the test, not an error of the upstream.
  socket.on('error', () => {});
  socket.once('close', () => {
    state.sockets.delete(socket);
    state.waiters.changed();
  });
  state.waiters.changed();
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const startedAt = state.clock.now();
  const { chunks, isWhole } = await readRequest(request);
  const call = recordCall(request, Buffer.concat(chunks), { startedAt, number: state.calls.length + 1, isWhole });
  const progress = { bodyBytes: 0, isBreaking: false };
  const end = (how: CallEnd['how']) => {
    call.closed ??= { how, afterMs: state.clock.now() - startedAt, bodyBytes: progress.bodyBytes };
    state.waiters.changed();
  };
  state.calls.push(call);
  if (!isWhole) return end('aborted-by-client');

  const gone = new Promise<void>((resolve) => {
    response.once('close', () => {
      end(howItEnded(response, progress.isBreaking));
      resolve();
    });
  });
  state.waiters.changed();
  const stage = createStage(state, response, { gone, progress });
  try {
    const cue = state.queue.shift() ?? state.standing;
    await play(await cue(readAsked(call)), stage);
  } catch (error) {
    state.failures.push(error);
    response.socket?.destroy();
  }
}

function howItEnded(response: ServerResponse, isBreaking: boolean): CallEnd['how'] {
  if (response.writableFinished) return 'finished';
  return isBreaking ? 'cut-by-upstream' : 'aborted-by-client';
}

interface Progress {
  bodyBytes: number;
  isBreaking: boolean;
}

function createStage(
  state: State,
  response: ServerResponse,
  { gone, progress }: { gone: Promise<void>; progress: Progress },
): Stage {
  return {
    response,
    socket: response.socket!,
    gone,
    stall: () =>
      new Promise((resolve) => {
        state.stalled.add(resolve);
        state.stallsSeen++;
        state.waiters.changed();
      }),
    pause: (milliseconds) =>
      new Promise((resolve) => {
        const timer = state.clock.setTimeout(resolve, milliseconds);
        void gone.then(() => timer.cancel());
      }),
    wrote: (bytes) => {
      progress.bodyBytes += bytes;
    },
    breaking: () => {
      progress.isBreaking = true;
    },
  };
}

async function readRequest(request: IncomingMessage): Promise<{ chunks: Buffer[]; isWhole: boolean }> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return { chunks, isWhole: false };
  }
  return { chunks, isWhole: request.complete };
}

function recordCall(
  request: IncomingMessage,
  body: Buffer,
  { startedAt, number, isWhole }: { startedAt: number; number: number; isWhole: boolean },
): RecordedCall {
  const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
  return {
    number,
    method: request.method ?? '',
    path,
    query: new URLSearchParams(query),
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    body,
    ...(isWhole ? readBody(request.headers, body) : { json: undefined }),
    startedAt,
    closed: undefined,
    clientPort: request.socket.remotePort ?? 0,
  };
}
