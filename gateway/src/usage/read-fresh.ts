import type { UsageStore } from './usage-store.ts';

/** The same store, which books what is waiting before it is asked. */
export function readFresh(usage: UsageStore, catchUp: () => Promise<void>): UsageStore {
  return {
    ...usage,
    async report(ask) {
      await catchUp();
      return usage.report(ask);
    },
    async savings(ask) {
      await catchUp();
      return usage.savings(ask);
    },
    async searchCalls(...ask) {
      await catchUp();
      return usage.searchCalls(...ask);
    },
    async findCall(id) {
      await catchUp();
      return usage.findCall(id);
    },
  };
}
