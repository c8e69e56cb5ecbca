import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const INSTALLED = '/usr/lib/postgresql';

/** A PostgreSQL of the test's own, on a free port of loopback. It keeps nothing on disk on purpose: speed is all that its data is for. */
export interface PostgresServer extends AsyncDisposable {
  /** The address of a new, empty database on it. */
  createDatabase(): Promise<string>;
  /** Ends it at once, as a crash would, or lets its clients finish their statement. */
  stop(how: 'crash' | 'fast'): Promise<void>;
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>;
  port: number;
}

/** Whether PostgreSQL is installed here; if not, says so once, so that nobody takes skipped tests for passed ones. */
export function hasPostgres(): boolean {
  const found = binaries() !== undefined;
  if (!found) console.warn(`PostgreSQL is not installed under ${INSTALLED}: its tests are skipped.`);
  return found;
}

export async function startPostgres(): Promise<PostgresServer> {
  const bin = binaries();
  if (bin === undefined) throw new Error(`PostgreSQL is not installed under ${INSTALLED}.`);
  const owner = await unprivilegedUser();
  const folder = await mkdtemp(path.join(tmpdir(), 'xidao-postgres-'));
  await chmod(folder, 0o700);
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid);
  const data = path.join(folder, 'data');
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' };
  const as = { cwd: folder, env, ...owner };
  await run(path.join(bin, 'initdb'), ['-D', data, '-U', 'xidao', '-A', 'trust', '-E', 'UTF8', '--no-sync'], as);
  const port = await freePort();
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    const settings = ['fsync=off', 'full_page_writes=off', 'max_connections=40', `unix_socket_directories=${folder}`];
    const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', ...settings.flatMap((one) => ['-c', one])];
    server = spawn(path.join(bin!, 'postgres'), args, { ...as, stdio: 'ignore' });
    await untilReady(path.join(bin!, 'pg_isready'), port, server);
  }

  async function stop(how: 'crash' | 'fast'): Promise<void> {
    if (server === undefined || server.exitCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(how === 'crash' ? 'SIGQUIT' : 'SIGINT');
    await exited;
    server = undefined;
  }

  await start();
  let count = 0;
  return {
    port,
    start,
    stop,
    async createDatabase() {
      const name = `test_${++count}`;
      await run(path.join(bin, 'createdb'), ['-h', '127.0.0.1', '-p', String(port), '-U', 'xidao', name], as);
      return `postgres://xidao@127.0.0.1:${port}/${name}`;
    },
    async [Symbol.asyncDispose]() {
      await stop('crash');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function binaries(): string | undefined {
  if (!existsSync(INSTALLED)) return undefined;
  return readdirSync(INSTALLED)
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => path.join(INSTALLED, version, 'bin'))
    .find((folder) => existsSync(path.join(folder, 'initdb')));
}

/** PostgreSQL refuses to run as root; its package comes with a user of its own. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (userInfo().uid !== 0) return undefined;
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function untilReady(isReady: string, port: number, server: ChildProcess): Promise<void> {
  const args = ['-q', '-h', '127.0.0.1', '-p', String(port), '-t', '1'];
  for (let tries = 0; tries < 200; tries++) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended at its start (${server.exitCode}).`);
    if (
      await run(isReady, args).then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('PostgreSQL does not answer.');
}
