import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import type { Clock } from '../../core/clock.ts';
import type { HostReply } from '../../core/target.ts';
import { undoEncoding } from '../content-encoding.ts';
import { isForbiddenAddress, isMetadataName } from './forbidden-address.ts';
import { createMediaCache } from './media-cache.ts';
import { type FetchedMedia, seenType } from './media-type.ts';

export interface MediaSettings {
  /** True: addresses of one's own network may be fetched from. */
  allowsPrivate: boolean;
  maxBytes: number;
  timeoutMs: number;
}

/** Fetches media on behalf of clients, from addresses that clients name. */
export interface MediaFetcher {
  /** Throws MediaRefused with the reason for whatever cannot or must not be fetched. */
  fetch(url: string, signal: AbortSignal): Promise<FetchedMedia>;
  close(): Promise<void>;
}

/** Why something was not fetched, in words that follow "could not be fetched: ". Names no address that a name stands for. */
export class MediaRefused extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'MediaRefused';
  }
}

/** All addresses of a name, as the system resolves it. */
export type ResolveName = (hostname: string, told: (error: Error | null, addresses: LookupAddress[]) => void) => void;

const MOST_REDIRECTS = 3;
const CACHE_BYTES = 64 * 1024 * 1024;
const CACHE_LIFETIME_MS = 300_000;

export function createMediaFetcher(
  settings: MediaSettings,
  { clock, resolveName = resolveBySystem }: { clock: Clock; resolveName?: ResolveName },
): MediaFetcher {
  const { maxBytes, timeoutMs } = settings;
  const agent = new Agent({
    connect: { lookup: checkedLookup(settings, resolveName), timeout: timeoutMs },
    connections: 8,
    pipelining: 1,
    keepAliveTimeout: 4_000,
    maxHeaderSize: 16 * 1024,
  });
  const cache = createMediaCache({ mostBytes: CACHE_BYTES, lifetimeMs: CACHE_LIFETIME_MS, now: clock.now });

  async function follow(first: URL, signal: AbortSignal): Promise<FetchedMedia> {
    let url = first;
    for (let redirects = 0; ; redirects++) {
      checkUrl(url, settings);
      const answer = await ask(url, agent, signal);
      const next = redirectOf(answer, url);
      if (next === undefined) return await read(answer, maxBytes);
      await letGo(answer);
      if (redirects === MOST_REDIRECTS) throw new MediaRefused(`it redirects more than ${MOST_REDIRECTS} times`);
      url = next;
    }
  }

  return {
    async fetch(written, signal) {
      const known = cache.get(written);
      if (known !== undefined) return known;
      if (!URL.canParse(written)) throw new MediaRefused('its address is not a URL');
      const late = new AbortController();
      const timer = clock.setTimeout(() => late.abort(), timeoutMs);
      try {
        const media = await follow(new URL(written), AbortSignal.any([signal, late.signal]));
        cache.put(written, media);
        return media;
      } catch (error) {
        if (late.signal.aborted) throw new MediaRefused(`its host did not send it within ${timeoutMs / 1000} s`);
        throw asRefusal(error);
      } finally {
        timer.cancel();
      }
    },
    close: () => agent.destroy(),
  };
}

function checkUrl(url: URL, { allowsPrivate }: MediaSettings): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new MediaRefused(`only http and https addresses are fetched, not ${url.protocol.slice(0, 30)}`);
  if (url.username !== '' || url.password !== '') throw new MediaRefused('its address holds a user name or password');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // An address in the URL itself is never looked up, so it is checked here; the URL parser has undone its odd spellings.
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':');
  if (isMetadataName(host) || (isAddress && isForbiddenAddress(host, allowsPrivate))) throw forbidden();
}

/** Resolves a name and lets through only addresses that may be connected to; the connection is made to these very addresses, so no second answer can slip in. */
function checkedLookup({ allowsPrivate }: MediaSettings, resolveName: ResolveName): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, (error, addresses) => {
      const first = addresses[0];
      if (error !== null || first === undefined) callback(error ?? new Error('ENOTFOUND'), []);
      else if (addresses.some(({ address }) => isForbiddenAddress(address, allowsPrivate))) callback(forbidden(), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function resolveBySystem(hostname: string, told: Parameters<ResolveName>[1]): void {
  systemLookup(hostname, { all: true, verbatim: true }, (error, addresses) => told(error, addresses ?? []));
}

function forbidden(): MediaRefused {
  return new MediaRefused('its address is in a network that is not public (media.allow_private)');
}

async function ask(url: URL, agent: Agent, signal: AbortSignal): Promise<HostReply> {
  const { statusCode, headers, body } = await request(url, {
    dispatcher: agent,
    signal,
    headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'xidao' },
  });
  // A body that is let go ends with an error that nobody waits for.
  body.on('error', () => {});
  return undoEncoding({ status: statusCode, headers, body });
}

function redirectOf({ status, headers }: HostReply, url: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const location = headers['location'];
  if (typeof location !== 'string' || !URL.canParse(location, url.href))
    throw new MediaRefused(`it redirects to nowhere (${status})`);
  return new URL(location, url);
}

async function read(answer: HostReply, maxBytes: number): Promise<FetchedMedia> {
  const { status, headers, body } = answer;
  const tooLarge = `it is larger than ${Math.floor(maxBytes / 1024)} KB (media.max_size)`;
  if (status !== 200) {
    await letGo(answer);
    throw new MediaRefused(`its host answered with status ${status}`);
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) {
    await letGo(answer);
    throw new MediaRefused(tooLarge);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new MediaRefused(tooLarge);
    chunks.push(chunk);
  }
  if (length === 0) throw new MediaRefused('its host sent nothing');
  const bytes = Buffer.concat(chunks, length);
  return { data: bytes.toString('base64'), bytes: length, told: toldType(headers), seen: seenType(bytes) };
}

function toldType(headers: HostReply['headers']): string | undefined {
  const written = headers['content-type'];
  const told = typeof written === 'string' ? written.split(';')[0]!.trim().toLowerCase() : '';
  return /^[\w.+-]+\/[\w.+-]+$/.test(told) ? told : undefined;
}

async function letGo({ body }: HostReply): Promise<void> {
  await body[Symbol.asyncIterator]().return?.();
}

const REASONS: Record<string, string> = {
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'the name server does not answer',
  ECONNREFUSED: 'its host refuses the connection',
  UND_ERR_CONNECT_TIMEOUT: 'its host does not take the connection',
};

function asRefusal(error: unknown): MediaRefused {
  for (let told = error; told instanceof Error; told = told.cause) if (told instanceof MediaRefused) return told;
  const code = (error as NodeJS.ErrnoException).code ?? 'the connection broke';
  return new MediaRefused(REASONS[code] ?? `its host broke off (${code})`);
}
