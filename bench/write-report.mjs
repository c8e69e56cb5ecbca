import { DISTURBED_ABOVE } from './axes.mjs';
import { EVENTS_PER_STREAM, PACE_MS } from './calls.mjs';
import { addedToDirect, judge } from './judge.mjs';
import { median, summarize } from './statistics.mjs';

const KB = 1024;
const MB = 1024 * 1024;

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

function show(values, digits = 1) {
  const seen = summarize(values);
  if (!seen) return '–';
  const written = (value) =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return seen.count === 1
    ? written(seen.median)
    : `${written(seen.median)} (${written(seen.min)}–${written(seen.max)})`;
}

const pick = (samples, field, scale = 1) => samples.map((sample) => sample[field] / scale);

function showFaults(samples) {
  const failed = samples.reduce((sum, sample) => sum + sample.failed, 0);
  return failed === 0 ? '0' : `**${failed}**`;
}

const percent = (share) => `${(share * 100).toFixed(1)} %`;

function writeSetting({ began, seconds, machine, plan, started, loadBefore, loadAfter, includeUsage }) {
  const versions = started.filter(({ version }) => version).map(({ kind, version }) => `${kind.title} ${version}`);
  const place = machine.isVirtual ? ', a virtual machine' : '';
  return [
    `- Date: ${began.toISOString().slice(0, 16).replace('T', ' ')} UTC; the ${plan.name} run, ${Math.round(seconds)} s`,
    `- Machine: ${machine.cpu}, ${machine.cores} cores${place}; Linux ${machine.kernel}; Node ${machine.node}`,
    `- Side by side: ${versions.join(', ') || 'nothing'}`,
    `- Load: ${plan.rounds} interleaved rounds per axis (${plan.heldRounds} for memory, up to ${plan.extraRounds} more where quiet rounds matter) after a warm-up; everything on the same two cores`,
    `- Calls: a request of about 1 KB; documents of 1 KB; streams of ${EVENTS_PER_STREAM} events of 200 bytes${includeUsage ? ', usage asked for' : ''}`,
    `- Load average before ${loadBefore.join(' ')}, after ${loadAfter.join(' ')}`,
  ].join('\n');
}

function writeDisturbance(samples) {
  const disturbed = samples.filter((sample) => sample.disturbed).length;
  const others = summarize(pick(samples, 'others'));
  const stolen = summarize(pick(samples, 'stolen'));
  if (!others) return 'Nothing was measured.';
  const verdict =
    disturbed === 0
      ? 'The machine was quiet.'
      : `**Disturbed: ${disturbed} of ${samples.length} measurements** had more than ${percent(DISTURBED_ABOVE)} of one core used by others.`;
  return `${verdict} Processes outside the measurement (idle targets included) used ${percent(others.median)} of one core in the median, ${percent(others.max)} at most; the host took away ${percent(stolen.median)}, ${percent(stolen.max)} at most.`;
}

function writeCpuAxis({ samplesOf, present }, axis, extra = []) {
  const head = ['', 'CPU µs', 'user', 'system', ...extra.map(({ head }) => head), 'failed', 'disturbed rounds'];
  const rows = present(axis, { withDirect: false }).map((kind) => {
    const samples = samplesOf(axis, kind.name);
    const cells = [
      show(pick(samples, 'cpuUs')),
      show([median(pick(samples, 'userUs'))]),
      show([median(pick(samples, 'systemUs'))]),
    ];
    const disturbed = `${samples.filter((sample) => sample.disturbed).length} of ${samples.length}`;
    return [kind.title, ...cells, ...extra.map(({ of }) => of(samples, kind)), showFaults(samples), disturbed];
  });
  return table(head, rows);
}

function writeRateAxis({ samplesOf, present }, axis) {
  const head = ['', 'p50 µs', 'p90', 'p99', 'added p50', 'CPU µs per call', 'failed', 'disturbed rounds'];
  const rows = present(axis, { withDirect: true }).map((kind) => {
    const samples = samplesOf(axis, kind.name);
    const added = kind.isUpstream ? '–' : show(pick(addedToDirect(samplesOf, axis, kind.name, 'p50'), 'addedUs'), 0);
    const cells = ['p50', 'p90', 'p99'].map((share) => show(pick(samples, share), 0));
    const disturbed = `${samples.filter((sample) => sample.disturbed).length} of ${samples.length}`;
    const cpu = kind.isUpstream ? '–' : show(pick(samples, 'cpuUs'));
    return [kind.title, ...cells, added, cpu, showFaults(samples), disturbed];
  });
  return table(head, rows);
}

function writeHeldAxis({ samplesOf, present }) {
  const rows = present('held', { withDirect: false }).map((kind) => {
    const samples = samplesOf('held', kind.name);
    const perStream = show(pick(samples, 'bytesPerStream', KB));
    return [
      kind.title,
      perStream,
      show(pick(samples, 'idleBytes', MB)),
      show(pick(samples, 'held'), 0),
      showFaults(samples),
    ];
  });
  return table(['', 'KB per open stream', 'idle MB', 'streams held', 'failed'], rows);
}

function writeToolCosts({ samplesOf }) {
  const rows = [
    ['document', 'documents'],
    [`burst stream of ${EVENTS_PER_STREAM}`, 'bursts'],
    ['paced chunk', 'paced'],
  ].map(([what, axis]) => {
    const samples = samplesOf(axis, 'direct');
    return [what, show(pick(samples, 'upstreamUs')), show(pick(samples, 'loadUs'))];
  });
  return table(['', 'upstream, CPU µs', 'load client, CPU µs'], rows);
}

const howToRead = (
  plan,
) => `- CPU is user and system time of the whole process tree, divided by calls or chunks. Compare ratios within one run, never
  microseconds between machines. A process that sleeps between calls pays for waking, more so in a virtual machine: that
  is why a call at a low rate and a paced chunk cost more than one in a closed loop.
- Every cell is the median of the rounds, with the least and the greatest. A ratio is taken round by round.
- First byte is counted from the moment a call was meant to start, at a fixed rate, so a stall shows in full. "Added" is
  the target's figure less the direct one of the same round: a difference of percentiles, not a percentile of differences.
- nginx and caddy only pass bytes on. The gateways also check keys, read the body, and account for the call.
- Portkey cannot serve 1,000 calls a second on one thread and is left out there.
- Memory is resident growth from idle to all streams open, in a process of its own that had served a few hundred calls;
  sockets' buffers in the kernel are not part of it.
- A round is called disturbed when other processes and the host took more than ${percent(DISTURBED_ABOVE)} of one core. Latency of such
  rounds says little, and paced chunks then come in bunches and cost less. Aims are judged on the quiet rounds, as far as
  there are any, and up to ${plan.extraRounds} more rounds are run to find them; the tables show all.`;

function writeMissing(missing) {
  if (missing.length === 0) return '';
  return `\n**Not measured:** ${missing.map(({ kind, reason }) => `${kind.title} (${reason})`).join('; ')}.\n`;
}

function writeFaults(samples) {
  const faults = new Map();
  for (const { target, axis, failed, firstFault } of samples.filter((sample) => sample.failed > 0)) {
    const what = `${target}, ${axis}: ${firstFault.split(':', 1)[0] || 'unfinished'}`;
    faults.set(what, (faults.get(what) ?? 0) + failed);
  }
  if (faults.size === 0) return '';
  return `\n**Failed calls:** ${[...faults].map(([what, count]) => `${what} (${count})`).join('; ')}.\n`;
}

/** The results of one run as Markdown: the setting, the aims, a table per axis, and how to read them. */
export function writeReport(result) {
  const { samples, plan, started, missing } = result;
  const samplesOf = (axis, target) => samples.filter((sample) => sample.axis === axis && sample.target === target);
  const present = (axis, { withDirect }) =>
    started
      .map(({ kind }) => kind)
      .filter((kind) => (withDirect || !kind.isUpstream) && samplesOf(axis, kind.name).length > 0);
  const view = { samplesOf, present };
  const callsPerSecond = { head: 'calls/s', of: (seen) => show(pick(seen, 'callsPerSecond'), 0) };
  const perChunk = { head: 'per event', of: (seen) => show([median(pick(seen, 'cpuUs', EVENTS_PER_STREAM))], 2) };
  const firstEvent = {
    head: 'added first event p50 µs',
    of: (_, kind) => show(pick(addedToDirect(samplesOf, 'paced', kind.name, 'firstEventP50'), 'addedUs'), 0),
  };
  const delay = { head: 'chunk delay p50 µs', of: (seen) => show(pick(seen, 'delayP50'), 0) };
  const lateDelay = { head: 'chunk delay p99 µs', of: (seen) => show(pick(seen, 'delayP99'), 0) };
  const verdicts = judge(samplesOf).map(({ what, wanted, measured, verdict }) => [
    what,
    `≤ ${wanted}`,
    measured,
    verdict,
  ]);
  return `# Bench results

Written by \`npm run bench\`; how it measures is in [README.md](README.md).

${writeSetting(result)}

${writeDisturbance(samples)}
${writeMissing(missing)}${writeFaults(samples)}
## Aims
${table(['The gateway, all default features on', 'wanted', 'measured', ''], verdicts)}

## CPU per document (closed loop, 32 connections)
${writeCpuAxis(view, 'documents', [callsPerSecond])}

## CPU per stream of ${EVENTS_PER_STREAM} events sent at once (closed loop, 32 connections)
${writeCpuAxis(view, 'bursts', [perChunk, callsPerSecond])}

## CPU per paced chunk (${plan.pacedStreams} streams at once, ${EVENTS_PER_STREAM} chunks, ${PACE_MS} ms apart)
The delay is from the moment a chunk was due at the upstream to its arrival; direct: p50 ${show(pick(samplesOf('paced', 'direct'), 'delayP50'), 0)} µs, p99 ${show(pick(samplesOf('paced', 'direct'), 'delayP99'), 0)} µs.

${writeCpuAxis(view, 'paced', [firstEvent, delay, lateDelay])}

## Time to first byte of a document at 1,000 calls a second (open loop)
${writeRateAxis(view, 'rate1000')}

## Time to first byte of a document at 200 calls a second (open loop)
${writeRateAxis(view, 'rate200')}

## Memory with ${plan.heldStreams.toLocaleString('en')} open slow streams
${writeHeldAxis(view)}

## What the measuring itself costs
${writeToolCosts(view)}

## How to read this
${howToRead(plan)}
`;
}
