import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { JsonObject } from './json.ts';

/** One recorded exchange with a real provider. */
export interface Exchange {
  id: string;
  provider: string;
  /** The kind of request: `chat`, `responses`, `messages`, `gemini_stream`, `converse` and so on. */
  api: string;
  method: string;
  host: string;
  url: string;
  model: string | null;
  stream: boolean;
  tags: string[];
  /** How true the bytes are: as recorded, rebuilt around real payloads, or without a request. */
  fidelity: 'raw' | 'reserialized' | 'redacted' | 'chunks' | 'response-only';
  recorded: string | null;
  request_headers: Record<string, string>;
  request: JsonObject | null;
  request_text: string | null;
  status: number;
  headers: Record<string, string>;
  /** The body as text, content-decoded; binary ones are in `body_b64`. */
  body?: string;
  body_b64?: string;
  source: { repo: string; commit: string; path: string; licence: string };
}

export interface CorpusQuery {
  provider?: string;
  api?: string;
  stream?: boolean;
  tag?: string;
}

/** The recordings that match. Read and parsed on the first call, then kept. Throws if the corpus is not there. */
export function loadCorpus(query: CorpusQuery = {}): Exchange[] {
  return readExchanges(findCorpusFile()).filter((exchange) => matches(exchange, query));
}

/** Whether the recordings are on this machine; without them, tests that need them say so and are skipped. */
export function corpusIsThere(): boolean {
  return existsSync(findCorpusFile());
}

/** The bytes of a recorded body. */
export function bodyOf(exchange: Exchange): Buffer {
  if (exchange.body_b64 !== undefined) return Buffer.from(exchange.body_b64, 'base64');
  return Buffer.from(exchange.body ?? '', 'utf8');
}

const read = new Map<string, Exchange[]>();

function readExchanges(file: string): Exchange[] {
  const known = read.get(file);
  if (known) return known;
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  const exchanges = lines.filter(Boolean).map((line) => JSON.parse(line) as Exchange);
  read.set(file, exchanges);
  return exchanges;
}

function findCorpusFile(): string {
  return resolve(
    findProjectRoot(import.meta.dirname),
    process.env['XIDAO_CORPUS'] ?? '../shared/corpus',
    'exchanges.jsonl.gz',
  );
}

function findProjectRoot(folder: string): string {
  const file = resolve(folder, 'package.json');
  if (existsSync(file) && readFileSync(file, 'utf8').includes('"workspaces"')) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('No package.json with workspaces above the testkit.');
  return findProjectRoot(parent);
}

function matches(exchange: Exchange, { provider, api, stream, tag }: CorpusQuery): boolean {
  return (
    (provider === undefined || exchange.provider === provider) &&
    (api === undefined || exchange.api === api) &&
    (stream === undefined || exchange.stream === stream) &&
    (tag === undefined || exchange.tags.includes(tag))
  );
}
