import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';

export const CONFIG = ['--config <file>', 'configuration file (else XIDAO_CONFIG, else ./xidao.yaml)'] as const;
export const DATA = ['--data <folder>', 'data folder of the gateway (else XIDAO_DATA, else ./data)'] as const;

/** What every command that asks a running gateway takes. */
export interface Common {
  json?: boolean;
  data?: string;
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON');
}

const LIMITS = {
  rpm: 'requests a minute',
  rpd: 'requests a day',
  tpm: 'tokens a minute',
  tpd: 'tokens a day',
  concurrency: 'calls under way at once',
} as const;

/** Limits as they are given on the command line. */
export type LimitOptions = { [limit in keyof typeof LIMITS]?: number } & { limits?: Record<string, unknown> };

export function withLimits(command: Command): Command {
  for (const [name, meaning] of Object.entries(LIMITS)) command.option(`--${name} <number>`, meaning, readCount);
  return command.option('--limits <json>', 'all limits, such as {"rpm":5,"per_model":{"gpt-5":{"rpm":1}}}', readJson);
}

/** The limits that are meant: single numbers over those that were there, unless all are given. Undefined: none are. */
export function limitsOf(options: LimitOptions, before: object | null = null): object | undefined {
  const given = Object.keys(LIMITS)
    .map((name) => [name, options[name as keyof typeof LIMITS]])
    .filter(([, value]) => value !== undefined);
  if (given.length === 0) return options.limits;
  return { ...(options.limits ?? before), ...Object.fromEntries(given) };
}

/** Limits for people: `rpm=5 tpm=1000`. */
export function writeLimits(limits: object | null): string {
  return Object.entries(limits ?? {})
    .map(([name, value]) => (typeof value === 'object' ? `${name}=…` : `${name}=${value}`))
    .join(' ');
}

/** `name=value` entries as a map. */
export function tagsOf(written: readonly string[] | undefined): Record<string, string> | undefined {
  return written && Object.fromEntries(written.map(readTag));
}

/** For options of which one has to be a number. */
export function readCount(text: string): number {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new InvalidArgumentError('A whole number from 0.');
}

function readTag(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals === -1 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}

function readJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError('A JSON object.');
}
