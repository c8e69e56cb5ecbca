import { type DialectName, dialects, type JsonObject, type ModelRequest, type Part } from '@xidao/dialects';
import { type Cue, type Exchange, echo, loadCorpus, rawRequest, replayUpstream, startUpstream } from '@xidao/testkit';
import { aGateway } from '../a-gateway.ts';
import { startMediaHost } from '../clients/media-host.ts';
import { compareMeanings, type Difference } from './compare.ts';
import { askFor, inRows, replayProviders, withoutRetryAdvice } from './recordings.ts';
import {
  type ClientDialect,
  clientDialects,
  dialectOfRecording,
  type Gate,
  meaningAfter,
  meaningBefore,
} from './translated.ts';

/** What became of one recorded answer on its way to a client of another dialect. */
export interface AnswerFinding {
  exchange: Exchange;
  from: DialectName;
  to: ClientDialect;
  streamed: boolean;
  differences: Difference[];
}

/** What became of one recorded request on its way to a provider of another dialect. */
export interface RequestFinding {
  exchange: Exchange;
  from: DialectName;
  to: DialectName;
  /** Undefined: the provider read it. */
  fault?: string;
}

const ROWS = 12;

/**
 * Every recorded answer, told to clients of each other dialect, streamed and whole, and compared with what it was. `fault` spoils the way from the
 * provider: what it says must not change.
 */
export async function surveyAnswers(fault?: (cue: Cue) => Cue): Promise<AnswerFinding[]> {
  const exchanges = loadCorpus().filter(isComparable).map(withoutRetryAdvice);
  const upstream = await replayUpstream(exchanges, fault === undefined ? {} : { fault });
  const gateway = await aGateway(replayProviders(upstream));
  const gate = { port: gateway.port, key: gateway.key };
  const findings: AnswerFinding[] = [];
  await inRows(exchanges, ROWS, async (exchange) => {
    const from = dialectOfRecording(exchange);
    if (from === undefined) return;
    for (const to of clientDialects) {
      if (to === from) continue;
      for (const streamed of [false, true]) {
        const differences = await findDifferences(exchange, { gate, from, to, streamed });
        findings.push({ exchange, from, to, streamed, differences });
      }
    }
  });
  await gateway[Symbol.asyncDispose]();
  await upstream.close();
  return findings;
}

/** A list instead of events is what Gemini streams to those who do not ask for events; for a client of another dialect the gateway always asks. */
function isComparable({ api, status, body }: Exchange): boolean {
  return !(api === 'gemini_stream' && status < 400 && body?.trimStart().startsWith('['));
}

async function findDifferences(
  exchange: Exchange,
  way: { gate: Gate; from: DialectName; to: ClientDialect; streamed: boolean },
): Promise<Difference[]> {
  try {
    return compareMeanings(meaningBefore(exchange, way.from), await meaningAfter(exchange, way));
  } catch (error) {
    return [{ what: 'cannot be read', before: undefined, after: (error as Error).message }];
  }
}

/** Every recorded request that its provider took, sent on to a provider of each other dialect, and read there. */
export async function surveyRequests(): Promise<RequestFinding[]> {
  const heard = new Map<string, JsonObject>();
  const upstream = await startUpstream({
    answer: (asked) => {
      heard.set(asked.model, asked.call.json as JsonObject);
      return echo()(asked);
    },
  });
  await using media = await startMediaHost();
  const gateway = await aGateway({ ...replayProviders(upstream), media: { allow_private: true } });
  const findings: RequestFinding[] = [];
  await inRows(loadCorpus(), ROWS, async (exchange) => {
    const ask = askFor(exchange);
    const from = dialectOfRecording(exchange);
    if (ask === undefined || from === undefined || !ask.isRecorded || exchange.status >= 400) return;
    for (const to of Object.keys(dialects) as DialectName[]) {
      if (to === from) continue;
      const model = `request-${exchange.id}-${to}`;
      const { path, body: recorded } = askFor(exchange, `${to}/${model}`)!;
      const body = withMediaFrom(media.url, recorded);
      const headers = { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' };
      const answer = await rawRequest({ port: gateway.port, path, headers, body });
      const fault =
        answer.status >= 400
          ? `${answer.status} ${answer.text.slice(0, 300)}`
          : readFault(dialects[from].readRequest(ask.body as JsonObject), to, heard.get(model));
      findings.push({ exchange, from, to, ...(fault !== undefined && { fault }) });
    }
  });
  await gateway[Symbol.asyncDispose]();
  await upstream.close();
  return findings;
}

/** With media that lie on the network at addresses of this machine, as the gateway fetches them for providers that do not. */
function withMediaFrom(host: string, body: object): object {
  const text = JSON.stringify(body, (key, value: unknown) =>
    /^(?:image_?url|file_?url|file_?uri|url)$/i.test(key) && typeof value === 'string' && /^https?:/.test(value)
      ? `${host}/media${/\.pdf\b/.test(value) ? '.pdf' : '.png'}`
      : value,
  );
  return JSON.parse(text) as object;
}

/** Why a request cannot be read by its new provider, or which of the client's words it lost on the way. */
function readFault(asked: ModelRequest, dialect: DialectName, body: JsonObject | undefined): string | undefined {
  if (body === undefined) return 'never reached the provider';
  try {
    const told = wordsOf(dialects[dialect].readRequest(body)).join('\n');
    const lost = wordsOf(asked).find((words) => !told.includes(words));
    return lost === undefined ? undefined : `lost: ${lost.slice(0, 200)}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Every text of a conversation, and the names of its tools. */
function wordsOf({ messages, tools }: ModelRequest): string[] {
  const texts = (parts: Part[]): string[] =>
    parts.flatMap((part) => {
      if (part.type === 'text') return [part.text];
      return part.type === 'tool-result' ? texts(part.parts) : [];
    });
  const names = tools.flatMap((tool) => (tool.type === 'function' ? [tool.name] : []));
  const words = [...messages.flatMap(({ parts }) => texts(parts)), ...names];
  return words.filter((each) => each.trim() !== '').map(withoutSpaces);
}

/** JSON in one spelling: a tool's result is a text in some dialects and an object in others. */
function withoutSpaces(words: string): string {
  if (!/^\s*\{/.test(words)) return words;
  try {
    return JSON.stringify(JSON.parse(words));
  } catch {
    return words;
  }
}
