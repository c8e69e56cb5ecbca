// `npm test` in a fresh clone: installs what is missing, builds, runs every test, and ends with one line that counts them.
// `npm test -- <path or option>` hands its arguments to vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pinnedNode, prepare } from './prepare.mjs';

prepare({ build: true });
const folder = mkdtempSync(path.join(tmpdir(), 'xidao-test-'));
const report = path.join(folder, 'report.json');
const args = [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
];
const { status } = spawnSync(pinnedNode(), args, { stdio: 'inherit' });

const counted = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
rmSync(folder, { recursive: true, force: true });
const passed = counted?.numPassedTests ?? 0;
// A file that cannot even be loaded holds no test that could fail; it counts as one.
const brokenFiles = (counted?.testResults ?? []).filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
).length;
const failed =
  (counted?.numFailedTests ?? 0) +
  brokenFiles +
  (counted === undefined || (status !== 0 && brokenFiles + counted.numFailedTests === 0) ? 1 : 0);
const skipped = (counted?.numPendingTests ?? 0) + (counted?.numTodoTests ?? 0);
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
