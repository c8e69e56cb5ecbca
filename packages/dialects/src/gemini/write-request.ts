import { type Setting, wordOf } from '../client-words.ts';
import type { TargetTraits, WrittenRequest } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import { createNotes, type Notes } from '../notes.ts';
import type { ModelRequest } from '../request.ts';
import { foreignFields, saidAmong, tellCacheMarks } from '../unsaid.ts';
import { defined } from './fields.ts';
import { createToolNames, type ToolNames } from './tool-names.ts';
import { writeContents } from './write-contents.ts';
import { writeGenerationConfig } from './write-generation-config.ts';
import { writeToolConfig, writeTools } from './write-tools.ts';

/** What the parts of a request's writer share. */
export interface Writing {
  request: ModelRequest;
  traits: TargetTraits;
  notes: Notes;
  names: ToolNames;
}

/** `auto` is what happens unasked. */
const SERVICE_TIERS: Record<string, string | undefined> = {
  auto: undefined,
  default: 'standard',
  standard: 'standard',
  standard_only: 'standard',
  flex: 'flex',
  priority: 'priority',
};

/** Settings that Gemini has no word for. */
const UNSAYABLE: Setting[] = [
  ...(['logitBias', 'minP', 'verbosity', 'audio', 'user', 'metadata', 'previousResponseId'] as const),
  ...(['parallelToolCalls', 'store'] as const),
];

/** Writes a generateContent request for a client of any dialect. The model and whether to stream belong into the path. */
export function writeRequest(request: ModelRequest, traits: TargetTraits): WrittenRequest {
  const writing: Writing = { request, traits, notes: createNotes(), names: createToolNames() };
  const { contents, systemInstruction } = writeContents(writing);
  const body: JsonObject = defined({
    contents,
    systemInstruction,
    tools: writeTools(writing),
    toolConfig: writeToolConfig(writing),
    generationConfig: writeGenerationConfig(writing),
    serviceTier: writeServiceTier(writing),
  });
  writeExtras(writing, body);
  tellDropped(writing);
  const { names } = writing;
  const { receipt } = writing.notes;
  return names.changed.size === 0 ? { body, receipt } : { body, receipt, toolNames: names.changed };
}

function writeServiceTier({ request, notes }: Writing): string | undefined {
  const tier = request.serviceTier;
  if (tier === undefined || request.origin === 'gemini') return tier;
  if (!(tier in SERVICE_TIERS)) notes.dropped(`${wordOf(request, 'serviceTier')} ${tier}`);
  return SERVICE_TIERS[tier];
}

/** A Gemini client's own fields go back where they stood. */
function writeExtras({ request }: Writing, body: JsonObject): void {
  if (request.origin !== 'gemini') return;
  for (const [path, value] of Object.entries(request.extras)) {
    if (value === undefined) continue;
    const steps = path.split('.');
    const last = steps.pop()!;
    let place = body;
    for (const step of steps) place = (place[step] ??= {}) as JsonObject;
    place[last] = value;
  }
}

function tellDropped({ request, notes }: Writing): void {
  for (const word of saidAmong(request, UNSAYABLE)) notes.dropped(word);
  if (request.origin === 'gemini') return;
  tellCacheMarks(request, notes);
  for (const path of foreignFields(request, () => false)) notes.dropped(path);
}
