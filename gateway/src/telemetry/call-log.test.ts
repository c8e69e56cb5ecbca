import { expect, test } from 'vitest';
import type { CallRecord } from '../core/record.ts';
import { createCallLog } from './call-log.ts';

const LEAST: CallRecord = {
  id: 'call_1',
  startedAtMs: Date.UTC(2026, 10, 20, 9, 8, 7, 6),
  dialect: 'openai-chat',
  operation: 'chat',
  path: '/v1/chat/completions',
  modelAsked: 'a "model"\n',
  status: 404,
  outcome: 'refused',
  streamed: false,
  attempts: [],
  usageSource: 'none',
  bytesIn: 12,
  bytesOut: 34,
  durationMs: 1.2345,
};

function linesOf(...records: CallRecord[]): string[] {
  const lines: string[] = [];
  const log = createCallLog({ write: (line) => lines.push(line) });
  for (const record of records) log(record);
  return lines;
}

test('a call of which little is known is a line of what is known', () => {
  const [line] = linesOf(LEAST);
  expect(line).toBe(
    `${JSON.stringify({
      level: 'info',
      time: '2026-11-20T09:08:07.006Z',
      message: 'call',
      id: 'call_1',
      status: 404,
      outcome: 'refused',
      dialect: 'openai-chat',
      operation: 'chat',
      model: 'a "model"\n',
      streamed: false,
      attempts: 0,
      usage: 'none',
      bytes_in: 12,
      bytes_out: 34,
      duration_ms: 1.23,
    })}\n`,
  );
});

test('a call of which all is known is a line of all of it', () => {
  const failed = { provider: 'one', model: 'm', startedMs: 0.5, verdict: 'next-target' as const, why: 'it said "no"' };
  const [line] = linesOf({
    ...LEAST,
    traceId: 'f'.repeat(32),
    status: 200,
    outcome: 'broken-off',
    errorCode: 'upstream_broke_off',
    errorMessage: 'it broke "off"',
    provider: 'two',
    modelServed: 'm2',
    keyName: 'key',
    organisation: 'o',
    team: 't',
    project: 'p',
    user: 'u\u2028',
    session: 's',
    tags: { 'a"b': 'c' },
    streamed: true,
    route: 'catalogue',
    variant: 'test/m2',
    shadow: 'mirror',
    shadowOf: 'call_0',
    attempts: [failed, { provider: 'two', model: 'm2', startedMs: 3, verdict: 'answered' }],
    usage: { inputTokens: 3, outputTokens: 4, cachedInputTokens: 0 },
    usageSource: 'measured',
    costPicoUsd: 123_456,
    firstByteMs: 2,
    overheadMs: 0.071,
    receipt: { dropped: ['seed'], changed: [] },
  });
  expect(JSON.parse(line!)).toEqual({
    level: 'warn',
    time: '2026-11-20T09:08:07.006Z',
    message: 'call',
    id: 'call_1',
    trace_id: 'f'.repeat(32),
    status: 200,
    outcome: 'broken-off',
    error: 'upstream_broke_off',
    error_message: 'it broke "off"',
    dialect: 'openai-chat',
    operation: 'chat',
    model: 'a "model"\n',
    provider: 'two',
    served: 'm2',
    key: 'key',
    organisation: 'o',
    team: 't',
    project: 'p',
    user: 'u\u2028',
    session: 's',
    tags: { 'a"b': 'c' },
    streamed: true,
    route: 'catalogue',
    variant: 'test/m2',
    shadow: 'mirror',
    shadow_of: 'call_0',
    attempts: [failed, { provider: 'two', model: 'm2', startedMs: 3, verdict: 'answered' }],
    input_tokens: 3,
    output_tokens: 4,
    cached_tokens: 0,
    usage: 'measured',
    cost_usd: 123_456e-12,
    bytes_in: 12,
    bytes_out: 34,
    duration_ms: 1.23,
    first_byte_ms: 2,
    overhead_ms: 0.07,
    translation: { dropped: ['seed'], changed: [] },
  });
});

test('moments are told to the millisecond, in whatever order calls come', () => {
  const moments = [0, 999, 1000, 1_000.7, 999, Date.UTC(2026, 0, 1), Date.UTC(2026, 11, 31, 23, 59, 59, 10)];
  const lines = linesOf(...moments.map((startedAtMs) => ({ ...LEAST, startedAtMs })));
  const told = lines.map((line) => (JSON.parse(line) as { time: string }).time);
  expect(told).toEqual(moments.map((moment) => new Date(moment).toISOString()));
});
