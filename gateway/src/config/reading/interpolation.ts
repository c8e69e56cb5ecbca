/** `${VAR}`, `${VAR:-default}` and the escape `$${…}` in the texts of a configuration. */

import type { Environment } from '../environment.ts';

export type Reference =
  | { kind: 'literal'; text: string }
  | { kind: 'variable'; name: string; fallback: string | undefined }
  | { kind: 'malformed'; reason: string };

export interface Hidden {
  text: string;
  references: Reference[];
}

export interface Resolved {
  text: string;
  /** The variables that were looked up. */
  variables: string[];
  /** The whole text was one reference to a variable. */
  whole: boolean;
  /** What is wrong with its references, without any value. */
  faults: string[];
}

// YAML ends an unquoted text at `{` or `}` inside a flow mapping, so `{ api_key: ${KEY} }` would not parse. Before parsing, each
// reference is replaced by a token of equal length (so that lines and columns stay true) that YAML takes for letters: an opening
// noncharacter, one character that counts the reference, and filling.
const OPEN = '\ufdd0';
const FILL = '\ufdd1';
const FIRST_INDEX = 0xe000;
const MOST = 0x18ff;
const TOKEN = /\ufdd0([\ue000-\uf8ff])\ufdd1*/g;
const WRITTEN = /\$?\$\{[^}\n"':]*(?::[^}\n]*)?\}/g;
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/;

/** Replaces every reference by a token of equal length. */
export function hideReferences(text: string): Hidden {
  const references: Reference[] = [];
  const hidden = text.replaceAll(/[\ufdd0\ufdd1]/g, '\ufffd').replaceAll(WRITTEN, (written) => {
    if (references.length > MOST) return written;
    references.push(readReference(written));
    return (OPEN + String.fromCharCode(FIRST_INDEX + references.length - 1)).padEnd(written.length, FILL);
  });
  return { text: hidden, references };
}

export function hasReference(text: string): boolean {
  return text.includes(OPEN);
}

/** Puts the variables' values where their tokens stand. */
export function resolveReferences(text: string, references: readonly Reference[], env: Environment): Resolved {
  const resolved: Resolved = { text: '', variables: [], whole: false, faults: [] };
  resolved.text = text.replaceAll(TOKEN, (token, index: string) => {
    const reference = references[index.charCodeAt(0) - FIRST_INDEX]!;
    if (reference.kind === 'variable') resolved.whole = token.length === text.length;
    return resolveReference(reference, env, resolved);
  });
  if (/\$\{/.test(text)) resolved.faults.push('`${` is not closed on its line; write `$${` where no variable is meant');
  return resolved;
}

function resolveReference(reference: Reference, env: Environment, resolved: Resolved): string {
  switch (reference.kind) {
    case 'literal':
      return reference.text;
    case 'malformed':
      resolved.faults.push(reference.reason);
      return '';
    case 'variable': {
      resolved.variables.push(reference.name);
      const value = env[reference.name];
      // As in a shell, `:-` also stands in for a variable that is set but empty.
      if (reference.fallback !== undefined) return value || reference.fallback;
      if (value === undefined) resolved.faults.push(notSet(reference.name));
      return value ?? '';
    }
  }
}

function notSet(name: string): string {
  return `the environment variable ${name} is not set; set it, or write \${${name}:-default}`;
}

function readReference(written: string): Reference {
  if (written.startsWith('$$')) return { kind: 'literal', text: written.slice(1) };
  const [, name, fallback] = VARIABLE.exec(written.slice(2, -1)) ?? [];
  if (name === undefined) {
    return {
      kind: 'malformed',
      reason: `not a variable such as \${NAME} or \${NAME:-default}; write \`$\${\` where none is meant`,
    };
  }
  if (fallback?.includes('${')) return { kind: 'malformed', reason: 'references cannot stand inside one another' };
  return { kind: 'variable', name, fallback };
}
