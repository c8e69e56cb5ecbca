/** What is wrong with the place of a PostgreSQL and what to do, by SQLSTATE (postgresql.org, Appendix A) or the system's code. Undefined: the fault is of another kind. */
export function explainPostgres(error: unknown, place: string): string | undefined {
  const { code, message } = error as { code?: unknown; message?: string };
  const known = typeof code === 'string' ? (WORDS[code] ?? WORDS[code.slice(0, 2)]) : undefined;
  if (known !== undefined) return `The database ${place} ${known}`;
  const isGone = /timeout|terminated|connection|ended|closed/i.test(message ?? '') && !isSqlState(code);
  return isGone ? `The database ${place} does not answer (${message}).` : undefined;
}

const NOT_THERE = 'does not answer. Check that it runs and can be reached from here.';

const WORDS: Record<string, string> = {
  ECONNREFUSED: NOT_THERE,
  ECONNRESET: NOT_THERE,
  EPIPE: NOT_THERE,
  ETIMEDOUT: NOT_THERE,
  EHOSTUNREACH: NOT_THERE,
  ENETUNREACH: NOT_THERE,
  ENOTFOUND: 'has a host name that nobody knows. Check storage.url.',
  EAI_AGAIN: 'has a host name that cannot be looked up just now.',
  '08': NOT_THERE,
  '28P01': 'refuses the password. Check storage.url.',
  '28': 'refuses the user. Check storage.url and pg_hba.conf.',
  '3D000': 'is not there: the server has no database of this name. Create it, or check storage.url.',
  '42501': 'does not let this user work on its tables. Grant it what it needs.',
  '25006': 'can only be read: it is a standby, or set so. Name the primary in storage.url.',
  '53100': 'is on a full disk. Make room.',
  '53': 'is short of resources (connections or memory).',
  '57': 'is being stopped or started, or ended the connection.',
  '58': 'has trouble with its own disk.',
  XX: 'is damaged or has failed inside.',
};

/** Whether an error says that the row is unfit (a value out of range, a constraint), not that the database is unwell. */
export function isUnfitForPostgres(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return isSqlState(code) && /^2[23]/.test(code);
}

function isSqlState(code: unknown): code is string {
  return typeof code === 'string' && /^[\dA-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code);
}
