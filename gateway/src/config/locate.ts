import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Environment } from './environment.ts';

const NAMES = ['xidao.yaml', 'xidao.yml', 'xidao.json'];

export interface Located {
  /** Absolute. A file that was asked for by name may be absent. */
  file: string;
  from: 'flag' | 'environment' | 'folder';
}

/** The configuration file: the one named by flag, else by `XIDAO_CONFIG`, else `xidao.yaml`, `.yml` or `.json` in the folder. Undefined: none. */
export function locateConfig({
  flag,
  env,
  folder,
}: {
  flag?: string | undefined;
  env: Environment;
  folder: string;
}): Located | undefined {
  if (flag) return { file: resolve(folder, flag), from: 'flag' };
  const named = env['XIDAO_CONFIG'];
  if (named) return { file: resolve(folder, named), from: 'environment' };
  const file = NAMES.map((name) => resolve(folder, name)).find((candidate) => existsSync(candidate));
  return file === undefined ? undefined : { file, from: 'folder' };
}
