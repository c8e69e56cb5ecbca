/** Whether the names in a configuration mean something: providers that exist, models that are there, keys that differ. */

import { nearestName } from '../../core/nearest.ts';
import type { Path, Problem } from './problem.ts';

export interface KnownNames {
  /** Every provider that the gateway knows by itself. */
  knownProviders: readonly string[];
  /** Those that the environment alone makes usable. */
  environmentProviders: readonly string[];
  /** Ids and aliases of the catalogue. */
  knownModels: readonly string[];
}

/** The built-in provider; there without any configuration. */
const BUILT_IN = 'mock';

/** Looks at the values as written, so that a fault elsewhere hides none of these. */
export function checkNames(written: unknown, known: KnownNames): Problem[] {
  const root = section(written);
  const reachable = [...Object.keys(section(root['providers'])), ...known.environmentProviders, BUILT_IN];
  return [
    ...checkProviders(section(root['providers']), [...known.knownProviders, BUILT_IN]),
    ...checkTargets(section(root['models']), reachable),
    ...checkFallbacks(root, reachable, known.knownModels),
    ...checkAliases(section(root['models'])),
    ...checkKeys(root),
  ];
}

function checkProviders(providers: Section, known: readonly string[]): Problem[] {
  return Object.entries(providers).flatMap(([name, written]): Problem[] => {
    const provider = section(written);
    const path = ['providers', name];
    const preset = provider['preset'];
    if (typeof preset === 'string') {
      return known.includes(preset)
        ? []
        : [problem([...path, 'preset'], 'not a known provider', nearestName(preset, known))];
    }
    if (known.includes(name) || (provider['dialect'] !== undefined && provider['base_url'] !== undefined)) return [];
    if (provider['dialect'] !== undefined) return [problem(path, '`base_url` is missing beside `dialect`')];
    if (provider['base_url'] !== undefined) return [problem(path, '`dialect` is missing beside `base_url`')];
    return [
      problem(path, 'not a known provider; give it `preset`, or `dialect` and `base_url`', nearestName(name, known)),
    ];
  });
}

function checkTargets(models: Section, reachable: readonly string[]): Problem[] {
  return Object.entries(models).flatMap(([name, written]) => {
    const model = section(written);
    const single: [Path, unknown][] = [[['models', name, 'provider'], model['provider']]];
    const several = list(model['targets']).map((target, index): [Path, unknown] => [
      ['models', name, 'targets', index, 'provider'],
      section(target)['provider'],
    ]);
    return [...single, ...several].flatMap(([path, provider]) =>
      typeof provider !== 'string' || provider === '' || reachable.includes(provider)
        ? []
        : [problem(path, 'no provider of this name is configured', nearestName(provider, reachable))],
    );
  });
}

function checkFallbacks(root: Section, reachable: readonly string[], knownModels: readonly string[]): Problem[] {
  const models = section(root['models']);
  const names = new Set([
    ...knownModels,
    ...Object.keys(models),
    ...aliasesOf(models),
    ...servedModels(section(root['providers'])),
  ]);
  return Object.entries(models).flatMap(([name, written]) => {
    const given = section(written)['fallback'];
    return list(typeof given === 'string' ? [given] : given).flatMap((fallback, index): Problem[] => {
      if (typeof fallback !== 'string' || fallback === '') return [];
      const path: Path = ['models', name, 'fallback', ...(typeof given === 'string' ? [] : [index])];
      if (fallback === name) return [problem(path, 'a model cannot be its own fallback')];
      return isModel(fallback, names, reachable)
        ? []
        : [problem(path, 'no model of this name is known', nearestName(fallback, names))];
    });
  });
}

function isModel(name: string, names: ReadonlySet<string>, reachable: readonly string[]): boolean {
  const plain = name.replace(/^xidao\//, '');
  if (names.has(plain) || /^auto(:(low|medium|high|max))?$/.test(plain)) return true;
  const slash = plain.indexOf('/');
  return slash > 0 && reachable.includes(plain.slice(0, slash));
}

function checkAliases(models: Section): Problem[] {
  const taken = new Map<string, string>(Object.keys(models).map((name) => [name, name]));
  const problems: Problem[] = [];
  for (const [name, written] of Object.entries(models)) {
    for (const [index, alias] of list(section(written)['aliases']).entries()) {
      if (typeof alias !== 'string') continue;
      const owner = taken.get(alias);
      if (owner !== undefined)
        problems.push(
          problem(['models', name, 'aliases', index], `this name is taken already, by the model "${owner}"`),
        );
      taken.set(alias, owner ?? name);
    }
  }
  return problems;
}

function checkKeys(root: Section): Problem[] {
  const tiers = Object.keys(section(root['rate_limit'])).filter((name) => name !== 'per_ip' && name !== 'per_model');
  const problems: Problem[] = [];
  const first = { name: new Map<string, number>(), key: new Map<string, number>() };
  for (const [index, written] of list(root['keys']).entries()) {
    const key = section(written);
    for (const field of ['name', 'key'] as const) {
      const value = key[field];
      if (typeof value !== 'string' || value === '') continue;
      const before = first[field].get(value);
      if (before === undefined) first[field].set(value, index);
      else problems.push(problem(['keys', index, field], `the same as keys[${before}].${field}`));
    }
    const tier = key['tier'];
    if (typeof tier !== 'string' || tier === 'default' || tiers.length === 0 || tiers.includes(tier)) continue;
    problems.push(
      problem(['keys', index, 'tier'], 'no tier of this name is under `rate_limit`', nearestName(tier, tiers)),
    );
  }
  return problems;
}

function aliasesOf(models: Section): string[] {
  return Object.values(models).flatMap((model) =>
    list(section(model)['aliases']).filter((alias) => typeof alias === 'string'),
  );
}

function servedModels(providers: Section): string[] {
  return Object.values(providers)
    .flatMap((provider) => list(section(provider)['models']))
    .flatMap((model) => [model, section(model)['id'], ...list(section(model)['aliases'])])
    .filter((name) => typeof name === 'string');
}

type Section = Record<string, unknown>;

function section(value: unknown): Section {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Section) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function problem(path: Path, message: string, suggestion?: string): Problem {
  return { path, message, ...(suggestion !== undefined && { suggestion }) };
}
