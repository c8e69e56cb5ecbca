import { emptyReceipt, type Receipt } from './receipt.ts';

/** Collects what a writer could not carry, each thing once. */
export function createNotes() {
  const receipt: Receipt = emptyReceipt();
  const add = (list: string[], line: string) => {
    if (!list.includes(line)) list.push(line);
  };
  return {
    receipt,
    dropped: (path: string) => add(receipt.dropped, path),
    changed: (line: string) => add(receipt.changed, line),
  };
}

export type Notes = ReturnType<typeof createNotes>;
