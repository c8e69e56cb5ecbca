import dns from 'node:dns';
import type { LookupFunction } from 'node:net';

type Answer = Parameters<Parameters<LookupFunction>[2]>;

/**
 * Looks a name up once for all who ask at the same time; nothing is kept beyond that. Names are looked up by the process's few I/O threads, so that without this a name that resolves slowly would, with
 * fifty calls on their way to it, hold up those of every other provider.
 */
export function createSharedLookup(lookup: LookupFunction = dns.lookup): LookupFunction {
  const underWay = new Map<string, ((...answer: Answer) => void)[]>();
  return (hostname, options, callback) => {
    const { family = 0, hints = 0, all = false, order = '' } = options;
    const key = `${hostname}\n${family}\n${hints}\n${all}\n${order}`;
    const waiting = underWay.get(key);
    if (waiting !== undefined) {
      waiting.push(callback);
      return;
    }
    const asking = [callback];
    underWay.set(key, asking);
    lookup(hostname, options, (...answer) => {
      underWay.delete(key);
      for (const tell of asking) tell(...answer);
    });
  };
}
