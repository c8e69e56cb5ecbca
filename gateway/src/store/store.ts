import type { ApiKey } from '../auth/api-key.ts';
import type { AlertStore } from '../core/alert.ts';
import type { BudgetStore } from '../core/budget.ts';
import type { KeptResponse } from '../core/kept-response.ts';
import type { UsageStore } from '../usage/usage-store.ts';
import type { AuditNote, AuditStore } from './audit-store.ts';
import type { TenantStore } from './tenancy-store.ts';

export type * from '../usage/usage-store.ts';
export type * from './audit-store.ts';
export type * from './tenancy-store.ts';

/** What the gateway keeps between starts. One contract, several homes: SQLite in the data folder, PostgreSQL for several nodes. */
export interface Store {
  keys: KeyStore;
  tenants: TenantStore;
  budgets: BudgetStore;
  alerts: AlertStore;
  audit: AuditStore;
  /** Runs changes and the notes of them as one: all or nothing, and one after the other over all nodes. */
  change<Result>(work: (books: Books) => Promise<Result>): Promise<Result>;
  responses: ResponseStore;
  usage: UsageStore;
  /** Small facts about the installation, by name. */
  facts: {
    get(name: string): Promise<string | undefined>;
    set(name: string, value: string): Promise<void>;
    /** Sets it where there is none yet. Gives the one that is there now: of nodes that start at once, all get the same. */
    keep(name: string, value: string): Promise<string>;
  };
  /** Undefined while it answers; else why not. */
  whyUnwell(): string | undefined;
  /**
   * Writes a copy of the database, as it is at one moment, into a new file; work goes on meanwhile. Throws an Error that says what to
   * do instead where the database has tools of its own for that.
   */
  copyTo(file: string): Promise<void>;
  close(): Promise<void>;
}

/** What a change may touch. */
export interface Books {
  keys: KeyStore;
  tenants: TenantStore;
  budgets: BudgetStore;
  /** Appends to the audit. */
  note(note: AuditNote): Promise<void>;
}

/** What can be changed of a key. `null` takes a field away. */
export type KeyChange = {
  [Field in
    | 'organisation'
    | 'team'
    | 'project'
    | 'user'
    | 'tier'
    | 'models'
    | 'limits'
    | 'ips'
    | 'scopes'
    | 'tags'
    | 'importance'
    | 'expiresAtMs']?: NonNullable<ApiKey[Field]> | null;
} & { name?: string; revokedAtMs?: number };

/** What a home of the store tells the operator. */
export interface StoreLog {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface KeyStore {
  /** Every key that ever was, oldest first: revoked and expired ones too. */
  list(): Promise<ApiKey[]>;
  find(id: string): Promise<ApiKey | undefined>;
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

/** Every reading is for one key: what another key owns is not there. */
export interface ResponseStore {
  /** Keeps a response. All before it in its conversation are kept for as long as it is. */
  insert(kept: KeptResponse): Promise<void>;
  /** Undefined: there is none, or it has expired. */
  find(id: string, keyId: string, nowMs: number): Promise<KeptResponse | undefined>;
  /** The response and those before it, the oldest first, back to the first one that is missing. Empty if there is no such response. */
  conversation(id: string, keyId: string, nowMs: number): Promise<KeptResponse[]>;
  /** Whether there was one. */
  remove(id: string, keyId: string): Promise<boolean>;
  /** Takes away all that has expired; gives their number. */
  purge(nowMs: number): Promise<number>;
}
