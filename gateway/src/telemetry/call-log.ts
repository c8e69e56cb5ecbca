import { createPhrases, hundredths, quote } from '../core/json-text.ts';
import { PICO_PER_DOLLAR } from '../core/money.ts';
import type { CallRecord } from '../core/record.ts';

/** Where lines go. */
export interface LineSink {
  write(line: string): unknown;
}

/**
 * Gives a function that writes one JSON line for a finished call, in the form of the other log lines. Put together by hand, as it is the one line that every call pays for. It holds
 * what the record holds: no header, no body, no key.
 */
export function createCallLog(sink: LineSink): (record: CallRecord) => void {
  const known = createPhrases();
  const timeOf = createTimes();
  const phrase = (name: string, value: string | undefined) => (value === undefined ? '' : `,"${name}":${known(value)}`);

  return (record) => {
    const isWarning = record.outcome === 'failed' || record.outcome === 'broken-off';
    sink.write(
      `{"level":"${isWarning ? 'warn' : 'info'}","time":"${timeOf(record.startedAtMs)}","message":"call","id":${quote(record.id)}` +
        text('trace_id', record.traceId) +
        `,"status":${record.status},"outcome":"${record.outcome}"` +
        phrase('error', record.errorCode) +
        text('error_message', record.errorMessage) +
        `,"dialect":"${record.dialect}","operation":"${record.operation}","model":${known(record.modelAsked)}` +
        phrase('provider', record.provider) +
        phrase('served', record.modelServed) +
        phrase('key', record.keyName) +
        phrase('organisation', record.organisation) +
        phrase('team', record.team) +
        phrase('project', record.project) +
        text('user', record.user) +
        text('session', record.session) +
        json('tags', record.tags) +
        `,"streamed":${record.streamed}` +
        text('route', record.route) +
        phrase('variant', record.variant) +
        json('decision', record.decision) +
        phrase('shadow', record.shadow) +
        text('shadow_of', record.shadowOf) +
        `,"attempts":${attempts(record)}` +
        counts(record) +
        `,"usage":"${record.usageSource}"` +
        (record.costPicoUsd === undefined ? '' : `,"cost_usd":${record.costPicoUsd / PICO_PER_DOLLAR}`) +
        `,"bytes_in":${record.bytesIn},"bytes_out":${record.bytesOut},"duration_ms":${hundredths(record.durationMs)}` +
        time('first_byte_ms', record.firstByteMs) +
        time('overhead_ms', record.overheadMs) +
        `${json('translation', record.receipt)}}\n`,
    );
  };
}

/** How many there were; all that is known of them where they tell a story. */
function attempts({ attempts: made }: CallRecord): string {
  return made.length > 1 || made[0]?.why !== undefined ? JSON.stringify(made) : `${made.length}`;
}

function counts({ usage }: CallRecord): string {
  if (usage === undefined) return '';
  const written = `,"input_tokens":${usage.inputTokens},"output_tokens":${usage.outputTokens}`;
  return usage.cachedInputTokens === undefined ? written : `${written},"cached_tokens":${usage.cachedInputTokens}`;
}

function text(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${quote(value)}`;
}

function json(name: string, value: object | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}

function time(name: string, milliseconds: number | undefined): string {
  return milliseconds === undefined ? '' : `,"${name}":${hundredths(milliseconds)}`;
}

/** Moments in the form of ISO 8601, in UTC; all but the milliseconds is written once a second. */
function createTimes(): (atMs: number) => string {
  let second = Number.NaN;
  let written = '';
  return (atMs) => {
    const whole = Math.floor(atMs);
    const milliseconds = ((whole % 1000) + 1000) % 1000;
    if (whole - milliseconds !== second) {
      second = whole - milliseconds;
      written = new Date(second).toISOString().slice(0, 20);
    }
    const digits = milliseconds < 10 ? '00' : milliseconds < 100 ? '0' : '';
    return `${written}${digits}${milliseconds}Z`;
  };
}
