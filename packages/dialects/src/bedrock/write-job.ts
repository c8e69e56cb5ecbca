import { placeOf, type Setting, toolPlace, wordOf } from '../client-words.ts';
import type { TargetTraits } from '../dialect.ts';
import { createNotes } from '../notes.ts';
import type { Receipt } from '../receipt.ts';
import type { ModelRequest } from '../request.ts';
import { legalName } from './legal-names.ts';
import { type Maker, makerOf } from './makers.ts';

/** One request being written, and what is noted on the way. */
export interface WriteJob {
  request: ModelRequest;
  traits: TargetTraits;
  maker: Maker;
  /** The client spoke this dialect: its words go out as they came, and are not mended. */
  isOwn: boolean;
  receipt: Receipt;
  /** Written → the client's own. */
  toolNames: Map<string, string>;
  callIds: Map<string, string>;
  /** Names of documents that are taken. */
  documentNames: Set<string>;
  toolName(own: string): string;
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
  const isOwn = request.origin === 'bedrock';
  const toolNames = new Map<string, string>();
  const job: WriteJob = {
    request,
    traits,
    maker: makerOf(traits.model),
    isOwn,
    receipt,
    toolNames,
    callIds: new Map(),
    documentNames: new Set(),
    hasLostReasoning: false,
    toolName(own) {
      const written = isOwn ? own : legalName(own);
      if (written !== own) toolNames.set(written, own);
      return written;
    },
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
