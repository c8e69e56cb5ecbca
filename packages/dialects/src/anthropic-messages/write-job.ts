import { placeOf, type Setting, toolPlace, wordOf } from '../client-words.ts';
import type { TargetTraits } from '../dialect.ts';
import { createNotes } from '../notes.ts';
import type { Receipt } from '../receipt.ts';
import type { ModelRequest } from '../request.ts';
import { createLegalNames, type LegalNames } from './legal-names.ts';

/** One request being written, and what is noted on the way. */
export interface WriteJob {
  request: ModelRequest;
  traits: TargetTraits;
  /** The client spoke this dialect: its words go out as they came, and are not mended. */
  isOwn: boolean;
  receipt: Receipt;
  names: LegalNames;
  /** Written call id → the client's own. */
  callIds: Map<string, string>;
  drop(path: string): void;
  /** Reasoning of an earlier turn that cannot be sent: also decides whether this turn may think. */
  dropReasoning(path: string): void;
  hasLostReasoning: boolean;
  change(what: string): void;
  /** The path of a part as the client would name it. */
  pathOf(message: number, part?: number): string;
  toolPath(index: number): string;
  /** The client's word for a setting. */
  said(setting: Setting): string;
}

export function createWriteJob(request: ModelRequest, traits: TargetTraits): WriteJob {
  const { receipt, dropped, changed } = createNotes();
  const job: WriteJob = {
    request,
    traits,
    isOwn: request.origin === 'anthropic-messages',
    receipt,
    names: createLegalNames(),
    callIds: new Map(),
    hasLostReasoning: false,
    drop: dropped,
    dropReasoning(path) {
      job.hasLostReasoning = true;
      job.drop(path);
    },
    change: changed,
    pathOf: (message, part) => placeOf(request, message, part),
    toolPath: (index) => toolPlace(request, index),
    said: (setting) => wordOf(request, setting),
  };
  return job;
}
