import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dialects, isObject, type Json, type JsonObject } from '../src/index.ts';
import { type AskingDialect, PAIRS, TARGETS } from './ordinary-requests.ts';
import { IRRELEVANT, REQUEST_FIELDS } from './request-fields.ts';

/** The request with the value at the path, whatever stood there. */
function withField(base: JsonObject, path: string, value: Json): JsonObject {
  const body = structuredClone(base);
  const steps = path.split('.');
  const last = steps.pop()!;
  let place: JsonObject = body;
  for (const step of steps) {
    if (!isObject(place[step]) && !Array.isArray(place[step])) place[step] = {};
    place = place[step] as JsonObject;
  }
  place[last] = value;
  return body;
}

describe.each(PAIRS)('a request of %s for %s', (client, target) => {
  const { base, fields } = REQUEST_FIELDS[client];
  const write = (body: JsonObject) =>
    dialects[target].writeRequest(dialects[client].readRequest(body), TARGETS[target]);

  test.each(Object.entries(fields))('has %s carried, listed, or known to be irrelevant', (path, value) => {
    const before = write(base);
    const after = write(withField(base, path, value));
    const isCarried = JSON.stringify([after.body, after.headers]) !== JSON.stringify([before.body, before.headers]);
    const isListed = JSON.stringify(after.receipt) !== JSON.stringify(before.receipt);
    const isIrrelevant = IRRELEVANT.some(([field, targets]) => field.test(path) && targets.includes(target));
    expect({ isCarried, isListed, isIrrelevant: isIrrelevant && !isCarried && !isListed }).toSatisfy(
      (fate: Record<string, boolean>) => Object.values(fate).includes(true),
    );
  });
});

/** The file of an official SDK that declares the requests, and the name of the type. */
const DECLARED: [dialect: AskingDialect, sdk: string, file: string, type: string][] = [
  ['openai-chat', 'openai', 'resources/chat/completions/completions.d.ts', 'ChatCompletionCreateParamsBase'],
  ['openai-responses', 'openai', 'resources/responses/responses.d.ts', 'ResponseCreateParamsBase'],
  ['anthropic-messages', '@anthropic-ai/sdk', 'resources/messages/messages.d.ts', 'MessageCreateParamsBase'],
  ['anthropic-messages', '@anthropic-ai/sdk', 'resources/beta/messages/messages.d.ts', 'MessageCreateParamsBase'],
];

test.each(DECLARED)('every field of %s that the SDK %s declares in %s is walked', (dialect, sdk, file, type) => {
  const folder = dirname(createRequire(import.meta.url).resolve(sdk));
  const source = readFileSync(join(folder, file), 'utf8');
  const body = new RegExp(`^export interface (?:Beta)?${type} \\{\\n(.*?)^\\}`, 'ms').exec(source)?.[1] ?? '';
  const declared = [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, field = '']) => field);
  expect(declared.length).toBeGreaterThan(15);
  const walked = new Set(Object.keys(REQUEST_FIELDS[dialect].fields).map((path) => path.split('.')[0]));
  expect(declared.filter((field) => !walked.has(field))).toEqual([]);
});
