import { axes } from './axes.mjs';
import { describeMachine, readLoad } from './machine.mjs';
import { openHouse } from './open-house.mjs';
import { caddy } from './targets/caddy.mjs';
import { direct } from './targets/direct.mjs';
import { gateway } from './targets/gateway.mjs';
import { nginx } from './targets/nginx.mjs';
import { portkey } from './targets/portkey.mjs';

/** Everything the bench can measure, in the order it is asked within a round. */
export const kinds = [direct, nginx, caddy, gateway, portkey];

const wholePlan = {
  name: 'whole',
  rounds: 5,
  heldRounds: 2,
  extraRounds: 2,
  scale: 1,
  rateSeconds: 2,
  pacedStreams: 100,
  pacedRepeats: 2,
  heldStreams: 2000,
  openRate: 800,
  holdSeconds: 2.5,
};
const quickPlan = {
  ...wholePlan,
  name: 'quick',
  rounds: 2,
  heldRounds: 1,
  extraRounds: 0,
  scale: 0.4,
  rateSeconds: 1,
  pacedRepeats: 1,
  openRate: 1500,
  holdSeconds: 1,
};

// A target that cannot be had or does not serve is a line in the results; the others go on without it.
async function startTargets(house, wanted, missing) {
  const targets = [];
  for (const kind of wanted) {
    try {
      const prepared = house.prepare(kind);
      const target = await house.start(kind, prepared);
      targets.push({ kind, prepared, target });
      console.log(`${kind.title} ${prepared.version}: serving`);
    } catch (error) {
      missing.push({ kind, reason: error.message.split('\n', 1)[0] });
      console.warn(`${kind.title}: NOT AVAILABLE: ${error.message}`);
    }
  }
  return targets;
}

function describeSample(sample) {
  const shown = sample.bytesPerStream ?? sample.p50 ?? sample.cpuUs;
  const faults = sample.failed ? `, ${sample.failed} FAILED (${sample.firstFault || 'unfinished'})` : '';
  return `${Math.round(shown * 10) / 10}${faults}${sample.disturbed ? ' (disturbed)' : ''}`;
}

async function runRound({ house, plan, axis, round, targets, missing, samples }) {
  const line = [];
  for (const entry of [...targets]) {
    if (axis.leavesOut?.(entry.kind)) continue;
    try {
      const sample = await axis.measure(house, axis.startsAfresh ? entry : entry.target, plan);
      samples.push({ axis: axis.name, target: entry.kind.name, round, ...sample });
      line.push(`${entry.kind.name} ${describeSample(sample)}`);
    } catch (error) {
      targets.splice(targets.indexOf(entry), 1);
      missing.push({
        kind: entry.kind,
        reason: `lost while measuring ${axis.name}: ${error.message.split('\n', 1)[0]}`,
      });
      console.warn(`${entry.kind.title}: LOST: ${error.message}`);
    }
  }
  console.log(`${axis.name} ${round}: ${line.join(' · ')}`);
}

const wasQuiet = (samples, axis, round) =>
  samples.every((sample) => sample.axis !== axis.name || sample.round !== round || !sample.disturbed);

// Latency and the cost of paced chunks (which a busy machine bunches) depend on what else runs, so a disturbed round
// gets another one after it; both stay in the tables.
async function runAxis(run, axis) {
  const wanted = axis.startsAfresh ? run.plan.heldRounds : run.plan.rounds;
  const most = wanted + (axis.wantsQuiet ? run.plan.extraRounds : 0);
  let counted = 0;
  for (let round = 1; round <= most && counted < wanted; round++) {
    await runRound({ ...run, axis, round });
    if (!axis.wantsQuiet || wasQuiet(run.samples, axis, round)) counted++;
  }
}

/** Measures every wanted target on every axis in interleaved rounds and resolves with the samples and their setting. */
export async function runBench({ root, quick = false, only, gatewayCommand, includeUsage = false }) {
  const plan = quick ? quickPlan : wholePlan;
  const began = new Date();
  const loadBefore = readLoad();
  const house = await openHouse({ root, gatewayCommand, includeUsage });
  const wanted = kinds.filter((kind) => kind.isUpstream || !only || only.includes(kind.name));
  const missing = [];
  const samples = [];
  const targets = await startTargets(house, wanted, missing);
  const started = targets.map(({ kind, prepared }) => ({ kind, version: prepared.version }));
  for (const { target } of targets) await house.warm(target, quick ? 0.5 : 1);
  const run = { house, plan, targets, missing, samples };
  for (const axis of axes) {
    // Fresh processes of the same kinds are measured last; the warm ones would only take their memory and time.
    if (axis.startsAfresh) for (const { target } of targets) await house.stop(target);
    await runAxis(run, axis);
  }
  return {
    began,
    seconds: (Date.now() - began) / 1000,
    plan,
    includeUsage,
    machine: describeMachine(),
    loadBefore,
    loadAfter: readLoad(),
    started,
    missing,
    samples,
  };
}
