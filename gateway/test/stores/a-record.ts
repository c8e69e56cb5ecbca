import type { CallRecord } from '../../src/core/record.ts';
import type { JournalExtras } from '../../src/usage/journal-line.ts';

/** A finished call of key_1 that openai answered with gpt-5, for 1,000 pico-dollars. */
export function aRecord(id: string, more: Partial<CallRecord & JournalExtras> = {}): CallRecord & JournalExtras {
  return {
    id,
    startedAtMs: Date.parse('2026-11-20T12:30:00Z'),
    dialect: 'openai-chat',
    operation: 'chat',
    path: '/v1/chat/completions',
    modelAsked: 'gpt-5',
    provider: 'openai',
    modelServed: 'gpt-5',
    keyId: 'key_1',
    keyName: 'app',
    status: 200,
    outcome: 'complete',
    streamed: false,
    route: 'exact',
    attempts: [
      { provider: 'openai', model: 'gpt-5', startedMs: 0.25, firstByteMs: 300.5, status: 200, verdict: 'answered' },
    ],
    usage: { inputTokens: 100, outputTokens: 20, cachedInputTokens: 40, reasoningTokens: 5 },
    usageSource: 'measured',
    costPicoUsd: 1_000,
    bytesIn: 1_234,
    bytesOut: 567,
    durationMs: 800,
    firstByteMs: 301,
    overheadMs: 0.5,
    ...more,
  };
}
