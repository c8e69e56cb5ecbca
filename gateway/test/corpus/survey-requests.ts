import {
  type DialectName,
  dialects,
  type JsonObject,
  type ModelRequest,
  type Part,
  type Receipt,
} from '@xidao/dialects';
import { type Cue, type Exchange, echo, fromRecording, onePixelPng, rawRequest, startUpstream } from '@xidao/testkit';
import { aGateway, type RunningGateway } from '../a-gateway.ts';
import { startMediaHost } from '../clients/media-host.ts';
import type { Difference } from './compare.ts';
import { compareRequests } from './compare-requests.ts';
import { dialectNames, dialectOfRecording } from './kinds.ts';
import { askFor, inRows, loadExchanges, replayProviders } from './recordings.ts';
import { type Fetched, meaningOfRequest } from './request-meaning.ts';

/** What became of one recorded request on its way to a provider of another dialect. */
export interface RequestFinding {
  exchange: Exchange;
  from: DialectName;
  to: DialectName;
  differences: Difference[];
}

const ROWS = 12;

/** Every recorded request that its provider took, sent on to a provider of each other dialect, and read there. */
export async function surveyRequests(): Promise<RequestFinding[]> {
  const heard = new Map<string, JsonObject>();
  const upstream = await startUpstream({
    answer: (asked) => {
      heard.set(asked.model, asked.call.json as JsonObject);
      return asked.operation === 'unknown' ? answerAsRecorded(asked) : echo()(asked);
    },
  });
  await using media = await startMediaHost();
  await using gateway = await aGateway({ ...replayProviders(upstream), media: { allow_private: true } });
  const findings: RequestFinding[] = [];
  await inRows(loadExchanges(), ROWS, async (exchange) => {
    const ask = askFor(exchange);
    const from = dialectOfRecording(exchange);
    if (ask === undefined || from === undefined || !ask.isRecorded || exchange.status >= 400) return;
    for (const to of dialectNames) {
      if (to === from) continue;
      const model = `request-${exchange.id}-${to}`;
      const { path, body: recorded } = askFor(exchange, `${to}/${model}`)!;
      const body = withMediaFrom(media.url, recorded);
      const sent = await send(gateway, path, body);
      const told = heard.get(model);
      const differences =
        sent.refusal !== undefined || told === undefined
          ? [{ what: 'refused', before: undefined, after: sent.refusal ?? 'it never reached the provider' }]
          : readDifferences(body, told, { from, to, receipt: sent.receipt, fetched: fetchedFrom(media.url) });
      findings.push({ exchange, from, to, differences });
    }
  });
  await upstream.close();
  return findings;
}

/** In a dialect that the fake provider does not speak, any recorded answer will do. */
const answerAsRecorded: Cue = (asked) => {
  const exchange = loadExchanges().find(
    (each) => !each.stream && each.status < 400 && asked.model.endsWith(`-${dialectOfRecording(each)}`),
  );
  if (exchange === undefined) throw new Error(`No recorded answer for ${asked.model}.`);
  return fromRecording(exchange)(asked);
};

interface Sent {
  refusal?: string;
  receipt: Receipt;
}

async function send(gateway: RunningGateway, path: string, body: JsonObject): Promise<Sent> {
  const headers = { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' };
  const answer = await rawRequest({ port: gateway.port, path, headers, body });
  const record = await gateway.record(answer.headers['x-xidao-request-id'] ?? '');
  const receipt = (record['translation'] as Receipt | undefined) ?? { dropped: [], changed: [] };
  return { receipt, ...(answer.status >= 400 && { refusal: `${answer.status} ${answer.text.slice(0, 300)}` }) };
}

interface Way {
  from: DialectName;
  to: DialectName;
  receipt: Receipt;
  fetched: Fetched;
}

function readDifferences(asked: JsonObject, told: JsonObject, { fetched, ...way }: Way): Difference[] {
  try {
    const [was, is] = [dialects[way.from].readRequest(asked), dialects[way.to].readRequest(told)];
    const differences = compareRequests(meaningOfRequest(was, fetched), meaningOfRequest(is, fetched), way);
    const lost = lostWords(was, is);
    return lost === undefined ? differences : [...differences, { what: 'words lost', before: lost, after: undefined }];
  } catch (error) {
    return [{ what: 'cannot be read', before: undefined, after: (error as Error).message }];
  }
}

/** With media that lie on the network at addresses of this machine, as the gateway fetches them for providers that do not. */
function withMediaFrom(host: string, body: object): JsonObject {
  const text = JSON.stringify(body, (key, value: unknown) =>
    /^(?:image_?url|file_?url|file_?uri|url)$/i.test(key) && typeof value === 'string' && /^https?:/.test(value)
      ? `${host}/media${/\.pdf\b/.test(value) ? '.pdf' : '.png'}`
      : value,
  );
  return JSON.parse(text) as JsonObject;
}

/** What the media host gives at its addresses. */
function fetchedFrom(host: string): Fetched {
  return (url) => {
    if (!url.startsWith(host)) return undefined;
    return url.endsWith('.pdf') ? Buffer.from('%PDF-1.4\n%%EOF\n') : Buffer.from(onePixelPng, 'base64');
  };
}

/** The first of the client's words that cannot be found again, letter by letter. */
function lostWords(asked: ModelRequest, told: ModelRequest): string | undefined {
  const there = wordsOf(told).join('\n');
  return wordsOf(asked).find((words) => !there.includes(words));
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
