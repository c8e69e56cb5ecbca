/** YAML and JSON to plain values, with the place of each in the file. */

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Environment } from '../environment.ts';
import { type Path, type Problem, pathKey } from '../problems/problem.ts';
import { hasReference, hideReferences, type Reference, resolveReferences } from './interpolation.ts';
import { blankComments } from './jsonc.ts';
import { explainSyntax } from './syntax.ts';

export interface Mark {
  path: Path;
  line: number;
  column: number;
  /** Where its key stands, for what is under a key. */
  key?: { line: number; column: number };
  /** The environment variables in it. */
  variables: string[];
  /** The whole unquoted text was one reference: it may mean a number or true/false. */
  whole: boolean;
}

export interface ReadDocument {
  /** Plain objects, lists, texts, numbers, booleans and nulls. Undefined: it could not be read. */
  value: unknown;
  /** By `pathKey`. */
  marks: Map<string, Mark>;
  problems: Problem[];
}

/** More than any file written by hand; a few nested anchors can otherwise grow into millions of nodes. */
const MOST_ALIASES = 1_000;

export function readDocument({ text, env, json }: { text: string; env: Environment; json: boolean }): ReadDocument {
  const hidden = hideReferences(text);
  const lines = new LineCounter();
  const document = parseDocument(json ? blankComments(hidden.text) : hidden.text, {
    lineCounter: lines,
    // The pretty messages quote the source, and the source holds keys.
    prettyErrors: false,
    uniqueKeys: false,
    merge: true,
    stringKeys: false,
    logLevel: 'error',
  });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return { value: undefined, marks: new Map(), problems: explainSyntax(faults, (offset) => place(lines, offset)) };
  }
  return new Reader(document, lines, hidden.references, env).read();
}

class Reader {
  readonly #marks = new Map<string, Mark>();
  readonly #problems: Problem[] = [];
  /** Sections and lists being read: an alias of one of them would never end. */
  readonly #open = new Set<Node>();
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #references: readonly Reference[];
  readonly #env: Environment;
  #aliases = 0;

  constructor(document: Document.Parsed, lines: LineCounter, references: readonly Reference[], env: Environment) {
    this.#document = document;
    this.#lines = lines;
    this.#references = references;
    this.#env = env;
  }

  read(): ReadDocument {
    const value = this.#readNode(this.#document.contents, []);
    return { value: value ?? {}, marks: this.#marks, problems: this.#problems };
  }

  #readNode(node: unknown, path: Path): unknown {
    if (isAlias(node)) return this.#readAlias(node, path);
    if (isMap(node) || isSeq(node)) {
      this.#mark(path, node);
      this.#open.add(node);
      const value = isMap(node) ? this.#readSection(node, path) : this.#readList(node, path);
      this.#open.delete(node);
      return value;
    }
    return isScalar(node) ? this.#readScalar(node, path) : null;
  }

  #readSection(map: YAMLMap, path: Path): Record<string, unknown> {
    const target: Record<string, unknown> = {};
    this.#readPairs(map, path, target);
    return target;
  }

  #readList(list: YAMLSeq, path: Path): unknown[] {
    return list.items.map((item, index) => this.#readNode(item, [...path, index]));
  }

  #readPairs(map: YAMLMap, path: Path, target: Record<string, unknown>): void {
    const written = new Set<string>();
    const merged: Pair[] = [];
    for (const pair of map.items) {
      if (isMergeKey(pair)) {
        merged.push(pair);
        continue;
      }
      const key = this.#readKey(pair, path);
      if (key === undefined) continue;
      if (written.has(key)) {
        this.#complain([...path, key], pair.key, `written twice; the first is on ${this.#lineOfKey([...path, key])}`);
        continue;
      }
      written.add(key);
      const value = this.#readNode(pair.value, [...path, key]);
      this.#markKey([...path, key], pair.key);
      define(target, key, value);
    }
    for (const pair of merged) this.#merge(pair, path, target);
  }

  /** What a `<<` brings in stands behind what the section says itself. */
  #merge(pair: Pair, path: Path, target: Record<string, unknown>): void {
    for (const source of isSeq(pair.value) ? pair.value.items : [pair.value]) {
      const map = isAlias(source) ? source.resolve(this.#document) : source;
      if (!isMap(map) || this.#open.has(map)) {
        this.#complain(path, pair.key, 'expected a section, or an alias of one, to merge');
        continue;
      }
      if (this.#isTooMany(pair.key, path)) return;
      const brought: Record<string, unknown> = {};
      this.#open.add(map);
      this.#readPairs(map, path, brought);
      this.#open.delete(map);
      for (const [key, value] of Object.entries(brought)) if (!Object.hasOwn(target, key)) define(target, key, value);
    }
  }

  #readKey(pair: Pair, path: Path): string | undefined {
    if (isScalar(pair.key) && !hasReference(String(pair.key.source ?? pair.key.value))) {
      // As written, so that `4.10:` does not become 4.1.
      return pair.key.type === 'PLAIN' ? (pair.key.source ?? String(pair.key.value)) : String(pair.key.value);
    }
    const reason = isScalar(pair.key) ? 'variables are not replaced in keys' : 'expected a plain text as key';
    this.#complain(path, pair.key, reason);
    return undefined;
  }

  #readAlias(alias: { resolve: (document: Document) => Node | undefined }, path: Path): unknown {
    const node = alias.resolve(this.#document);
    if (node === undefined || this.#open.has(node)) {
      this.#complain(path, alias, 'expected an alias of an anchor that is written before it');
      return undefined;
    }
    if (this.#isTooMany(alias, path)) return undefined;
    return this.#readNode(node, path);
  }

  #isTooMany(node: unknown, path: Path): boolean {
    this.#aliases += 1;
    if (this.#aliases === MOST_ALIASES)
      this.#complain(path, node, `expected fewer than ${MOST_ALIASES} uses of aliases`);
    return this.#aliases >= MOST_ALIASES;
  }

  #readScalar(scalar: Scalar, path: Path): unknown {
    const mark = this.#mark(path, scalar);
    if (typeof scalar.value !== 'string') return scalar.value;
    const { text, variables, whole, faults } = resolveReferences(scalar.value, this.#references, this.#env);
    mark.variables = variables;
    mark.whole = whole && scalar.type === 'PLAIN';
    for (const fault of faults) this.#complain(path, scalar, fault);
    return text;
  }

  #mark(path: Path, node: Node): Mark {
    const mark: Mark = { path, ...place(this.#lines, node.range?.[0] ?? 0), variables: [], whole: false };
    this.#marks.set(pathKey(path), mark);
    return mark;
  }

  #markKey(path: Path, key: unknown): void {
    const at = place(this.#lines, offsetOf(key));
    const mark = this.#marks.get(pathKey(path)) ?? { path, ...at, variables: [], whole: false };
    this.#marks.set(pathKey(path), { ...mark, key: at });
  }

  #lineOfKey(path: Path): string {
    return `line ${this.#marks.get(pathKey(path))?.key?.line}`;
  }

  #complain(path: Path, node: unknown, message: string): void {
    this.#problems.push({ path, ...place(this.#lines, offsetOf(node)), message });
  }
}

function isMergeKey(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.type === 'PLAIN' && pair.key.source === '<<';
}

function offsetOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}

function place(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** Sets also `__proto__` as an ordinary key, which is then refused like any other unknown one. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
