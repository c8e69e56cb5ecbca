import type { Affinity } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';

/** Bytes of a conversation's beginning that tell it from others. */
const BEGINNING = 2048;

/**
 * What ties a call to the calls before it: the session that the client names, else the cache key or the user's id that it sends, else how its conversation begins. The same key twice goes to the same
 * place if it can, where the provider's prompt cache is warm. Undefined: nothing ties it.
 */
export function affinityOf({ call, caller }: Prompt): Affinity | undefined {
  if (caller.session !== undefined) return soft(caller.keyId, call.model, caller.session);
  const { body } = call;
  const cacheKey = body?.values['prompt_cache_key'];
  if (cacheKey !== undefined)
    return soft(caller.keyId, call.model, call.bytes.toString('latin1', cacheKey.from, cacheKey.to));
  // A conversation that has just begun has nothing in any cache; a later turn begins with the same bytes.
  const messages = body?.values['messages'] ?? body?.values['input'] ?? body?.values['contents'];
  if (messages === undefined || messages.to - messages.from < BEGINNING) return undefined;
  const beginning = call.bytes.toString('latin1', messages.from, messages.from + BEGINNING);
  return soft(caller.keyId, call.model, beginning);
}

function soft(keyId: string, model: string, mark: string): Affinity {
  return { key: `${keyId}\n${model}\n${mark}`, isHard: false };
}
