import { z } from 'zod';
import { TAG_NAME } from '../../auth/claims.ts';
import { scopedLimitsSchema } from '../../config/schema/scoped-limits.ts';

/** A name or a title. */
export const label = () => z.string().trim().min(1).max(100);

/** Patterns of models. */
export const patterns = () => z.array(z.string().trim().min(1).max(200)).min(1).max(1_000);

/** A moment with its time zone (RFC 3339). */
export const moment = () => z.iso.datetime({ offset: true, error: 'a time such as 2027-01-31T00:00:00Z' });

/** Limits of one key, user, team, project or organisation. */
export const limits = () => scopedLimitsSchema;

/** A moment as it is shown: RFC 3339, in UTC. */
export const shownMoment = () => z.string().describe('RFC 3339, in UTC.');

/** Tags by name. */
export const tags = () =>
  z
    .record(z.string().regex(TAG_NAME, 'a name of letters, digits and _ . : - alone'), z.string().max(256))
    .refine((given) => Object.keys(given).length <= 20, 'at most 20 tags');

/** RFC 3339, in UTC. Null: never, or not yet. */
export function timeOf(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}
