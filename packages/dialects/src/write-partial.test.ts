import { expect, test } from 'vitest';
import type { ClientDialectName } from './dialect.ts';
import { dialects } from './dialects.ts';
import type { ModelError } from './errors.ts';

const ERROR: ModelError = {
  kind: 'server',
  status: 502,
  code: 'upstream_broke_off',
  isOwn: true,
  message: 'It broke off.',
};
const USAGE = { inputTokens: 12, outputTokens: 5 };
const NAMES: ClientDialectName[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];

function errorsIn(frames: string): Record<string, unknown>[] {
  return [...frames.matchAll(/^data: ?(.*)$/gm)].map(([, data]) => {
    const told = JSON.parse(data!) as Record<string, never>;
    return told['error'] ?? (told['response'] as Record<string, never> | undefined)?.['error'] ?? told;
  });
}

test.each(NAMES)('%s: the error tells whether the answer can be gone on with, and what it used', (name) => {
  const { writeStreamError, writeUsage } = dialects[name];
  for (const told of errorsIn(writeStreamError({ ...ERROR, partial: { resumable: true, usage: USAGE } }, 'req_1')))
    expect(told).toMatchObject({ message: 'It broke off.', resumable: true, usage: writeUsage(USAGE) });
  const estimated = { resumable: false, usage: USAGE, isEstimated: true } as const;
  for (const told of errorsIn(writeStreamError({ ...ERROR, partial: estimated }, 'req_1')))
    expect(told).toMatchObject({ resumable: false, usage: { ...writeUsage(USAGE), estimated: true } });
});

test.each(NAMES)('%s: an error before any answer tells neither', (name) => {
  for (const told of errorsIn(dialects[name].writeStreamError(ERROR, 'req_1'))) {
    expect(told).not.toHaveProperty('resumable');
    expect(told).not.toHaveProperty('usage');
  }
});
