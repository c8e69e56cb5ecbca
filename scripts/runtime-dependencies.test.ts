import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findNativeParts, findRuntimePackages } from './runtime-dependencies.ts';

describe('what users install', () => {
  const root = path.resolve(import.meta.dirname, '..');
  const packages = findRuntimePackages(root, ['gateway', 'packages/dialects']);

  test('is native nowhere and runs nothing at its installation', () => {
    expect(findNativeParts(root, packages)).toEqual([]);
  });

  test('is walked to its depth, and no test tool is among it', () => {
    const places = packages.map(({ place }) => place);
    expect(places).toEqual(expect.arrayContaining(['gateway', 'packages/dialects', 'node_modules/pino']));
    // A dependency of a dependency.
    expect(places).toContain('node_modules/pino-std-serializers');
    expect(places).not.toContain('node_modules/vitest');
    expect(places).not.toContain('packages/testkit');
  });
});

describe('the walk over a made-up tree', () => {
  let root: string;
  let locked: Record<string, object>;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'xidao-tree-'));
    locked = {};
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** A package in the lock file and, unless `isAbsent`, on the disk. */
  function add(place: string, entry: object = {}, { files = {}, scripts = {}, isAbsent = false } = {}): void {
    locked[place] = entry;
    writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ packages: locked }));
    if (isAbsent) return;
    const all: Record<string, string> = { 'package.json': JSON.stringify({ scripts }), ...files };
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(path.dirname(path.join(root, place, name)), { recursive: true });
      writeFileSync(path.join(root, place, name), text);
    }
  }

  const walk = () => findNativeParts(root, findRuntimePackages(root, ['app']));

  test('finds nothing where there is nothing', () => {
    add('app', { dependencies: { plain: '1' } });
    add('node_modules/plain', {}, { files: { 'index.js': '' }, scripts: { test: 'x', prepare: 'y' } });
    expect(walk()).toEqual([]);
  });

  test.each(['preinstall', 'install', 'postinstall'])('names a package with the script %s', (script) => {
    add('app', { dependencies: { middle: '1' } });
    add('node_modules/middle', { dependencies: { culprit: '1' } });
    add('node_modules/culprit', {}, { scripts: { [script]: 'node make.js' } });
    expect(walk()).toEqual([`node_modules/culprit has the script ${script}: node make.js`]);
  });

  test('names the file that is native code', () => {
    add('app', { dependencies: { culprit: '1' } });
    add('node_modules/culprit', {}, { files: { 'binding.gyp': '', 'build/Release/fast.node': '' } });
    expect(walk().sort()).toEqual([
      'node_modules/culprit/binding.gyp is native code',
      'node_modules/culprit/build/Release/fast.node is native code',
    ]);
  });

  test('believes the lock file of what is not on this disk, such as the part for another platform', () => {
    add('app', { optionalDependencies: { culprit: '1', never: '1' } });
    add('node_modules/culprit', { hasInstallScript: true }, { isAbsent: true });
    expect(walk()).toEqual(['node_modules/culprit has an install script, by package-lock.json']);
  });

  test('takes the copy that Node would take, and follows links between workspaces', () => {
    add('app', { dependencies: { ours: '1' } });
    add('node_modules/ours', { link: true, resolved: 'packages/ours' }, { isAbsent: true });
    add('packages/ours', { dependencies: { twice: '1' } });
    add('node_modules/twice');
    add('packages/ours/node_modules/twice', {}, { files: { 'a.node': '' } });
    expect(walk()).toEqual(['packages/ours/node_modules/twice/a.node is native code']);
  });

  test('leaves out what is for development only, and optional peers', () => {
    add('app', {
      devDependencies: { culprit: '1' },
      peerDependencies: { culprit: '1' },
      peerDependenciesMeta: { culprit: { optional: true } },
    });
    add('node_modules/culprit', { hasInstallScript: true });
    expect(walk()).toEqual([]);
  });

  test('does not pass over what it cannot see', () => {
    add('app', { dependencies: { gone: '1' } });
    expect(walk).toThrow('app needs gone, which package-lock.json does not have.');
    add('node_modules/gone', {}, { isAbsent: true });
    expect(walk()).toEqual(['node_modules/gone is not installed']);
  });
});
