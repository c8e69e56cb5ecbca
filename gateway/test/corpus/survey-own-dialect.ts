import { dialects, type ModelEvent, type Usage } from '@xidao/dialects';
import { bodyOf, type Cue, type Exchange, rawRequest, replayUpstream } from '@xidao/testkit';
import { aGateway, type LogLine, type RunningGateway } from '../a-gateway.ts';
import { type Ask, askFor, inRows, loadExchanges, replayProviders } from './recordings.ts';

/** What became of one recorded exchange on its way to a client of the dialect in which it was recorded. */
export interface OwnFinding {
  ask: Ask;
  /** In what the answer, or what the gateway noted of it, is another than was recorded. Empty: byte for byte the same. */
  faults: string[];
}

const ROWS = 8;

/** Every recorded exchange of an API that the gateway serves, asked for as it was recorded. `fault` spoils the way from the provider. */
export async function surveyOwnDialect(
  fault?: (cue: Cue) => Cue,
  among: (exchange: Exchange) => boolean = () => true,
): Promise<OwnFinding[]> {
  const exchanges = loadExchanges().filter(among);
  const upstream = await replayUpstream(exchanges, fault === undefined ? {} : { fault });
  await using gateway = await aGateway(replayProviders(upstream));
  const findings: OwnFinding[] = [];
  const asks = exchanges.map((exchange) => askFor(exchange)).filter((ask) => ask !== undefined);
  await inRows(asks, ROWS, async (ask) => {
    findings.push({ ask, faults: await faultsOf(ask, gateway) });
  });
  await upstream.close();
  return findings;
}

async function faultsOf(ask: Ask, gateway: RunningGateway): Promise<string[]> {
  const { path, body } = ask;
  const headers = { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' };
  const answer = await rawRequest({ port: gateway.port, path, headers, body });
  const id = answer.headers['x-xidao-request-id'];
  if (id === undefined) return [`${answer.status}, and not by the gateway: ${answer.text.slice(0, 200)}`];
  const record = await gateway.record(id);
  const expected = expectedOf(ask, answer.status);
  return [
    ...differs('status', answer.status, expected.status),
    ...(answer.isComplete ? [] : ['the answer is not complete']),
    ...(expected.bytes === undefined || answer.body.equals(expected.bytes)
      ? []
      : [describeDifference(answer.body, expected.bytes)]),
    ...(expected.message === undefined || answer.text.includes(expected.message) ? [] : ['the message is lost']),
    ...differs('outcome', record['outcome'], expected.outcome),
    ...differs('names an error', record['error'] !== undefined, expected.outcome === 'failed'),
    ...(tellsUsage(ask) ? usageFaults(record, ask) : []),
  ];
}

interface Expected {
  status: number;
  outcome: 'complete' | 'failed';
  /** Undefined: the words are the gateway's own. */
  bytes?: Buffer;
  message?: string;
}

function expectedOf(ask: Ask, answered: number): Expected {
  const { exchange, path } = ask;
  const { status } = exchange;
  // Clients cannot read an error without a word, so the gateway words it.
  if (status >= 400) return { status, outcome: 'failed', ...(exchange.body !== '' && { bytes: bodyOf(exchange) }) };
  const events = isModelCall(path) && !holdsSeveral(exchange) ? eventsOf(ask) : [];
  const error = events.find((event) => event.type === 'error')?.error;
  if (error === undefined) return { status, outcome: 'complete', bytes: shownBytes(ask) };
  // A document that holds nothing but an error is no success, whatever its status: it goes out under the one that it stands for.
  if (!exchange.stream) return { status: error.status, outcome: 'failed', bytes: bodyOf(exchange) };
  const hasBegun = events.some(({ type }) => type !== 'error' && type !== 'start' && type !== 'usage');
  // Asked once more and told the same again, the gateway has nothing better than what was recorded.
  if (hasBegun || answered === status) return { status, outcome: 'failed', bytes: shownBytes(ask) };
  // A stream that begins with an error has not begun: another target can be asked, and the client gets a status.
  return { status: error.status, outcome: 'failed', message: JSON.stringify(error.message).slice(1, -1) };
}

function differs(what: string, is: unknown, should: unknown): string[] {
  return is === should ? [] : [`${what} is ${is}, should be ${should}`];
}

/** The recorded bytes that the client is to see; of a chat stream, without the usage chunk that this client did not ask for. */
function shownBytes({ exchange, dialect, path, body }: Ask): Buffer {
  const recorded = bodyOf(exchange);
  const options = body['stream_options'] as { include_usage?: boolean } | undefined;
  const hides = dialect === 'openai-chat' && isModelCall(path) && exchange.stream && options?.include_usage !== true;
  if (!hides) return recorded;
  const frames = recorded.toString('utf8').split(/(?<=\r\n\r\n|\n\n)/);
  return Buffer.from(frames.filter((frame) => !isUsageChunk(frame)).join(''));
}

function isUsageChunk(frame: string): boolean {
  const chunk = parsed(frame.replace(/^data: ?/, ''));
  const { choices, usage } = (chunk ?? {}) as { choices?: unknown[]; usage?: unknown };
  return Array.isArray(choices) && choices.length === 0 && typeof usage === 'object' && usage !== null;
}

function isModelCall(path: string): boolean {
  return /\/(?:chat\/completions|responses|messages)$|enerateContent(?:\?|$)/.test(path);
}

/** Some recordings hold several answers, one after the other: what they tell as one, nobody can say. */
function holdsSeveral({ body = '' }: Exchange): boolean {
  return (body.match(/"type":\s*"(?:message_start|response\.created)"/g) ?? []).length > 1;
}

function tellsUsage({ exchange, path }: Ask): boolean {
  return exchange.status < 400 && isModelCall(path) && !holdsSeveral(exchange);
}

/** What the recording tells of its usage, read event by event, against what the record holds. */
function usageFaults(record: LogLine, ask: Ask): string[] {
  const usages = eventsOf(ask).flatMap((event) => (event.type === 'usage' ? [event.usage] : []));
  const usage: Usage | undefined = usages.length === 0 ? undefined : Object.assign({}, ...usages);
  const is = [record['input_tokens'], record['output_tokens'], record['cached_tokens']];
  // What no provider has told is estimated, and says so; an error may have used nothing.
  if (usage === undefined) {
    const isRight = record['usage'] === 'estimated' || (record['error'] !== undefined && record['usage'] === 'none');
    return isRight ? [] : [`usage is ${String(record['usage'])}, should be estimated`];
  }
  const should = [usage.inputTokens, usage.outputTokens, usage.cachedInputTokens];
  return differs('usage (input, output, cached)', JSON.stringify(is), JSON.stringify(should));
}

function eventsOf({ exchange, dialect }: Ask): ModelEvent[] {
  if (!exchange.stream) return dialects[dialect].readDocument(JSON.parse(exchange.body ?? ''));
  const reader = dialects[dialect].createReader();
  return [...reader.push(bodyOf(exchange)), ...reader.finish()];
}

function describeDifference(is: Buffer, should: Buffer): string {
  const at = [...is].findIndex((byte, index) => byte !== should[index]);
  const from = at === -1 ? Math.min(is.length, should.length) : at;
  const around = (bytes: Buffer) => JSON.stringify(bytes.toString('utf8', Math.max(0, from - 30), from + 160));
  return `differs at byte ${from} of ${should.length} (${is.length} came): is ${around(is)}, should be ${around(should)}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
