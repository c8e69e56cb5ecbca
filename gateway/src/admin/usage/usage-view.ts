import type { BodyLog } from '../../usage/body-log.ts';
import type { CallBodies } from '../../usage/seal.ts';
import type { UsageStore } from '../../usage/usage-store.ts';
import type { Author } from '../audit/author.ts';
import type { KeyDesk } from '../keys/key-desk.ts';

/** What is to be seen of what calls used and cost. */
export interface UsageView {
  store: Pick<UsageStore, 'report' | 'savings' | 'searchCalls' | 'findCall' | 'findBodies'>;
  /** Ids of the keys that this is the id or a name of, ended ones too; what is neither stays as it is. */
  idsOfKey(idOrName: string): readonly string[];
  /** What was asked and answered, redacted. Undefined: nothing was kept. */
  openBodies(callId: string): Promise<CallBodies | undefined>;
  /** Somebody has read the bodies of a call: to be written down. */
  onBodiesRead(callId: string, author: Author): void;
  nowMs(): number;
}

export interface UsageViewDeps {
  usage: UsageView['store'];
  keys: Pick<KeyDesk, 'list'>;
  bodies: Pick<BodyLog, 'find'>;
  log: { info(facts: object, message: string): void };
  clock: { wallMs(): number };
}

export function createUsageView({ usage, keys, bodies, log, clock }: UsageViewDeps): UsageView {
  return {
    store: usage,
    idsOfKey(idOrName) {
      const meant = keys.list().filter(({ id, name }) => id === idOrName || name === idOrName);
      return meant.length === 0 ? [idOrName] : meant.map(({ id }) => id);
    },
    openBodies: bodies.find,
    onBodiesRead: (call_id, { actor, remoteAddress }) =>
      log.info({ call_id, actor, remote_address: remoteAddress }, 'the bodies of a call were read'),
    nowMs: () => clock.wallMs(),
  };
}
