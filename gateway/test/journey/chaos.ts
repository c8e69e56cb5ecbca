import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Asked, type Cue, choose, reply, startUpstream, type Upstream } from '@xidao/testkit';
import { Agent, request } from 'undici';
import type { ConfigInput } from '../../src/config/schema.ts';
import { aGateway, KEY, type RunningGateway } from '../a-gateway.ts';
import { DIALECT_CALLS, type DialectCall, eventsOf, framesOf, MODEL, providerAt } from './dialect-calls.ts';

/** What one provider does to its calls, while the others answer. */
export interface Fault {
  name: string;
  /** What the provider with the fault answers, given what a healthy one would. */
  bad?: (healthy: Cue, number: (asked: Asked) => number) => Cue;
  /** Where it lies, if not where its upstream is. */
  at?: (upstream: Upstream) => string;
  /** What the healthy one next to it does instead of always answering. */
  second?: (healthy: Cue, number: (asked: Asked) => number) => Cue;
  callsTool?: boolean;
  /** How long the first byte of the faulty one is waited for. */
  firstByte?: string;
  /** Of every so many clients one leaves in the middle. */
  leavesEvery?: number;
  breaker?: ConfigInput['circuit_breaker'];
  /** May anything at all be told as an error? */
  mayFail: boolean;
}

export interface Told {
  outcome: 'answered' | 'told an error' | 'left' | 'corrupt';
  number: number;
  text: string;
  /** What is wrong with it. */
  why?: string;
}

export interface Ran {
  told: Told[];
  records: Record<string, unknown>[];
  badCalls: number;
}

const AT_ONCE = 50;
/** Groups of one faulty and one or two healthy members, in dialects chosen by seed. */
const GROUPS = 12;

/** Words that tell their stream and their place, so that one that is told twice or is missing shows; some are of several bytes. */
export function wordsOf(number: number): string {
  return Array.from({ length: 6 }, (_, place) => `${number}.${place}${place === 3 ? '美' : ''}`).join(' ');
}

/** Sends `count` streams to groups of which one member has the fault. */
export async function runChaos(fault: Fault, count: number, seed: number): Promise<Ran> {
  const healthy = choose((asked) => reply(scriptOf(numberOf(asked), fault)));
  await using bad = await startUpstream({ answer: fault.bad?.(healthy, numberOf) ?? healthy });
  await using second = await startUpstream({ answer: fault.second?.(healthy, numberOf) ?? healthy });
  await using third = await startUpstream({ answer: healthy });
  await using gateway = await aGateway(configuration(fault, { bad, second, third }, randomOf(seed)));
  const agent = new Agent({ connections: AT_ONCE });
  const random = randomOf(seed + 1);
  const told: Told[] = [];
  let next = 0;
  async function takeTurns(): Promise<void> {
    while (next < count) {
      const number = next++;
      const call = pick(DIALECT_CALLS, random);
      const model = `group-${Math.floor(random() * GROUPS)}`;
      told.push(await askOne(gateway, agent, { fault, number, call, model }));
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, takeTurns));
  await agent.close();
  await gateway.gateway.stop();
  const records = gateway.lines.filter(({ message }) => message === 'call');
  return { told, records, badCalls: bad.calls.length };
}

/** Bytes of the heap after a full collection. */
export function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** What holds the process open, by kind; sockets and timers that are about to close are given turns to do so. */
export async function openResources(): Promise<Record<string, number>> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** A generator of numbers from 0 to 1 that gives the same row for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function scriptOf(number: number, { callsTool = false }: Fault) {
  if (!callsTool) return { text: wordsOf(number) };
  return { text: 'So: ', toolCalls: [{ name: 'note', arguments: { words: wordsOf(number) } }] };
}

function wholeOf(number: number, { callsTool = false }: Fault): string {
  return callsTool ? `So: ${JSON.stringify({ words: wordsOf(number) })}` : wordsOf(number);
}

function numberOf(asked: Asked): number {
  return Number(asked.lastUserText);
}

function pick<Value>(values: readonly Value[], random: () => number): Value {
  return values[Math.floor(random() * values.length)]!;
}

function configuration(
  fault: Fault,
  upstreams: { bad: Upstream; second: Upstream; third: Upstream },
  random: () => number,
): ConfigInput {
  const providers: NonNullable<ConfigInput['providers']> = {};
  for (const [name, upstream] of Object.entries(upstreams))
    for (const { dialect } of DIALECT_CALLS) {
      const url = name === 'bad' ? (fault.at?.(upstream) ?? upstream.url) : upstream.url;
      // Places that were not given back would soon stop everything.
      const timeout = { first_byte: (name === 'bad' && fault.firstByte) || '30s' };
      const more = { max_concurrency: 30, health_check: 0, timeout };
      providers[`${name}-${dialect}`] = providerAt(url, dialect, more);
    }
  const models: NonNullable<ConfigInput['models']> = {};
  for (let group = 0; group < GROUPS; group++) {
    const names = group % 3 === 0 ? ['bad', 'second'] : ['bad', 'second', 'third'];
    const targets = names.map((name) => ({ provider: `${name}-${pick(DIALECT_CALLS, random).dialect}`, model: MODEL }));
    models[`group-${group}`] = { strategy: 'round_robin', targets };
  }
  // A breaker that never opens, so that the fault is met again and again.
  return { providers, models, circuit_breaker: fault.breaker ?? { mode: 'fixed', failure_threshold: 1_000_000 } };
}

interface Asking {
  fault: Fault;
  number: number;
  call: DialectCall;
  model: string;
}

async function askOne(gateway: RunningGateway, agent: Agent, { fault, number, call, model }: Asking): Promise<Told> {
  const leaves = fault.leavesEvery !== undefined && number % fault.leavesEvery === 0;
  const { body, statusCode } = await request(gateway.url + call.path(model, true), {
    method: 'POST',
    dispatcher: agent,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}`, ...call.headers },
    body: JSON.stringify(call.body(model, String(number), true)),
  });
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of body) {
      chunks.push(chunk as Buffer);
      if (leaves) return { outcome: 'left', number, text: '' };
    }
  } catch (error) {
    return { outcome: 'corrupt', number, text: '', why: `the connection broke: ${String(error)}` };
  }
  const bytes = Buffer.concat(chunks);
  if (statusCode >= 400) return { outcome: 'told an error', number, text: '' };
  return judge(bytes, call, number, wholeOf(number, fault));
}

function judge(bytes: Buffer, call: DialectCall, number: number, whole: string): Told {
  const events = eventsOf(call.dialect, bytes);
  const text = events
    .map((event) =>
      event.type === 'text-delta' ? event.text : event.type === 'tool-call-delta' ? event.arguments : '',
    )
    .join('');
  if (!isWellFormed(bytes.toString('utf8')))
    return { outcome: 'corrupt', number, text, why: 'a frame of it is broken' };
  const hasError = events.some(({ type }) => type === 'error');
  const hasEnd = bytes.includes(call.endMark);
  if (hasEnd && hasError) return { outcome: 'corrupt', number, text, why: 'it ended well and told an error' };
  if (hasEnd && text === whole) return { outcome: 'answered', number, text };
  if (hasEnd) return { outcome: 'corrupt', number, text, why: 'it is not what was said' };
  if (!hasError) return { outcome: 'corrupt', number, text, why: 'it was lost without a word' };
  if (whole.startsWith(text)) return { outcome: 'told an error', number, text };
  return { outcome: 'corrupt', number, text, why: 'it is no beginning of what was said' };
}

/** Whole frames and nothing else, each of them JSON: clients are less lenient than what reads providers here. */
function isWellFormed(body: string): boolean {
  const { frames, rest } = framesOf(body);
  return (
    rest === '' && frames.every((frame) => [...frame.matchAll(/^data: ?(.*)$/gm)].every(([, data]) => isJson(data!)))
  );
}

function isJson(data: string): boolean {
  if (data === '[DONE]') return true;
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false;
  }
}
