import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatProblems } from './load.ts';
import { loadConfigFile } from './load-file.ts';

test('reads a file, and tells of one that it cannot read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'xidao-load-'));
  try {
    const file = join(folder, 'xidao.yaml');
    const absent = await loadConfigFile({ file, env: {} });
    expect(absent.config).toBeUndefined();
    expect(formatProblems(absent.problems, 'xidao.yaml')).toBe('xidao.yaml: there is no such file');
    expect((await loadConfigFile({ file: folder, env: {} })).problems[0]?.message).toContain('EISDIR');
    writeFileSync(file, 'server: { port: 81 }');
    expect(await loadConfigFile({ file, env: {} })).toMatchObject({
      text: 'server: { port: 81 }',
      config: { server: { port: 81 } },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
