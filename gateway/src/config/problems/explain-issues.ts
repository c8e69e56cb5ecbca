/** What the schema found, in words: what was expected, what kind of thing came, which key was probably meant. Never a value. */

import type { z } from 'zod';
import { nearestName } from '../../core/nearest.ts';
import { knownKeys } from './known-keys.ts';
import type { Path, Problem } from './problem.ts';

type Issue = z.core.$ZodIssue;

export interface Finding extends Problem {
  /** It is about the key, not about what is under it. */
  about: 'key' | 'value';
  /** Where it stands, if `path` leaves out a part that must not be shown. */
  writtenAt?: Path;
}

export function explainIssues(issues: readonly Issue[], value: unknown, schema: z.core.$ZodType): Finding[] {
  return issues.flatMap(pickBranch).flatMap((issue) => explainIssue(issue, value, schema));
}

function explainIssue(issue: Issue, value: unknown, schema: z.core.$ZodType): Finding[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const known = (knownKeys(schema, path) ?? []).filter((key) => !key.startsWith('$'));
    return issue.keys.map((key) => explainUnknownKey(path, key, at(value, [...path, key]), known));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, about: 'key', message: `expected as key: ${issue.issues[0]?.message ?? 'another name'}` }];
  }
  const given = at(value, path);
  const expected = `expected ${expectation(issue)}`;
  if (given === undefined) return [{ path, about: 'value', message: `missing; ${expected}` }];
  const suggestion =
    issue.code === 'invalid_value' && typeof given === 'string'
      ? nearestName(given, issue.values.map(String))
      : undefined;
  return [{ path, about: 'value', message: `${expected}, got ${kindOf(given)}`, ...(suggestion && { suggestion }) }];
}

function explainUnknownKey(path: Path, key: string, value: unknown, known: readonly string[]): Finding {
  const colon = key.indexOf(':');
  // `{api_key:sk-…}` is, to YAML, one key with nothing under it: the rest of it is not to be shown.
  if (value === null && colon > 0) {
    return {
      path: [...path, key.slice(0, colon)],
      about: 'key',
      writtenAt: [...path, key],
      message: 'a space is missing after the colon',
    };
  }
  const suggestion = nearestName(key, known);
  if (suggestion !== undefined) return { path: [...path, key], about: 'key', message: 'unknown key', suggestion };
  const shown = value !== null && key.length <= 64 && !/\s/.test(key);
  const choice = known.length > 0 ? `; known here: ${known.join(', ')}` : '';
  return {
    path: shown ? [...path, key] : path,
    about: 'key',
    writtenAt: [...path, key],
    message: `unknown key${choice}`,
  };
}

/** Of alternatives, the one that was probably meant: of the right kind, with the fewest faults. */
function pickBranch(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.filter((branch) => !branch.some(isWrongKind)).sort((a, b) => a.length - b.length)[0];
  if (meant === undefined) return [issue];
  return meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }) as Issue).flatMap(pickBranch);
}

function isWrongKind(issue: Issue): boolean {
  return (
    issue.path.length === 0 &&
    (issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union')
  );
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`;
    case 'too_small':
      return issue.origin === 'string'
        ? 'a text that is not empty'
        : `at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_union':
      return issue.message === 'Invalid input'
        ? listOf(issue.errors.flat().filter(isWrongKind).map(expectation))
        : issue.message;
    default:
      return issue.message;
  }
}

const kinds: Partial<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section',
  record: 'a section',
  null: 'nothing',
};

function unitOf(origin: string): string {
  return origin === 'array' ? ' entries' : '';
}

function listOf(words: string[]): string {
  const different = [...new Set(words)];
  const last = different.pop() ?? 'something else';
  return different.length > 0 ? `${different.join(', ')} or ${last}` : last;
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return value === '' ? 'an empty text' : 'a text';
    case 'number':
      return 'a number';
    case 'boolean':
      return String(value);
    default:
      return 'a section';
  }
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      inner !== null && typeof inner === 'object' && Object.hasOwn(inner, step)
        ? inner[step as keyof typeof inner]
        : undefined,
    value,
  );
}
