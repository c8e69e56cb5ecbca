// The official Python SDKs, for the tests that speak through them: a virtual environment in .venv, made once and again when
// gateway/test/clients/python/requirements.txt changes. `node scripts/python-clients.mjs` says what it did.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const requirements = path.join(root, 'gateway/test/clients/python/requirements.txt');
const folder = path.join(root, '.venv');
const python = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const stamp = path.join(folder, 'installed.txt');

/** Gives the Python that has the SDKs, or the reason why there is none. */
export function preparePython() {
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(python) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { python };
  const { status } = spawnSync('python3', ['--version'], { stdio: 'ignore' });
  if (status !== 0) return { reason: 'there is no python3' };
  rmSync(folder, { recursive: true, force: true });
  const failure =
    run('python3', ['-m', 'venv', folder]) ??
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements]);
  if (failure !== undefined) return { reason: failure };
  writeFileSync(stamp, wanted);
  return { python };
}

function run(command, args) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return undefined;
  const why = (stderr || error?.message || '').trim().split('\n').at(-1);
  return `${path.basename(command)} ${args.slice(0, 3).join(' ')} failed: ${why}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { python: found, reason } = preparePython();
  console.log(found === undefined ? `No Python clients: ${reason}.` : `Python clients: ${path.relative(root, found)}`);
}
