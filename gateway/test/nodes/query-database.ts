import { Client } from 'pg';

/** Asks a PostgreSQL on a connection of its own. */
export async function queryDatabase<Result>(url: string, ask: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await ask(client);
  } finally {
    await client.end();
  }
}

/** How often each session is in the ledger: in these tests every call has a session of its own. */
export async function bookedSessions(url: string): Promise<Map<string, number>> {
  return queryDatabase(url, async (client) => {
    const { rows } = await client.query<{ session: string; count: number }>(
      'select c.session, count(*)::int as count from calls c join ledger_entries l on l.call_id = c.id and l.visible = 1 where c.session is not null group by c.session',
    );
    return new Map(rows.map(({ session, count }) => [session, count]));
  });
}
