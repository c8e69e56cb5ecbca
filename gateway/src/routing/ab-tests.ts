import { createHash } from 'node:crypto';
import type { Prompt } from '../core/prompt.ts';
import type { Guidance, Guide } from './guide.ts';
import { type Circumstances, type Match, matchesCall } from './match-call.ts';
import { isAuto } from './resolve-model.ts';

/** A test that sends shares of the calls to different models. */
export interface AbTest {
  name: string;
  enabled: boolean;
  /** Absent: calls for one of the variants, for `auto`, or for the test by its name. */
  match?: Match | undefined;
  sticky: 'user' | 'session' | 'key' | 'none';
  variants: readonly { model: string; weight: number }[];
}

/** The first running test that a call takes part in decides. Undefined where none runs. */
export function createAbTests(tests: readonly AbTest[], circumstances: Circumstances): Guide | undefined {
  const running = tests.filter(({ enabled, variants }) => enabled && variants.some(({ weight }) => weight > 0));
  if (running.length === 0) return undefined;
  return (prompt) => {
    const test = running.find((one) => takesPart(one, prompt, circumstances));
    return test === undefined ? undefined : assign(test, prompt);
  };
}

function takesPart({ name, match, variants }: AbTest, prompt: Prompt, circumstances: Circumstances): boolean {
  const { operation, model } = prompt.call;
  if (operation !== 'chat' && operation !== 'completions') return false;
  if (match !== undefined) return matchesCall(match, prompt, circumstances);
  return model === name || isAuto(model) || variants.some((variant) => variant.model === model);
}

function assign(test: AbTest, prompt: Prompt): Guidance {
  const { model } = pickVariant(test, unitOf(test, prompt));
  const variant = `${test.name}/${model}`;
  return {
    names: [model],
    reason: `test ${variant}`,
    decision: { variant, candidates: test.variants.map(({ model: name, weight }) => ({ name, score: weight })) },
  };
}

/** Whose answers should all come from one variant. A user without a name is told by its session, and that by the key; `none` throws the dice for each call. */
function unitOf({ sticky }: AbTest, { call, caller }: Prompt): string {
  switch (sticky) {
    case 'user':
      return caller.user ?? caller.session ?? call.id;
    case 'session':
      return caller.session ?? call.id;
    case 'key':
      return caller.keyId;
    case 'none':
      return call.id;
  }
}

/** The same unit gets the same variant for as long as the test's name and weights stay. */
function pickVariant({ name, variants }: AbTest, unit: string): { model: string } {
  const sum = variants.reduce((total, { weight }) => total + weight, 0);
  let rest = shareOf(`${name}\n${unit}`) * sum;
  for (const variant of variants) {
    rest -= variant.weight;
    if (rest < 0) return variant;
  }
  return variants.at(-1)!;
}

/** 0 to 1, evenly spread. */
function shareOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
