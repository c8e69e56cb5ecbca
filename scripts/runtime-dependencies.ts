/** What users install with the gateway, and what of it would compile, download or run at that moment (docs/decisions/0003-no-native-modules.md). */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Locked {
  link?: boolean;
  resolved?: string;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

export interface RuntimePackage {
  /** Its folder, relative to the root; also its key in package-lock.json. */
  place: string;
  hasInstallScript: boolean;
  /** Only packages that nothing strictly needs may be absent from the disk. */
  isOptional: boolean;
}

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];

/** The workspaces at `starts` and everything that they need at run time, as package-lock.json resolves it. Throws for a required package that the lock file lacks. */
export function findRuntimePackages(root: string, starts: readonly string[]): RuntimePackage[] {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const found = new Map<string, RuntimePackage>();

  function visit(place: string, isOptional: boolean): void {
    const locked = packages[place];
    if (locked === undefined) throw new Error(`package-lock.json has no ${place}.`);
    if (locked.link === true && locked.resolved !== undefined) return visit(locked.resolved, isOptional);
    const known = found.get(place);
    if (known !== undefined && (isOptional || !known.isOptional)) return;
    found.set(place, { place, hasInstallScript: locked.hasInstallScript === true, isOptional });
    for (const name of requiredBy(locked)) {
      const next = resolve(place, name);
      if (next !== undefined) visit(next, isOptional);
      else if (!isOptional) throw new Error(`${place} needs ${name}, which package-lock.json does not have.`);
    }
    for (const name of Object.keys(locked.optionalDependencies ?? {})) {
      const next = resolve(place, name);
      if (next !== undefined) visit(next, true);
    }
  }

  /** As Node does it: the nearest `node_modules` on the way up. */
  function resolve(from: string, name: string): string | undefined {
    for (let folder = from; ; folder = parentOf(folder)) {
      const place = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
      if (packages[place] !== undefined) return place;
      if (folder === '') return undefined;
    }
  }

  for (const start of starts) visit(start, false);
  return [...found.values()];
}

/** What in these packages is native, or runs at their installation: one sentence each, naming the package. */
export function findNativeParts(root: string, packages: readonly RuntimePackage[]): string[] {
  return packages.flatMap(({ place, hasInstallScript, isOptional }) => {
    const folder = path.join(root, place);
    const told = hasInstallScript ? [`${place} has an install script, by package-lock.json`] : [];
    if (!existsSync(folder)) return isOptional ? told : [...told, `${place} is not installed`];
    return [...told, ...scriptsIn(folder, place), ...nativeFilesIn(folder, place)];
  });
}

function requiredBy({ dependencies = {}, optionalDependencies = {}, ...peers }: Locked): string[] {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = peers;
  const required = Object.keys(dependencies).filter((name) => !(name in optionalDependencies));
  return [...required, ...Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional)];
}

function parentOf(folder: string): string {
  const parent = path.posix.dirname(folder);
  return parent === '.' ? '' : parent.replace(/\/?node_modules$/, '');
}

function scriptsIn(folder: string, place: string): string[] {
  const { scripts = {} } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    scripts?: Record<string, string>;
  };
  return INSTALL_SCRIPTS.filter((name) => name in scripts).map(
    (name) => `${place} has the script ${name}: ${scripts[name]}`,
  );
}

/** Packages within are visited on their own, where something needs them. */
function nativeFilesIn(folder: string, place: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const inner = `${place}/${entry.name}`;
    if (entry.isDirectory() && entry.name !== 'node_modules')
      return nativeFilesIn(path.join(folder, entry.name), inner);
    return entry.isFile() && (entry.name === 'binding.gyp' || entry.name.endsWith('.node'))
      ? [`${inner} is native code`]
      : [];
  });
}
