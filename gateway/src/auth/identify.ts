import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../core/caller.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { ApiKey } from './api-key.ts';
import { completeBelonging } from './belonging.ts';
import { callerOf } from './caller-of.ts';
import { createKeyCheck } from './check-key.ts';
import { type Claims, claim, readClaims, readSession, readTags, saysSomething } from './claims.ts';
import { hasKeyInQuery, readCredentials } from './credentials.ts';
import type { Directory } from './directory.ts';
import type { KeyRing } from './key-ring.ts';

export interface Auth {
  /** Who is calling, and for whom. Throws the refusal that says why nobody is. */
  identify(call: Credentials): Caller;
}

/** What tells who is calling. */
export interface Credentials {
  headers: IncomingHttpHeaders;
  /** Without `?`. */
  query: string;
  /** The client's own; without one, a key that is bound to addresses is refused. */
  remoteAddress?: string;
}

export interface AuthDeps {
  ring: KeyRing;
  directory: Directory;
  pepper: Buffer;
  clock: Clock;
}

interface Verdict {
  key: ApiKey;
  caller: Caller;
  ringVersion: number;
  directoryVersion: number;
}

/** More header strings than this are not remembered at once; an attacker who tries many must not fill the memory. */
const MOST_CACHED = 10_000;
/** The same for what calls claim: `X-User` may be another one each time. */
const MOST_CLAIMED = 10_000;

export function createAuth({ ring, directory, pepper, clock }: AuthDeps): Auth {
  // Only keys that were found are cached, by the raw header: 0.02 µs against 2 µs for the hash.
  const cache = new Map<string, Verdict>();
  /** Callers by key and claims, as long as the verdict on the key stands. */
  const claimed = new Map<string, { verdict: Verdict; caller: Caller }>();
  const check = createKeyCheck({ ring, directory, pepper, clock });

  function recall(header: string | undefined): Verdict | undefined {
    if (header === undefined) return undefined;
    const cached = cache.get(header);
    if (cached === undefined || cached.ringVersion !== ring.version) return undefined;
    if (cached.directoryVersion !== directory.version) return undefined;
    if (cached.key.expiresAtMs !== undefined && cached.key.expiresAtMs <= clock.wallMs()) return undefined;
    return cached;
  }

  function judge(headers: IncomingHttpHeaders, address: string | undefined): Verdict {
    const key = check.pick(readCredentials(headers), { scopes: ['data'], address });
    return {
      key,
      caller: callerOf(key, completeBelonging(key, directory), directory),
      ringVersion: ring.version,
      directoryVersion: directory.version,
    };
  }

  function remember(header: string, verdict: Verdict): void {
    if (cache.size >= MOST_CACHED) cache.clear();
    cache.set(header, verdict);
  }

  function claimedCaller(verdict: Verdict, claims: Claims): Caller {
    const { team, project, user } = claims;
    if (team === undefined && project === undefined && user === undefined) return verdict.caller;
    const name = JSON.stringify([verdict.key.id, team, project, user]);
    const known = claimed.get(name);
    if (known?.verdict === verdict) return known.caller;
    const own = completeBelonging(verdict.key, directory);
    const belonging = claim(own, claims, { keyName: verdict.key.name, directory });
    const caller = callerOf(verdict.key, belonging, directory);
    if (claimed.size >= MOST_CLAIMED) claimed.clear();
    claimed.set(name, { verdict, caller });
    return caller;
  }

  /** The caller with what this one call says of itself. */
  function withWords(verdict: Verdict, headers: IncomingHttpHeaders): Caller {
    const caller = claimedCaller(verdict, readClaims(headers));
    const session = readSession(headers);
    const tags = readTags(headers, verdict.key.tags);
    if (session === undefined && tags === caller.tags) return caller;
    return { ...caller, ...(session !== undefined && { session }), ...(tags !== undefined && { tags }) };
  }

  return {
    identify({ headers, query, remoteAddress }) {
      // Where two headers carry different keys each is tried, so only a lone header may be answered from memory.
      const header = loneHeader(headers);
      const known = recall(header);
      if (query !== '' && hasKeyInQuery(query)) throw keyInQuery();
      let verdict = known;
      if (verdict === undefined) {
        verdict = judge(headers, remoteAddress);
        if (header !== undefined) remember(header, verdict);
      } else if (verdict.key.ips !== undefined) {
        check.checkAddress(verdict.key, remoteAddress);
      }
      return saysSomething(headers) ? withWords(verdict, headers) : verdict.caller;
    },
  };
}

function loneHeader(headers: IncomingHttpHeaders): string | undefined {
  const authorization = headers.authorization;
  const xApiKey = headers['x-api-key'];
  if (headers['api-key'] !== undefined || headers['x-goog-api-key'] !== undefined) return undefined;
  if (authorization !== undefined) return xApiKey === undefined ? authorization : undefined;
  return typeof xApiKey === 'string' ? xApiKey : undefined;
}

function keyInQuery(): GatewayError {
  return new GatewayError(
    'key_in_query',
    'A key was sent in the URL, where logs and proxies keep it. Send it as a header (`Authorization: Bearer` or `x-api-key`), and replace it: treat this one as leaked.',
  );
}
