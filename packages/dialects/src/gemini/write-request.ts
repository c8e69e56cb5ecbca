import type { TargetTraits, WrittenRequest } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import { emptyReceipt, type Receipt } from '../receipt.ts';
import type { ModelRequest } from '../request.ts';
import { defined } from './fields.ts';
import { createToolNames, type ToolNames } from './tool-names.ts';
import { writeContents } from './write-contents.ts';
import { writeGenerationConfig } from './write-generation-config.ts';
import { writeToolConfig, writeTools } from './write-tools.ts';

/** What the parts of a request's writer share. */
export interface Writing {
  request: ModelRequest;
  traits: TargetTraits;
  receipt: Receipt;
  names: ToolNames;
}

const SERVICE_TIERS: Record<string, string> = {
  default: 'standard',
  standard: 'standard',
  standard_only: 'standard',
  flex: 'flex',
  priority: 'priority',
};

/** What a client calls the fields that Gemini has no word for. */
const WORDS: [keyof ModelRequest, string][] = [
  ['logitBias', 'logit_bias'],
  ['minP', 'min_p'],
  ['verbosity', 'verbosity'],
  ['audio', 'audio'],
  ['user', 'user'],
  ['metadata', 'metadata'],
  ['cacheKey', 'prompt_cache_key'],
  ['previousResponseId', 'previous_response_id'],
];

/** Writes a generateContent request for a client of any dialect. The model and whether to stream belong into the path. */
export function writeRequest(request: ModelRequest, traits: TargetTraits): WrittenRequest {
  const writing: Writing = { request, traits, receipt: emptyReceipt(), names: createToolNames() };
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
  const { receipt, names } = writing;
  return names.changed.size === 0 ? { body, receipt } : { body, receipt, toolNames: names.changed };
}

function writeServiceTier({ request, receipt }: Writing): string | undefined {
  const tier = request.serviceTier;
  if (tier === undefined || request.origin === 'gemini') return tier;
  if (SERVICE_TIERS[tier] === undefined) receipt.dropped.push('service_tier');
  return SERVICE_TIERS[tier];
}

/** A Gemini client's own fields go back where they stood; another dialect's have no place here. */
function writeExtras({ request, receipt }: Writing, body: JsonObject): void {
  for (const [path, value] of Object.entries(request.extras)) {
    if (value === undefined) continue;
    if (request.origin !== 'gemini') receipt.dropped.push(path);
    else {
      const steps = path.split('.');
      const last = steps.pop()!;
      let place = body;
      for (const step of steps) place = (place[step] ??= {}) as JsonObject;
      place[last] = value;
    }
  }
}

function tellDropped({ request, receipt }: Writing): void {
  for (const [field, word] of WORDS) if (request[field] !== undefined) receipt.dropped.push(word);
  if (request.parallelToolCalls === false) receipt.dropped.push('parallel_tool_calls');
  // `store: false` asks for what happens anyway.
  if (request.store === true) receipt.dropped.push('store');
  receipt.dropped.push(...request.unread);
}
