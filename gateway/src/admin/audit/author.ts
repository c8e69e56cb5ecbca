/** Who makes a change, as the audit tells it. */
export interface Author {
  /** `admin key`, `local command` (a command on the same machine), `gateway`, or the name of a management key. */
  actor: string;
  /** Of a management key. */
  actorId?: string;
  requestId?: string;
  remoteAddress?: string;
}

/** The gateway itself, at its first start. */
export const GATEWAY_AUTHOR: Author = { actor: 'gateway' };
