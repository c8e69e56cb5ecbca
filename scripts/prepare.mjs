// Makes a clone ready: dependencies as the lock file says, and the compiled packages. Does nothing that is done already.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

const STAMP = 'node_modules/.prepared';

/** The pinned Node of this clone where its platform has one, else the Node that runs this. */
export function pinnedNode() {
  const pinned = path.join(root, 'node_modules/.bin/node');
  return existsSync(pinned) ? pinned : process.execPath;
}

/** Installs, and builds if asked. Says what it does only when there is something to do. */
export function prepare({ build }) {
  install();
  if (build && isStale()) compile();
}

function install() {
  const lock = readFileSync('package-lock.json', 'utf8');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock) return;
  console.error('Installing dependencies …');
  // No package of ours needs an install script, so none may run. `npm ci` refuses a lock file that was written where the registry has not every platform's build of an
  // optional tool; `npm install` takes the very same versions, and `--no-save` leaves the lock file alone.
  run('npm', ['install', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(STAMP, lock);
}

function compile() {
  console.error('Building …');
  run(pinnedNode(), ['node_modules/ts7/bin/tsc', '-b', 'packages/dialects', 'packages/testkit', 'gateway']);
}

/** Whether any source is newer than the last build. */
function isStale() {
  const built = 'gateway/dist/.tsbuildinfo';
  if (!existsSync(built) || !existsSync('gateway/dist/main.js')) return true;
  const builtAt = statSync(built).mtimeMs;
  return ['packages/dialects/src', 'gateway/src', 'tsconfig.base.json', 'gateway/package.json'].some(
    (place) => newest(place) > builtAt,
  );
}

function newest(place) {
  const stat = statSync(place);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(place).reduce((latest, name) => Math.max(latest, newest(path.join(place, name))), stat.mtimeMs);
}

export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2], ...options });
  if (status === 0) return;
  console.error(
    error === undefined
      ? `${command} ${args.slice(0, 3).join(' ')} failed.`
      : `${command} cannot be run: ${error.message}`,
  );
  process.exit(1);
}
