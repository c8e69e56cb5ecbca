import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const MICROSECONDS_PER_TICK = 1_000_000 / TICKS_PER_SECOND;

// Fields of proc_pid_stat(5), counted from the state after the closing parenthesis of the name.
const PARENT = 1;
const USER = 11;
const SYSTEM = 12;
const REAPED_USER = 13;
const REAPED_SYSTEM = 14;

function readProcess(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      parent: Number(fields[PARENT]),
      userUs: (Number(fields[USER]) + Number(fields[REAPED_USER])) * MICROSECONDS_PER_TICK,
      systemUs: (Number(fields[SYSTEM]) + Number(fields[REAPED_SYSTEM])) * MICROSECONDS_PER_TICK,
    };
  } catch {
    return undefined; // it ended between the listing and the reading
  }
}

function readStolenUs() {
  const total = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0].split(/\s+/);
  return Number(total[8] ?? 0) * MICROSECONDS_PER_TICK;
}

// The scheduler's own count of a live thread's time on a CPU, in nanoseconds; the stat file counts ticks of 10 ms.
function readThreadTimes(pid) {
  const times = new Map();
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1');
      times.set(Number(thread), Number(text.split(' ', 1)[0]) / 1000);
    }
  } catch {
    // ended, or a kernel that does not count it
  }
  return times;
}

/**
 * Every process of the machine with its CPU so far, reaped children included, and the time stolen by the host; for the
 * trees below `roots` the exact time of every thread too.
 */
export function takeSnapshot(roots = []) {
  const processes = new Map();
  for (const name of readdirSync('/proc')) {
    if (name < '0' || name > '9~') continue;
    const seen = readProcess(name);
    if (seen) processes.set(Number(name), seen);
  }
  const snapshot = { at: performance.now(), processes, stolenUs: readStolenUs(), threads: new Map() };
  for (const root of roots) for (const pid of treeOf(snapshot, root)) snapshot.threads.set(pid, readThreadTimes(pid));
  return snapshot;
}

/** The process and all its descendants, as a set of ids. */
export function treeOf(snapshot, root) {
  const tree = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, { parent }] of snapshot.processes) {
      if (!tree.has(pid) && tree.has(parent)) grown = Boolean(tree.add(pid));
    }
  }
  return tree;
}

function sumCpu(snapshot, wanted) {
  const sum = { userUs: 0, systemUs: 0 };
  for (const [pid, seen] of snapshot.processes) {
    if (!wanted(pid)) continue;
    sum.userUs += seen.userUs;
    sum.systemUs += seen.systemUs;
  }
  return sum;
}

function sumThreads(before, after, tree) {
  let sum = 0;
  for (const pid of tree) {
    const earlier = before.threads.get(pid);
    for (const [thread, used] of after.threads.get(pid) ?? []) sum += used - (earlier?.get(thread) ?? 0);
  }
  return sum;
}

/** Microseconds of CPU (user, system and both) that the process tree used between two snapshots. */
export function cpuOfTree(before, after, root) {
  const tree = new Set([...treeOf(before, root), ...treeOf(after, root)]);
  const from = sumCpu(before, (pid) => tree.has(pid));
  const to = sumCpu(after, (pid) => tree.has(pid));
  const userUs = to.userUs - from.userUs;
  const systemUs = to.systemUs - from.systemUs;
  const coarseUs = userUs + systemUs;
  const exactUs = sumThreads(before, after, tree);
  // Threads and children that ended take their exact time along; the coarse count keeps it, to a few ticks.
  return { userUs, systemUs, totalUs: coarseUs - exactUs > 4 * MICROSECONDS_PER_TICK ? coarseUs : exactUs };
}

/** What every process outside the measured trees used, and what the host stole, as a share of one core. */
export function shareOfOthers(before, after, measuredRoots) {
  // The bench's own children hang below it; only it and the measured ones are ours, the idle targets are others.
  const ours = new Set([process.pid]);
  for (const root of measuredRoots) {
    for (const snapshot of [before, after]) for (const pid of treeOf(snapshot, root)) ours.add(pid);
  }
  const from = sumCpu(before, (pid) => !ours.has(pid));
  const to = sumCpu(after, (pid) => !ours.has(pid));
  const usedUs = Math.max(0, to.userUs + to.systemUs - from.userUs - from.systemUs);
  const wallUs = (after.at - before.at) * 1000;
  return { others: usedUs / wallUs, stolen: (after.stolenUs - before.stolenUs) / wallUs };
}

/** Resident bytes of the process tree. */
export function residentBytes(root) {
  let bytes = 0;
  for (const pid of treeOf(takeSnapshot(), root)) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'latin1');
      bytes += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
    } catch {
      // it ended meanwhile
    }
  }
  return bytes;
}

/** What a reader must know of the machine to read the figures: no host name, no paths. */
export function describeMachine() {
  const text = readFileSync('/proc/cpuinfo', 'latin1');
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    isVirtual: /^flags.*\bhypervisor\b/m.test(text),
    kernel: release(),
    node: process.version,
  };
}

/** The load averages over 1, 5 and 15 minutes. */
export function readLoad() {
  return loadavg().map((value) => value.toFixed(2));
}
