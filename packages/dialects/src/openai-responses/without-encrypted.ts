/** A stored response as a client sees it that has not asked for encrypted reasoning. */

import type { JsonObject } from '../json.ts';
import { SEALED } from './output-items.ts';

const SEAL_ID = new RegExp(`_${SEALED}\\d+$`);

/** The items without `encrypted_content`, and without those that hold nothing else: the same that the client was told, under the same ids. */
export function withoutEncrypted(items: readonly JsonObject[]): JsonObject[] {
  return items.filter((item) => !isSeal(item)).map(({ encrypted_content: _, ...shown }) => shown);
}

function isSeal({ type, id }: JsonObject): boolean {
  return type === 'reasoning' && typeof id === 'string' && SEAL_ID.test(id);
}
