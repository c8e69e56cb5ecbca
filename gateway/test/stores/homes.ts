import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Home } from './store-contract.ts';

export function sqliteHome(): Home {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'xidao-store-'));
  return {
    url: 'sqlite:./data/xidao.db',
    dataFolder,
    clear: () => rmSync(dataFolder, { recursive: true, force: true }),
  };
}
