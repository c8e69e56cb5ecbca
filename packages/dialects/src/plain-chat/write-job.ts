import type { Renames } from '../chat-words.ts';
import { type Setting, wordOf } from '../client-words.ts';
import type { DialectName, TargetTraits } from '../dialect.ts';
import { createNotes, type Notes } from '../notes.ts';
import type { ModelRequest } from '../request.ts';

/** One request being written, and what is noted on the way. */
export interface WriteJob {
  request: ModelRequest;
  traits: TargetTraits;
  /** The client spoke this very dialect. */
  isOwn: boolean;
  own: DialectName;
  tools: Renames;
  notes: Notes;
  /** The client's word for a setting. */
  said(setting: Setting): string;
}

export function createWriteJob(
  request: ModelRequest,
  traits: TargetTraits,
  { own, tools }: { own: DialectName; tools: Renames },
): WriteJob {
  return {
    request,
    traits,
    isOwn: request.origin === own,
    own,
    tools,
    notes: createNotes(),
    said: (setting) => wordOf(request, setting),
  };
}
