import { dialects, type JsonObject, type ModelEvent } from '@xidao/dialects';
import { corpusIsThere, type Exchange } from '@xidao/testkit';
import { describe, expect, test } from 'vitest';
import { createCalibration } from '../../src/usage/calibration.ts';
import { estimateInput, INPUT_KINDS } from '../../src/usage/estimate-input.ts';
import { OUTPUT_KINDS, weighAnswer } from '../../src/usage/estimate-output.ts';
import { findFirstUsage, findLastUsage, readUsage } from '../../src/usage/find-usage.ts';
import { type Ask, askFor, loadExchanges } from './recordings.ts';

if (!corpusIsThere()) console.warn('The corpus of recordings is not there: no estimate is held against a real count.');

interface Observation {
  model: string;
  kind: number;
  estimated: number;
  actual: number;
}

/** Texts shorter than this differ by a whole token or two, which is a large part of them. */
const LEAST_CHARACTERS = 200;

function countedBy(ask: Ask) {
  const bytes = Buffer.from(ask.exchange.body ?? '');
  const { dialect } = ask;
  return readUsage(findFirstUsage([bytes], dialect), findLastUsage(bytes, dialect), dialect);
}

function eventsOf({ exchange, dialect }: Ask): ModelEvent[] {
  const reader = dialects[dialect].createReader();
  if (exchange.stream) return [...reader.push(Buffer.from(exchange.body!)), ...reader.finish()];
  return dialects[dialect].readDocument(JSON.parse(exchange.body!) as JsonObject);
}

/** Everything written is in the text: no thoughts that are kept back, no pictures. */
function isAllTold(events: readonly ModelEvent[], reasoningTokens = 0): boolean {
  const isOther = events.some(({ type }) => type === 'media' || type === 'opaque' || type.startsWith('reasoning'));
  return !isOther && reasoningTokens === 0;
}

function charactersOf(events: readonly ModelEvent[]): number {
  return events.reduce((sum, event) => {
    if (event.type === 'text-delta') return sum + event.text.length;
    return event.type === 'tool-call-delta' ? sum + event.arguments.length : sum;
  }, 0);
}

function answered(exchange: Exchange): Ask[] {
  const ask = askFor(exchange);
  return ask === undefined || exchange.status >= 400 || !exchange.body ? [] : [ask];
}

function observeAnswer(ask: Ask): Observation[] {
  const usage = countedBy(ask);
  if (usage === undefined || usage.outputTokens === 0) return [];
  const events = eventsOf(ask);
  if (!isAllTold(events, usage.reasoningTokens) || charactersOf(events) < LEAST_CHARACTERS) return [];
  const { tokens, kind } = weighAnswer(events);
  const model = `${ask.exchange.provider}/${ask.exchange.model}`;
  return [{ model, kind, estimated: tokens, actual: usage.outputTokens }];
}

/** Prompts of words and tools of their own; what hosted tools, files and pictures add no body tells. */
const UNTOLD = /"image|"file|_search|googleSearch|code_exec|computer|previous_response|"url":"http|cachedContent/;

function observePrompt(ask: Ask): Observation[] {
  const usage = countedBy(ask);
  const body = Buffer.from(JSON.stringify(ask.body));
  if (usage === undefined || usage.inputTokens === 0 || !ask.isRecorded || UNTOLD.test(body.toString())) return [];
  const { tokens, kind, hasMedia } = estimateInput({ bytes: body });
  if (hasMedia || body.length < 2 * LEAST_CHARACTERS) return [];
  return [
    { model: `${ask.exchange.provider}/${ask.exchange.model}`, kind, estimated: tokens, actual: usage.inputTokens },
  ];
}

interface Errors {
  raw: number[];
  corrected: number[];
  /** Those of models of which so many observations were learned before. */
  settled: number[];
}

const SETTLED = 8;

/** The errors of estimates made one after the other, each corrected by those before it. */
function errorsOf(observations: readonly Observation[], kinds: number): Errors {
  const calibration = createCalibration(kinds);
  const error = (estimated: number, actual: number) => Math.abs(estimated - actual) / actual;
  const raw: number[] = [];
  const corrected: number[] = [];
  const settled: number[] = [];
  const before = new Map<string, number>();
  for (const { model, kind, estimated, actual } of observations) {
    raw.push(error(estimated, actual));
    corrected.push(error(calibration.correct(model, kind, estimated), actual));
    const place = `${model} ${kind}`;
    const count = before.get(place) ?? 0;
    before.set(place, count + 1);
    if (count >= SETTLED) settled.push(corrected.at(-1)!);
    calibration.learn(model, kind, estimated, actual);
  }
  const sort = (errors: number[]) => errors.sort((one, other) => one - other);
  return { raw: sort(raw), corrected: sort(corrected), settled: sort(settled) };
}

const at = (sorted: readonly number[], share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function tell(what: string, { raw, corrected, settled }: Errors): void {
  const both = (sorted: number[]) => `p50 ${percent(at(sorted, 0.5))}, p95 ${percent(at(sorted, 0.95))}`;
  console.warn(
    `${what} (${raw.length}): off by ${both(raw)} as estimated, by ${both(corrected)} as corrected, by ${both(settled)} once ${SETTLED} were learned (${settled.length}).`,
  );
}

describe.skipIf(!corpusIsThere())('estimates against what providers counted', () => {
  const asks = corpusIsThere() ? loadExchanges().flatMap(answered) : [];

  test('answers of two hundred characters and more: half within 8 %, 95 in 100 within 30 %', () => {
    const errors = errorsOf(asks.flatMap(observeAnswer), OUTPUT_KINDS);
    tell('Answers', errors);
    expect(errors.corrected.length).toBeGreaterThan(50);
    expect(at(errors.corrected, 0.5)).toBeLessThan(0.08);
    expect(at(errors.corrected, 0.95)).toBeLessThan(0.3);
  });

  test('prompts, whose frame and instructions nobody sees, are estimated better for what was learned', () => {
    const errors = errorsOf(asks.flatMap(observePrompt), INPUT_KINDS);
    tell('Prompts', errors);
    expect(errors.corrected.length).toBeGreaterThan(100);
    expect(at(errors.corrected, 0.5)).toBeLessThan(at(errors.raw, 0.5));
  });
});
