import { pairRounds, summarize } from './statistics.mjs';

const KB = 1024;
const MB = 1024 * 1024;

// A round in which more than this share of the calls failed says nothing about the cost of a call.
const MOST_FAILED = 0.005;

// An aim is judged on undisturbed rounds; where there is none, on all of them, and the verdict says so.
function quietOnes(rounds) {
  const quiet = rounds.filter(({ disturbed }) => !disturbed);
  const chosen = quiet.length > 0 ? quiet : rounds;
  return { values: chosen.map(({ value }) => value), areDisturbed: quiet.length === 0 };
}

const cpuRatio = (axis, peer) => (samplesOf) =>
  pairRounds(samplesOf(axis, 'gateway'), samplesOf(axis, peer), (ours, theirs) => ({
    disturbed: ours.disturbed || theirs.disturbed,
    value: ours.cpuUs / theirs.cpuUs,
  }));

const ownFigure = (axis, field) => (samplesOf) =>
  samplesOf(axis, 'gateway').map(({ disturbed, [field]: value }) => ({ disturbed, value }));

/** What a target adds to the direct way in one figure of an axis, round by round, in microseconds. */
export function addedToDirect(samplesOf, axis, target, field) {
  return pairRounds(samplesOf(axis, target), samplesOf(axis, 'direct'), (through, direct) => ({
    round: through.round,
    disturbed: through.disturbed || direct.disturbed,
    addedUs: through[field] - direct[field],
  }));
}

function addedRatio(samplesOf) {
  const ours = addedToDirect(samplesOf, 'rate1000', 'gateway', 'p50');
  const theirs = addedToDirect(samplesOf, 'rate1000', 'nginx', 'p50');
  return pairRounds(ours, theirs, (a, b) => ({
    disturbed: a.disturbed || b.disturbed,
    value: b.addedUs > 0 ? a.addedUs / b.addedUs : Number.NaN,
  }));
}

const times = (value) => `${value.toFixed(2)} ×`;

const aims = [
  { what: 'CPU per document, against caddy', limit: 1, show: times, rounds: cpuRatio('documents', 'caddy') },
  { what: 'CPU per document, against Portkey', limit: 0.1, show: times, rounds: cpuRatio('documents', 'portkey') },
  { what: 'CPU per paced chunk, against caddy', limit: 1.2, show: times, rounds: cpuRatio('paced', 'caddy') },
  { what: 'Added first byte p50 at 1,000/s, against nginx', limit: 2, show: times, rounds: addedRatio },
  {
    what: 'First byte p99 at 1,000/s',
    limit: 1000,
    show: (us) => `${Math.round(us).toLocaleString('en')} µs`,
    rounds: ownFigure('rate1000', 'p99'),
  },
  {
    what: 'Memory per open stream',
    limit: 30 * KB,
    show: (bytes) => `${(bytes / KB).toFixed(1)} KB`,
    rounds: ownFigure('held', 'bytesPerStream'),
  },
  { what: 'CPU per burst stream, against caddy', limit: 1, show: times, rounds: cpuRatio('bursts', 'caddy') },
  {
    what: 'Memory when idle',
    limit: 120 * MB,
    show: (bytes) => `${(bytes / MB).toFixed(0)} MB`,
    rounds: ownFigure('held', 'idleBytes'),
  },
  { what: 'Stretch: CPU per document, against nginx', limit: 3, show: times, rounds: cpuRatio('documents', 'nginx') },
  { what: 'Stretch: CPU per paced chunk, against nginx', limit: 2, show: times, rounds: cpuRatio('paced', 'nginx') },
];

/** Every aim of the gateway with what was measured of it: `met`, `not met` (each perhaps disturbed), `not measured`. */
export function judge(allSamplesOf) {
  const samplesOf = (axis, target) =>
    allSamplesOf(axis, target).filter(({ failedShare }) => failedShare <= MOST_FAILED);
  return aims.map(({ what, limit, show, rounds }) => {
    const judged = quietOnes(rounds(samplesOf));
    const seen = summarize(judged.values);
    if (!seen) return { what, wanted: show(limit), measured: '–', verdict: 'not measured' };
    const measured = `${show(seen.median)} (${show(seen.min)} – ${show(seen.max)})`;
    const verdict = `${seen.median <= limit ? 'met' : 'not met'}${judged.areDisturbed ? ' (disturbed)' : ''}`;
    return { what, wanted: show(limit), measured, verdict };
  });
}
