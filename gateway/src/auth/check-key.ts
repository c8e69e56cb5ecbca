import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { type AddressList, createAddressList } from './address-list.ts';
import { type ApiKey, hashSecret, hasScope, type Scope } from './api-key.ts';
import { completeBelonging, tenantsOf } from './belonging.ts';
import type { Directory } from './directory.ts';
import type { KeyRing } from './key-ring.ts';

/** Where a key is shown: the door, and the address of who shows it. */
export interface Showing {
  /** Any of these scopes opens the door. */
  scopes: readonly Scope[];
  address: string | undefined;
}

export interface KeyCheck {
  /** The first of these secrets that is a key and opens the door. Throws the refusal of the first one otherwise. */
  pick(secrets: readonly string[], showing: Showing): ApiKey;
  /** Throws where the key may not be used from this address; an address that is not known is a wrong one. */
  checkAddress(key: ApiKey, address: string | undefined): void;
}

export interface KeyCheckDeps {
  ring: KeyRing;
  directory: Directory;
  pepper: Buffer;
  clock: Clock;
}

export function createKeyCheck({ ring, directory, pepper, clock }: KeyCheckDeps): KeyCheck {
  const addressLists = new WeakMap<ApiKey, AddressList>();

  function addressesOf(key: ApiKey, ips: readonly string[]): AddressList {
    let list = addressLists.get(key);
    if (list === undefined) {
      list = createAddressList(ips);
      addressLists.set(key, list);
    }
    return list;
  }

  function whyNotFrom(key: ApiKey, address: string | undefined): GatewayError | undefined {
    if (key.ips === undefined) return undefined;
    if (address !== undefined && addressesOf(key, key.ips).has(address)) return undefined;
    return new GatewayError(
      'not_allowed',
      `The API key "${key.name}" may not be used from ${address ?? 'an address that is not known'}.`,
    );
  }

  function whyRefused(key: ApiKey | undefined, { scopes, address }: Showing): GatewayError | undefined {
    if (key === undefined)
      return new GatewayError(
        'invalid_api_key',
        'The API key is not known here. Keys of this gateway begin with `xd-`; a provider key does not belong here.',
      );
    const ended = whyEnded(key, clock.wallMs()) ?? whyOrphaned(key, directory);
    if (ended !== undefined) return ended;
    if (!scopes.some((scope) => hasScope(key, scope))) return wrongDoor(key, scopes);
    return whyNotFrom(key, address);
  }

  return {
    pick(secrets, showing) {
      let refusal: GatewayError | undefined;
      for (const secret of secrets) {
        const key = ring.find(hashSecret(secret, pepper));
        const wrong = whyRefused(key, showing);
        if (key !== undefined && wrong === undefined) return key;
        refusal ??= wrong;
      }
      throw (
        refusal ??
        new GatewayError('missing_api_key', 'No API key was sent. Use `Authorization: Bearer xd-…` (or `x-api-key`).')
      );
    },
    checkAddress(key, address) {
      const wrong = whyNotFrom(key, address);
      if (wrong !== undefined) throw wrong;
    },
  };
}

function whyEnded(key: ApiKey, nowMs: number): GatewayError | undefined {
  if (key.revokedAtMs !== undefined && key.revokedAtMs <= nowMs)
    return new GatewayError('revoked_api_key', `The API key "${key.name}" was revoked.`);
  if (key.expiresAtMs !== undefined && key.expiresAtMs <= nowMs) {
    return new GatewayError(
      'expired_api_key',
      `The API key "${key.name}" expired at ${new Date(key.expiresAtMs).toISOString()}.`,
    );
  }
  return undefined;
}

/** A key does not outlive those it belongs to. */
function whyOrphaned(key: ApiKey, directory: Directory): GatewayError | undefined {
  const gone = tenantsOf(completeBelonging(key, directory), directory).find(
    ({ archivedAtMs }) => archivedAtMs !== undefined,
  );
  if (gone === undefined) return undefined;
  return new GatewayError(
    'revoked_api_key',
    `The API key "${key.name}" belongs to the ${gone.kind} "${gone.name}", which was archived.`,
  );
}

function wrongDoor(key: ApiKey, scopes: readonly Scope[]): GatewayError {
  if (scopes.includes('data'))
    return new GatewayError(
      'not_allowed',
      `The API key "${key.name}" is for management alone. Call models with a key of the scope "data".`,
    );
  if (hasScope(key, 'read-only'))
    return new GatewayError(
      'not_allowed',
      `The API key "${key.name}" may read in the management API and change nothing. That takes the scope "management", or the admin key.`,
    );
  return new GatewayError(
    'not_allowed',
    `"${key.name}" is a key for models. The management API takes the admin key, or a key of the scope "management" or "read-only".`,
  );
}
