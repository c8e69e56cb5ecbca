import { setTimeout as pause } from 'node:timers/promises';
import { EVENTS_PER_STREAM, PACE_MS } from './calls.mjs';
import { cpuOfTree, residentBytes, shareOfOthers, takeSnapshot } from './machine.mjs';
import { median } from './statistics.mjs';

/** Above this share of one core, used by others or stolen by the host, a measurement counts as disturbed. */
export const DISTURBED_ABOVE = 0.1;

const CLOSED_CONNECTIONS = 32;
const OPEN_CONNECTIONS = 128;

async function measure(house, target, run) {
  const roots = [target.pid, house.upstreamPid];
  const before = takeSnapshot(roots);
  const report = await run();
  const after = takeSnapshot(roots);
  if (target.child && (target.child.exitCode !== null || target.child.signalCode !== null))
    throw new Error(`its process ended (${report.firstFault || 'no fault seen'})`);
  const { others, stolen } = shareOfOthers(before, after, roots);
  return {
    report,
    cpu: cpuOfTree(before, after, target.pid),
    upstreamUs: cpuOfTree(before, after, house.upstreamPid).totalUs,
    disturbance: { others, stolen, disturbed: others + stolen > DISTURBED_ABOVE },
  };
}

function perCall({ report, cpu, upstreamUs, disturbance }, calls) {
  return {
    ...disturbance,
    calls: report.finished,
    failed: report.failed,
    failedShare: report.failed / report.planned,
    firstFault: report.firstFault,
    cpuUs: cpu.totalUs / calls,
    userUs: cpu.userUs / calls,
    systemUs: cpu.systemUs / calls,
    upstreamUs: upstreamUs / calls,
    loadUs: report.cpuUs / calls,
  };
}

async function measureClosedLoop(house, target, kind, count) {
  const run = () => house.ask(target, kind, { connections: CLOSED_CONNECTIONS, count });
  const measured = await measure(house, target, run);
  return { ...perCall(measured, count), callsPerSecond: measured.report.finished / measured.report.seconds };
}

async function measureRate(house, target, plan, rate) {
  const count = rate * plan.rateSeconds;
  const run = () => house.ask(target, 'document', { connections: OPEN_CONNECTIONS, count, rate });
  const measured = await measure(house, target, run);
  const { p50, p90, p99, max } = measured.report.firstByteUs ?? {};
  return { ...perCall(measured, count), p50, p90, p99, max };
}

async function measurePaced(house, target, plan) {
  const count = plan.pacedStreams * plan.pacedRepeats;
  // The streams begin spread over one pace, so that events come one by one and not a hundred at a time.
  const load = { connections: plan.pacedStreams, count, rampSeconds: PACE_MS / 1000 };
  const measured = await measure(house, target, () => house.ask(target, 'paced', load));
  const { firstEventUs, eventDelayUs } = measured.report;
  return {
    ...perCall(measured, count * EVENTS_PER_STREAM),
    firstEventP50: firstEventUs?.p50,
    delayP50: eventDelayUs?.p50,
    delayP99: eventDelayUs?.p99,
  };
}

async function sampleResidentBytes(pid, seconds) {
  const seen = [];
  for (const until = performance.now() + seconds * 1000; performance.now() < until; await pause(200))
    seen.push(residentBytes(pid));
  return median(seen);
}

// A process of its own, hardly warmed, so that neither the earlier axes' garbage nor their room is counted or reused.
async function measureHeldStreams(house, kind, prepared, plan) {
  const target = await house.start(kind, prepared);
  try {
    await house.warm(target, 0.05);
    await pause(500);
    const idleBytes = residentBytes(target.pid);
    let heldBytes;
    const load = { connections: plan.heldStreams, rate: plan.openRate, holdSeconds: plan.holdSeconds };
    const measured = await measure(house, target, () =>
      house.ask(target, 'slow', {
        ...load,
        onAllOpen: () => {
          heldBytes = sampleResidentBytes(target.pid, plan.holdSeconds - 0.3);
        },
      }),
    );
    const held = measured.report.held;
    if (!heldBytes) return { ...perCall(measured, held), held, idleBytes, bytesPerStream: undefined };
    return { ...perCall(measured, held), held, idleBytes, bytesPerStream: ((await heldBytes) - idleBytes) / held };
  } finally {
    await house.stop(target);
  }
}

/** The axes in the order they are measured: what each asks of a target, and which targets it leaves out. */
export const axes = [
  {
    name: 'documents',
    measure: (house, target, plan) =>
      measureClosedLoop(house, target, 'document', Math.round(target.calls.documents * plan.scale)),
  },
  {
    name: 'bursts',
    measure: (house, target, plan) =>
      measureClosedLoop(house, target, 'burst', Math.round(target.calls.bursts * plan.scale)),
  },
  { name: 'rate200', wantsQuiet: true, measure: (house, target, plan) => measureRate(house, target, plan, 200) },
  {
    name: 'rate1000',
    wantsQuiet: true,
    measure: (house, target, plan) => measureRate(house, target, plan, 1000),
    leavesOut: (kind) => !kind.takesFullRate,
  },
  { name: 'paced', wantsQuiet: true, measure: measurePaced },
  {
    name: 'held',
    startsAfresh: true,
    measure: (house, { kind, prepared }, plan) => measureHeldStreams(house, kind, prepared, plan),
    leavesOut: (kind) => Boolean(kind.isUpstream),
  },
];
