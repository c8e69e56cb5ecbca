import type { ApiKey } from '../auth/api-key.ts';

/** What the gateway keeps between starts. One contract, several homes: SQLite in the data folder, PostgreSQL for several nodes. */
export interface Store {
  keys: KeyStore;
  /** Small facts about the installation, by name. */
  facts: {
    get(name: string): Promise<string | undefined>;
    set(name: string, value: string): Promise<void>;
  };
  /** Undefined while it answers; else why not. */
  whyUnwell(): string | undefined;
  close(): Promise<void>;
}

/** What can be changed of a key. `null` takes a field away. */
export interface KeyChange {
  name?: string;
  models?: string[] | null;
  tier?: string | null;
  team?: string | null;
  project?: string | null;
  user?: string | null;
  expiresAtMs?: number | null;
  revokedAtMs?: number;
}

/** What a home of the store tells the operator. */
export interface StoreLog {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface KeyStore {
  /** Every key that ever was, oldest first: revoked and expired ones too. */
  list(): Promise<ApiKey[]>;
  /** Throws GatewayError `conflict` if a living key has this name. */
  insert(key: ApiKey): Promise<void>;
  /** Changes these fields. Throws GatewayError `not_found`, and `conflict` if a living key has the new name. */
  update(id: string, change: KeyChange): Promise<ApiKey>;
  /**
   * Puts `successor` in the place of a key, which ends at `expiresAtMs` and gives its name away: both or neither. Gives the old
   * key as it is now. Throws GatewayError `not_found`, and `conflict` if the key has a successor already or was revoked.
   */
  replace(id: string, successor: ApiKey, expiresAtMs: number): Promise<ApiKey>;
}
