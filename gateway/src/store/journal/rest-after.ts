/** Of its time, so much is spent on booking while nobody waits for it: a twenty-fifth of a core, which books 2,000 calls a second. */
const BUSY_SHARE = 0.04;
/** A backlog older than this is worked off without rest. */
const OLDEST_MS = 60_000;

/** How long booking rests after so much work, so that calls come first: ageMs is how long ago the last call that it booked was over. */
export function restAfter({ workedMs, ageMs }: { workedMs: number; ageMs: number }): number {
  return ageMs > OLDEST_MS ? 0 : workedMs * (1 / BUSY_SHARE - 1);
}
