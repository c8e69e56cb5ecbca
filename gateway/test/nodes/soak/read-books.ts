import { queryDatabase } from '../query-database.ts';

/** A call as the ledger has it. */
export interface BookedCall {
  id: string;
  /** The soak's number of it. */
  number: number;
  key: string;
  outcome: string;
  status: number;
  attempts: number;
  input: number;
  output: number;
  costPico: number;
  /** `measured`, `estimated` or `none`, of the attempt that the client saw. */
  source: string;
}

/** Every call of the soak in the ledger, its attempts summed. */
export async function readBooks(databaseUrl: string): Promise<BookedCall[]> {
  return queryDatabase(databaseUrl, async (client) => {
    const { rows } = await client.query<Record<string, string | number>>(`
      select c.id, c.session, c.key_name, c.outcome, c.status,
             count(l.attempt) filter (where l.attempt > 0)::int as attempts,
             coalesce(sum(l.input_tokens), 0)::int as input, coalesce(sum(l.output_tokens), 0)::int as output,
             coalesce(sum(l.cost_pico), 0)::float8 as cost,
             max(l.usage_source) filter (where l.visible = 1) as source
      from calls c left join ledger_entries l on l.call_id = c.id
      group by c.id`);
    return rows.map((row) => ({
      id: String(row['id']),
      number: Number(row['session']),
      key: String(row['key_name']),
      outcome: String(row['outcome']),
      status: Number(row['status']),
      attempts: Number(row['attempts']),
      input: Number(row['input']),
      output: Number(row['output']),
      costPico: Number(row['cost']),
      source: String(row['source']),
    }));
  });
}

/** What the hourly sums say, which reports are made of. */
export async function readSums(
  databaseUrl: string,
): Promise<{ calls: number; input: number; output: number; costPico: number }> {
  return queryDatabase(databaseUrl, async (client) => {
    const { rows } = await client.query<Record<string, number>>(`
      select coalesce(sum(calls), 0)::float8 as calls, coalesce(sum(input_tokens), 0)::float8 as input,
             coalesce(sum(output_tokens), 0)::float8 as output, coalesce(sum(cost_pico), 0)::float8 as cost
      from usage_hours`);
    const { calls, input, output, cost } = rows[0]!;
    return { calls: calls!, input: input!, output: output!, costPico: cost! };
  });
}

export async function countBooked(databaseUrl: string): Promise<number> {
  return queryDatabase(databaseUrl, async (client) => {
    const { rows } = await client.query<{ count: number }>('select count(*)::int as count from calls');
    return rows[0]!.count;
  });
}
