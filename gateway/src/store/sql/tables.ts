import type { TenantKind } from '../../auth/tenant.ts';
import type { BudgetTables } from './budget-tables.ts';
import type { UsageTables } from './usage-tables.ts';

/** The tables as SQLite and PostgreSQL both have them. Times are milliseconds since 1970. */
export interface Tables extends UsageTables, BudgetTables {
  keys: KeyRow;
  tenants: TenantRow;
  audit: AuditRow;
  /** One row: the end of the audit's chain. */
  audit_head: { id: number; sequence: number; hash: string };
  facts: { name: string; value: string };
  responses: ResponseRow;
}

export interface KeyRow {
  id: string;
  name: string;
  hash: string;
  prefix: string;
  organisation: string | null;
  team: string | null;
  project: string | null;
  user: string | null;
  tier: string | null;
  /** A JSON list of patterns; null: every model. */
  models: string | null;
  /** JSON, as are the next three. */
  limits: string | null;
  ips: string | null;
  scopes: string | null;
  tags: string | null;
  importance: string | null;
  created_at_ms: number;
  expires_at_ms: number | null;
  revoked_at_ms: number | null;
  replaced_by: string | null;
}

export interface TenantRow {
  id: string;
  kind: TenantKind;
  name: string;
  title: string | null;
  organisation: string | null;
  team: string | null;
  email: string | null;
  tier: string | null;
  /** JSON, as are the limits. */
  models: string | null;
  limits: string | null;
  created_at_ms: number;
  archived_at_ms: number | null;
}

export interface AuditRow {
  sequence: number;
  id: string;
  at_ms: number;
  actor: string;
  actor_id: string | null;
  action: string;
  noun: string;
  noun_id: string;
  noun_name: string;
  /** JSON as it was written, since it is part of what is hashed. */
  before: string | null;
  after: string | null;
  request_id: string | null;
  remote_address: string | null;
  previous_hash: string;
  hash: string;
}

export interface ResponseRow {
  id: string;
  key_id: string;
  previous_id: string | null;
  model: string;
  provider: string;
  created_at_ms: number;
  expires_at_ms: number;
  /** The response object as JSON. */
  response: string;
  /** What the client gave as `input`, as JSON. */
  input: string;
}
