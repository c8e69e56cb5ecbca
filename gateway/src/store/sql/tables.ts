/** The tables as SQLite and PostgreSQL both have them. Times are milliseconds since 1970. */
export interface Tables {
  keys: KeyRow;
  facts: { name: string; value: string };
  responses: ResponseRow;
}

export interface KeyRow {
  id: string;
  name: string;
  hash: string;
  prefix: string;
  team: string | null;
  project: string | null;
  user: string | null;
  tier: string | null;
  /** A JSON list of patterns; null: every model. */
  models: string | null;
  created_at_ms: number;
  expires_at_ms: number | null;
  revoked_at_ms: number | null;
  replaced_by: string | null;
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
