import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { locateConfig } from './locate.ts';

test('the flag wins over the environment, and that over the folder, where yaml wins over json', () => {
  const folder = mkdtempSync(join(tmpdir(), 'xidao-locate-'));
  try {
    expect(locateConfig({ env: {}, folder })).toBeUndefined();
    writeFileSync(join(folder, 'xidao.json'), '{}');
    expect(locateConfig({ env: {}, folder })).toEqual({ file: join(folder, 'xidao.json'), from: 'folder' });
    writeFileSync(join(folder, 'xidao.yaml'), '');
    expect(locateConfig({ env: { XIDAO_CONFIG: '' }, folder })).toEqual({
      file: join(folder, 'xidao.yaml'),
      from: 'folder',
    });
    const env = { XIDAO_CONFIG: 'other.yaml' };
    expect(locateConfig({ env, folder })).toEqual({ file: join(folder, 'other.yaml'), from: 'environment' });
    expect(locateConfig({ flag: '/etc/x.yaml', env, folder })).toEqual({ file: '/etc/x.yaml', from: 'flag' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
