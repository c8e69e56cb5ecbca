import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { NotDelivered } from './channel.ts';

/** Which addresses must not be connected to: webhooks are written by people, and must not lead into networks that only the gateway sees. */
export interface AddressRules {
  isForbiddenAddress(address: string, allowsPrivate: boolean): boolean;
  isMetadataName(hostname: string): boolean;
}

/** All addresses of a name, as the system resolves it. */
export type ResolveName = (hostname: string, told: (error: Error | null, addresses: LookupAddress[]) => void) => void;

export interface Poster {
  /** Posts a body. Follows no redirect. Throws NotDelivered. */
  post(address: string, message: { body: string; headers: Record<string, string> }, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export function createPoster(
  rules: AddressRules,
  { allowsPrivate, resolveName = resolveBySystem }: { allowsPrivate: boolean; resolveName?: ResolveName },
): Poster {
  // Resolves a name and connects to these very addresses, so that no second answer can slip in.
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolveName(hostname, (error, addresses) => {
      const first = addresses[0];
      if (error !== null || first === undefined) callback(error ?? new Error('ENOTFOUND'), []);
      else if (addresses.some(({ address }) => rules.isForbiddenAddress(address, allowsPrivate)))
        callback(forbidden(), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  const agent = new Agent({ connect: { lookup }, connections: 4, pipelining: 1, keepAliveTimeout: 4_000 });

  function check(url: URL): void {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // An address in the URL itself is never looked up; the URL parser has undone its odd spellings.
    const isAddress = /^[\d.]+$/.test(host) || host.includes(':');
    if (rules.isMetadataName(host) || (isAddress && rules.isForbiddenAddress(host, allowsPrivate))) throw forbidden();
  }

  return {
    async post(address, { body, headers }, signal) {
      const url = new URL(address);
      check(url);
      const answer = await request(url, {
        ...{ method: 'POST', dispatcher: agent, signal, body },
        headers: { 'content-type': 'application/json', 'user-agent': 'xidao', ...headers },
      }).catch((error) => {
        throw unreachable(error, signal);
      });
      answer.body.on('error', () => {});
      await answer.body.dump({ limit: 64 * 1024 }).catch(() => {});
      refuseStatus(answer.statusCode, answer.headers['retry-after']);
    },
    close: () => agent.destroy(),
  };
}

function refuseStatus(status: number, retryAfter: string | string[] | undefined): void {
  if (status >= 200 && status < 300) return;
  const isWorthAnother = status === 408 || status === 429 || status >= 500;
  const seconds = Number(retryAfter);
  throw new NotDelivered(`The webhook answered with status ${status}.`, {
    isWorthAnother,
    ...(Number.isFinite(seconds) && { retryAfterMs: seconds * 1000 }),
  });
}

function forbidden(): NotDelivered {
  return new NotDelivered("The webhook's address is in a network that is not public (alerts.allow_private).", {
    isWorthAnother: false,
  });
}

function unreachable(error: unknown, signal: AbortSignal): NotDelivered {
  for (let told = error; told instanceof Error; told = told.cause) if (told instanceof NotDelivered) return told;
  if (signal.aborted) return new NotDelivered('The webhook did not answer in time.', { isWorthAnother: true });
  const code = (error as NodeJS.ErrnoException).code ?? 'the connection broke';
  return new NotDelivered(`The webhook cannot be reached (${code}).`, { isWorthAnother: true });
}

function resolveBySystem(hostname: string, told: Parameters<ResolveName>[1]): void {
  systemLookup(hostname, { all: true, verbatim: true }, (error, addresses) => told(error, addresses ?? []));
}
