import { z } from 'zod';
import type { AuditEntry, AuditQuery, AuditStore } from '../../store/store.ts';
import { moment, shownMoment, timeOf } from '../api/fields.ts';
import { cutPage, pageOfSchema, pageQuery, readCursor } from '../api/page.ts';
import { type Route, route } from '../api/routes.ts';

const text = () => z.string().nullable();
const state = () => z.record(z.string(), z.unknown()).nullable();

const entryDocument = z
  .strictObject({
    sequence: z.int().describe('1, 2, 3 … without a gap.'),
    id: z.string(),
    at: shownMoment(),
    actor: z.string().describe('`admin key`, `local command`, `gateway`, or the name of a management key.'),
    actor_id: text(),
    action: z.string(),
    noun: z.string(),
    noun_id: z.string(),
    noun_name: z.string(),
    before: state().describe('Null: there was none.'),
    after: state(),
    request_id: text(),
    remote_address: text(),
    previous_hash: z.string(),
    hash: z.string().describe("SHA-256 of the previous hash and the entry's own content."),
  })
  .meta({ id: 'AuditEntry' });

const verdictDocument = z
  .strictObject({
    intact: z.boolean(),
    entries: z.int().describe('How many are good, from the first one on.'),
    hash: text().describe('Of the last entry, where all are good.'),
    broken_at: z.int().nullable().describe('The number of the first entry that is not good.'),
    reason: text(),
  })
  .meta({ id: 'AuditVerdict' });

export type AuditEntryDocument = z.output<typeof entryDocument>;
export type AuditVerdictDocument = z.output<typeof verdictDocument>;

const listQuery = pageQuery.extend({
  noun: z.string().optional().describe('`key`, `organisation`, `team`, `project`, `user` …'),
  noun_id: z.string().optional(),
  noun_name: z.string().optional(),
  action: z.string().optional().describe('`create`, `update`, `rotate`, `revoke`, `archive`, `restore` …'),
  actor: z.string().optional(),
  from: moment().optional().describe('Entries from this moment on.'),
  to: moment().optional().describe('Entries before this moment.'),
});

const chapter = 'Audit';

/** `/admin/v1/audit`: who changed what, and whether that is still what was written down. */
export function auditRoutes({ audit }: { audit: AuditStore }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/audit',
      name: 'listAudit',
      title: 'List changes, the newest first.',
      chapter,
      query: listQuery,
      answers: { status: 200, schema: pageOfSchema(entryDocument) },
      async run({ query }) {
        const entries = await audit.list(readQuery(query));
        const page = cutPage(entries, query.limit, ({ sequence, id }) => [sequence, id]);
        return { status: 200, body: { ...page, data: page.data.map(showEntry) } };
      },
    }),
    route({
      method: 'GET',
      path: '/audit/verify',
      name: 'verifyAudit',
      title: 'Go through the whole chain, and say where it is broken.',
      chapter,
      answers: { status: 200, schema: verdictDocument },
      async run() {
        const verdict = await audit.verify();
        const { entries } = verdict;
        const body = verdict.isIntact
          ? { intact: true, entries, hash: verdict.hash, broken_at: null, reason: null }
          : { intact: false, entries, hash: null, broken_at: verdict.brokenAt, reason: verdict.why };
        return { status: 200, body };
      },
    }),
  ];
}

/** One more than fits tells whether there are more. */
function readQuery({ limit, cursor, noun_id, noun_name, from, to, ...rest }: z.output<typeof listQuery>): AuditQuery {
  const given = Object.entries({
    ...rest,
    nounId: noun_id,
    nounName: noun_name,
    beforeSequence: cursor === undefined ? undefined : readCursor(cursor)[0],
    fromMs: from === undefined ? undefined : Date.parse(from),
    toMs: to === undefined ? undefined : Date.parse(to),
  }).filter(([, value]) => value !== undefined);
  return { limit: limit + 1, ...Object.fromEntries(given) };
}

function showEntry(entry: AuditEntry): AuditEntryDocument {
  return {
    sequence: entry.sequence,
    id: entry.id,
    at: timeOf(entry.atMs)!,
    actor: entry.actor,
    actor_id: entry.actorId ?? null,
    action: entry.action,
    noun: entry.noun,
    noun_id: entry.nounId,
    noun_name: entry.nounName,
    before: (entry.before as Record<string, unknown> | undefined) ?? null,
    after: (entry.after as Record<string, unknown> | undefined) ?? null,
    request_id: entry.requestId ?? null,
    remote_address: entry.remoteAddress ?? null,
    previous_hash: entry.previousHash,
    hash: entry.hash,
  };
}
