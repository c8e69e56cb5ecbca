import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { writeCalls } from './calls.mjs';
import { runLoad } from './load.mjs';
import { findFreePort, readLogTail, startProcess, stopProcess, waitForPort } from './processes.mjs';

function compile(source, program) {
  const done = spawnSync('cc', ['-O2', '-o', program, source], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (done.status !== 0) throw new Error(`cc could not compile ${source}; the bench needs a C compiler and Linux`);
  return program;
}

function startUpstream(program) {
  const child = spawn(program, [], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve({ child, port: JSON.parse(line).port }));
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the upstream ended')));
  });
}

/** Compiles the tools, starts the upstream, and knows how to start, check, warm and end a target. */
export async function openHouse({ root, gatewayCommand, includeUsage }) {
  const buildFolder = join(root, 'bench', 'build');
  mkdirSync(buildFolder, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const program = compile(join(root, 'bench', 'load.c'), join(buildFolder, 'load'));
  const upstream = await startUpstream(compile(join(root, 'bench', 'upstream.c'), join(buildFolder, 'upstream')));
  process.on('exit', () => upstream.child.kill('SIGKILL'));
  const calls = writeCalls(folder, { includeUsage });
  let starts = 0;

  const ask = (target, kind, load) => runLoad({ program, target, ...calls[kind], ...load });

  async function check(target) {
    for (const kind of ['document', 'burst']) {
      const report = await ask(target, kind, { connections: 1, count: 3, timeoutSeconds: 10 });
      if (report.failed)
        throw new Error(`it does not answer a ${kind} as it should: ${report.firstFault || 'timeout'}`);
    }
  }

  async function warm(target, share = 1) {
    const { documents, bursts } = target.warmUp;
    await ask(target, 'document', { connections: 32, count: Math.ceil(documents * share) });
    await ask(target, 'burst', { connections: 32, count: Math.ceil(bursts * share) });
  }

  /** Starts a target, waits until it listens and answers rightly; throws with the reason and the end of its log. */
  async function start(kind, prepared) {
    const common = { ...kind, ...prepared, path: '/v1/chat/completions' };
    const address = { upstreamPort: upstream.port, port: kind.isUpstream ? upstream.port : await findFreePort() };
    const target = { ...common, port: address.port, headers: kind.headers?.(address) ?? [] };
    if (kind.isUpstream) return { ...target, pid: upstream.child.pid };
    const logFile = join(folder, `${kind.name}-${++starts}.log`);
    const own = { ...prepared, ...address, root, folder: join(folder, `${kind.name}-${starts}`) };
    const child = startProcess({ ...kind.describeCommand(own), logFile });
    try {
      await waitForPort(target.port, child);
      await check(target);
    } catch (error) {
      await stopProcess(child);
      throw new Error([error.message, readLogTail(logFile)].filter(Boolean).join('\n'));
    }
    return { ...target, pid: child.pid, child };
  }

  return {
    upstreamPid: upstream.child.pid,
    buildFolder,
    ask,
    warm,
    start,
    prepare: (kind) => kind.prepare({ root, buildFolder, gatewayCommand }),
    stop: (target) => (target.child ? stopProcess(target.child) : undefined),
  };
}
