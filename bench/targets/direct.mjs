/** The upstream without anything in between: what the others' added time is counted from. */
export const direct = {
  name: 'direct',
  title: 'direct (no proxy)',
  calls: { documents: 20_000, bursts: 10_000 },
  warmUp: { documents: 4000, bursts: 2000 },
  isUpstream: true,
  takesFullRate: true,
  prepare: () => ({ version: '' }),
};
