import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { planWrites, type Step, type WritePlan } from './plan-writes.ts';
import { headerOf, type WireReply } from './wire-reply.ts';

/** What playing an answer needs of the upstream. */
export interface Stage {
  response: ServerResponse;
  socket: Socket;
  /** Resolves when the connection is gone, whoever closed it. */
  gone: Promise<void>;
  /** Resolves when the upstream is told to resume. */
  stall(): Promise<void>;
  pause(milliseconds: number): Promise<void>;
  wrote(bytes: number): void;
  /** The upstream is about to break the connection on purpose. */
  breaking(): void;
}

/** Plays an answer step by step, each write flushed before the next; returns when it has ended or the client is gone. */
export async function play(reply: WireReply, stage: Stage): Promise<void> {
  const { socket, response } = stage;
  socket.setNoDelay(true);
  if (reply.silence !== undefined) {
    stage.breaking();
    return void (reply.silence === 'reset' ? socket.resetAndDestroy() : socket.end());
  }
  const plan = planWrites(reply);
  for (const step of plan.steps) {
    if (response.destroyed || socket.destroyed) return;
    await Promise.race([takeStep(step, { reply, plan, stage }), stage.gone]);
  }
}

interface Playing {
  reply: WireReply;
  plan: WritePlan;
  stage: Stage;
}

async function takeStep(step: Step, playing: Playing): Promise<void> {
  const { stage } = playing;
  switch (step.do) {
    case 'head':
      return sendHead(playing);
    case 'pause':
      return stage.pause(step.milliseconds);
    case 'write':
      return write(step.bytes, stage);
    case 'stall':
      return stage.stall();
    case 'cut':
      stage.breaking();
      return cut(stage);
    case 'end':
      return end(playing);
  }
}

/** Sends the headers at once, as providers do while the model still thinks; a plain document's go with its body. */
async function sendHead({ reply, plan, stage }: Playing): Promise<void> {
  const { response } = stage;
  const headers = reply.headers.flat();
  if (reply.gzip) headers.push('content-encoding', 'gzip');
  if (reply.framing === 'until-close') {
    response.shouldKeepAlive = false;
    response.useChunkedEncodingByDefault = false;
  }
  if (reply.framing === 'length' && headerOf(reply, 'content-length') === undefined && reply.status !== 204) {
    headers.push('content-length', `${plan.bodyLength}`);
  }
  response.writeHead(reply.status, headers);
  const isPlain = reply.framing === 'length' && reply.stops.length === 0 && reply.pauseMs === 0;
  if (isPlain) return;
  response.flushHeaders();
  await flushed(stage.socket);
}

async function write(bytes: Uint8Array, { response, wrote }: Stage): Promise<void> {
  await new Promise<void>((resolve) => {
    response.write(bytes, () => resolve());
  });
  wrote(bytes.length);
  // The reader gets a turn of its own, so two writes do not meet in one read.
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

async function cut({ socket }: Stage): Promise<void> {
  await flushed(socket);
  socket.destroy();
}

async function end({ plan, reply, stage }: Playing): Promise<void> {
  const { response, socket } = stage;
  const written = plan.steps.reduce((sum, step) => sum + (step.do === 'write' ? step.bytes.length : 0), 0);
  // A length promised and not kept can only be ended with the connection.
  const isShort = reply.framing === 'length' && written < plan.bodyLength;
  if (isShort) {
    stage.breaking();
    await flushed(socket);
    socket.end();
    return;
  }
  await new Promise<void>((resolve) => {
    response.end(resolve);
  });
}

/** Resolves when all that was written to the socket so far has been handed to the network. */
function flushed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.write('', () => resolve());
  });
}
