import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLog } from './open-log.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what was written is in the file when the log is closed, line after line, in its order', async () => {
  const file = path.join(folder, 'deep', 'gateway.log');
  const log = openLog({ config: { level: 'info' }, output: { file } });
  const wanted: string[] = [];
  for (let at = 0; at < 3_000; at++) {
    const line = `{"at":${at},"text":"${'ü'.repeat(at % 50)}"}\n`;
    wanted.push(line);
    log.lines.write(line);
  }
  log.logger.info({ last: true }, 'the end');
  await log.close();
  const text = await readFile(file, 'utf8');
  expect(text.startsWith(wanted.join(''))).toBe(true);
  expect(JSON.parse(text.slice(wanted.join('').length))).toMatchObject({
    level: 'info',
    last: true,
    message: 'the end',
  });
});

test('a log that is closed leaves nothing behind on the process', async () => {
  const before = process.listenerCount('exit');
  const log = openLog({ config: { level: 'info' }, output: { file: path.join(folder, 'gateway.log') } });
  const during = process.listenerCount('exit');
  await log.close();
  expect(during).toBeGreaterThan(before);
  expect(process.listenerCount('exit')).toBeLessThan(during);
});
