import { createHash } from 'node:crypto';

/** Names of tools and ids of calls: the API refuses any other. */
const LEGAL = /^[a-zA-Z0-9_-]{1,64}$/;
const KEPT = 64 - 11;

/** The same name for the same text in every turn; the hash keeps `a.b` and `a/b` apart. */
export function legalName(text: string): string {
  if (LEGAL.test(text)) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 10);
  return `${text.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, KEPT)}_${hash}`;
}
