import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

function findCommand(name) {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // not here
    }
  }
  return undefined;
}

function runAptGet(args) {
  // RUNLEVEL keeps the package's scripts from starting it as a service.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  return spawnSync('apt-get', args, { env, stdio: 'ignore', timeout: 180_000 }).status === 0;
}

/** The path of a command that a Debian package of the same name brings, installing the package when run as root. */
export function ensureDebianCommand(name) {
  const found = findCommand(name);
  if (found) return found;
  if (process.getuid?.() !== 0 || !findCommand('apt-get'))
    throw new Error(`${name} is not installed; as root on Debian: apt-get install ${name}`);
  console.log(`installing ${name} from Debian`);
  const install = ['install', '-y', '--no-install-recommends', name];
  if (!runAptGet(install)) {
    runAptGet(['update']);
    runAptGet(install);
  }
  const installed = findCommand(name);
  if (!installed) throw new Error(`apt-get could not install ${name}`);
  return installed;
}
