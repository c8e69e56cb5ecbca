import type { ApiKey } from '../../auth/api-key.ts';
import type { Directory } from '../../auth/directory.ts';
import type { KeyRing } from '../../auth/key-ring.ts';
import type { Tenant } from '../../auth/tenant.ts';
import type { Clock } from '../../core/clock.ts';
import { createIds } from '../../core/ids.ts';
import type { Books, Store } from '../../store/store.ts';
import { describeKey } from '../keys/key-document.ts';
import { describeTenant } from '../tenants/tenant-document.ts';
import type { Author } from './author.ts';
import { createTurns } from './in-turn.ts';

/** What other nodes are to hear of a change; they read the store when they hear it. */
export interface News {
  /** Of the audit's last entry. */
  sequence: number;
}

/** What became of something, for the audit. The documents hold no secret and no hash. */
export interface Becoming {
  /** `create`, `update`, `rotate`, `revoke`, `archive`, `restore` … */
  action: string;
  noun: string;
  id: string;
  name: string;
  /** Absent: there was none. */
  before?: object;
  /** Absent: it is gone. */
  after?: object;
}

/** What a change writes. */
export interface ChangeBooks extends Omit<Books, 'note'> {
  /** Notes what became of anything in the audit; `putInForce` runs once everything is written. */
  became(change: Becoming, putInForce?: () => void): Promise<void>;
  /** Notes what became of a key in the audit, and puts it in force once everything is written. */
  keyBecame(action: string, before: ApiKey | undefined, after: ApiKey): Promise<void>;
  tenantBecame(action: string, before: Tenant | undefined, after: Tenant): Promise<void>;
}

/** Keys and tenants, changed here and on other nodes: in the store first, then in memory, so that what was answered holds after a restart too. */
export interface Changes {
  /** Changes, one after the other. What throws changes nothing and is not noted. */
  make<Result>(author: Author, work: (books: ChangeBooks) => Promise<Result>): Promise<Result>;
  /** Takes in what other nodes have changed. Whether there was anything. */
  catchUp(): Promise<boolean>;
  /** Looks for changes of other nodes again and again, until closed. */
  follow(options: { everyMs: number; onFailure(error: unknown): void }): { close(): void };
}

export interface ChangesDeps {
  store: Store;
  ring: KeyRing;
  directory: Directory;
  clock: Clock;
  /** Tells the other nodes. */
  announce(news: News): void;
  /** Takes in what else other nodes may have changed. Absent: there is nothing else. */
  readMore?: (() => Promise<void>) | undefined;
}

export function createChanges({ store, ring, directory, clock, announce, readMore }: ChangesDeps): Changes {
  const inTurn = createTurns();
  const nextId = createIds('audit');
  /** The last change that is in memory. */
  let seen = -1;

  async function readAgain(): Promise<boolean> {
    const { sequence } = await store.audit.head();
    if (sequence === seen) return false;
    const keys = await store.keys.list();
    const tenants = await store.tenants.list();
    ring.replace('store', keys);
    directory.replace(tenants);
    await readMore?.();
    seen = sequence;
    return true;
  }

  const catchUp = () => inTurn(readAgain);

  return {
    make: (author, work) =>
      inTurn(async () => {
        const putInForce: (() => void)[] = [];
        const result = await store.change(({ note, ...books }) => {
          async function became({ id, name, ...change }: Becoming, put: () => void = () => {}): Promise<void> {
            await note({ id: nextId(), atMs: clock.wallMs(), ...author, ...change, nounId: id, nounName: name });
            putInForce.push(put);
          }
          return work({
            ...books,
            became,
            keyBecame: (action, before, after) =>
              became({ action, noun: 'key', ...documentsOf(before, after, describeKey) }, () => ring.put(after)),
            tenantBecame: (action, before, after) =>
              became({ action, noun: after.kind, ...documentsOf(before, after, describeTenant) }, () =>
                directory.put(after),
              ),
          });
        });
        if (putInForce.length === 0) return result;
        for (const put of putInForce) put();
        // Unless another node was faster, this change is the only one that is new; the next look at the store tells.
        seen += putInForce.length;
        announce({ sequence: seen });
        return result;
      }),
    catchUp,
    follow({ everyMs, onFailure }) {
      let isClosed = false;
      let timer = clock.setTimeout(look, everyMs);
      function look(): void {
        catchUp()
          .catch((error) => {
            if (!isClosed) onFailure(error);
          })
          .finally(() => {
            if (!isClosed) timer = clock.setTimeout(look, everyMs);
          });
      }
      return {
        close() {
          isClosed = true;
          timer.cancel();
        },
      };
    },
  };
}

function documentsOf<Noun extends { id: string; name: string }>(
  before: Noun | undefined,
  after: Noun,
  describe: (noun: Noun) => object,
): Pick<Becoming, 'id' | 'name' | 'before' | 'after'> {
  const { id, name } = after;
  return { id, name, ...(before !== undefined && { before: describe(before) }), after: describe(after) };
}
