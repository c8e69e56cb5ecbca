/** Who changed what, when, from what to what. Entries are appended and never changed. */
export interface AuditStore {
  /** The newest first. */
  list(query: AuditQuery): Promise<AuditEntry[]>;
  /** The number of the last entry, which grows with every change of keys and tenants by any node, and its hash. */
  head(): Promise<AuditHead>;
  /** Goes through the whole chain. */
  verify(): Promise<AuditVerdict>;
}

export interface AuditHead {
  /** 0: nothing has happened yet. */
  sequence: number;
  hash: string;
}

/** What is to be written down of a change. */
export interface AuditNote {
  id: string;
  atMs: number;
  /** `admin key`, `local command`, `gateway`, or the name of the management key. */
  actor: string;
  /** Of the management key. */
  actorId?: string;
  /** `create`, `update`, `rotate`, `revoke`, `archive`, `restore` */
  action: string;
  /** `key`, `team` … */
  noun: string;
  nounId: string;
  nounName: string;
  /** The thing as JSON, without secrets and hashes; undefined: there was, or is, none. */
  before?: object;
  after?: object;
  requestId?: string;
  remoteAddress?: string;
}

export interface AuditEntry extends AuditNote {
  /** 1, 2, 3 … without a gap. */
  sequence: number;
  previousHash: string;
  /** SHA-256 of the previous hash and the entry's own content, hexadecimal. */
  hash: string;
}

export interface AuditQuery {
  limit: number;
  /** Only entries before this one. */
  beforeSequence?: number;
  noun?: string;
  nounId?: string;
  nounName?: string;
  action?: string;
  actor?: string;
  fromMs?: number;
  toMs?: number;
}

export type AuditVerdict =
  | { isIntact: true; entries: number; hash: string }
  /** `entries` of them are good, and the one of number `brokenAt` is not. */
  | { isIntact: false; entries: number; brokenAt: number; why: string };
