/** The output of a response while it grows: items are added, filled and finished, and told as they are. */

import type { JsonObject } from '../json.ts';
import { seal as writeSeal } from '../seal.ts';
import type { Frames } from './frames.ts';
import type { Seal } from './seal.ts';

/** Part of the id of an item that holds nothing but a signature. */
export const SEALED = 'seal';

export interface OpenItem {
  id: string;
  index: number;
  item: JsonObject;
}

interface HeldItem extends OpenItem {
  seal: Seal | undefined;
}

export interface OutputItems {
  readonly list: JsonObject[];
  newId(prefix: string): string;
  /** The provider's own id if it has the right prefix and is not taken, else a new one. */
  idLike(prefix: string, own: string | undefined): string;
  add(item: JsonObject): OpenItem;
  /**
   * The item has all it will get. It is held until the next thing happens, because only then it is known whether the
   * answer was cut off inside it.
   */
  hold(open: OpenItem, seal?: Seal): void;
  /** Whether the item is still held, and so can grow on: then it is held no longer. */
  unhold(open: OpenItem): boolean;
  release(status: 'completed' | 'incomplete'): void;
  finish(open: OpenItem): void;
}

export function createOutputItems(responseId: string, frames: Frames): OutputItems {
  const base = responseId.replace(/^resp_/, '').slice(0, 40);
  const list: JsonObject[] = [];
  const ids = new Set<string>();
  let held: HeldItem | undefined;

  const newId = (prefix: string): string => {
    let id = `${prefix}${base}_${ids.size}`;
    for (let more = 1; ids.has(id); more++) id = `${prefix}${base}_${ids.size + more}`;
    ids.add(id);
    return id;
  };

  const idLike = (prefix: string, own: string | undefined): string => {
    if (own === undefined || own === '' || !own.startsWith(prefix) || ids.has(own)) return newId(prefix || 'item_');
    ids.add(own);
    return own;
  };

  const add = (item: JsonObject): OpenItem => {
    const index = list.push(item) - 1;
    frames.event('response.output_item.added', { output_index: index, item });
    return { id: String(item['id']), index, item };
  };

  const finish = ({ index, item }: OpenItem) =>
    frames.event('response.output_item.done', { output_index: index, item });

  // With an id of its own kind: whether the client sees such items or not, all others have the same ids.
  let seals = 0;
  const addSeal = (seal: Seal) => {
    const id = `rs_${base}_${SEALED}${seals++}`;
    finish(add({ id, type: 'reasoning', summary: [], encrypted_content: writeSeal(seal) }));
  };

  const release = (status: 'completed' | 'incomplete') => {
    if (held === undefined) return;
    const { seal, ...open } = held;
    held = undefined;
    if ('status' in open.item) open.item['status'] = status;
    finish(open);
    if (seal) addSeal(seal);
  };

  return {
    list,
    newId,
    idLike,
    add,
    hold(open, seal) {
      release('completed');
      held = { ...open, seal };
    },
    unhold(open) {
      if (held?.index !== open.index) return false;
      held = undefined;
      return true;
    },
    release,
    finish,
  };
}
