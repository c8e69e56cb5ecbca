import type { CreateTableBuilder } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What a ledger entry adds to its hour; both tables have them. */
const SUMS = [
  'calls',
  'errors',
  'attempts',
  'cached_calls',
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'unpriced',
  'estimated',
  'unseen_cost_pico',
  'saved_by_cache_pico',
  'saved_by_routing_pico',
  'routed_calls',
  'saved_by_prompt_cache_pico',
  'prompt_cached_calls',
  'duration_ms',
  'first_byte_ms',
  'first_bytes',
];

export const usage: Migration = {
  async up(db) {
    await db.schema
      .createTable('calls')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('organisation', 'text')
      .addColumn('team', 'text')
      .addColumn('project', 'text')
      .addColumn('user', 'text')
      .addColumn('key_id', 'text')
      .addColumn('key_name', 'text')
      .addColumn('session', 'text')
      .addColumn('tags', 'text')
      .addColumn('dialect', 'text', (column) => column.notNull())
      .addColumn('operation', 'text', (column) => column.notNull())
      .addColumn('asked', 'text', (column) => column.notNull())
      .addColumn('provider', 'text')
      .addColumn('model', 'text')
      .addColumn('variant', 'text')
      .addColumn('route', 'text')
      .addColumn('shadow_of', 'text')
      .addColumn('streamed', 'integer', (column) => column.notNull())
      .addColumn('status', 'integer', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('error', 'text')
      .addColumn('error_message', 'text')
      .addColumn('attempts', 'text', (column) => column.notNull())
      .addColumn('usage', 'text')
      .addColumn('usage_source', 'text', (column) => column.notNull())
      .addColumn('cost_pico', 'bigint')
      .addColumn('price_version', 'text')
      .addColumn('cache', 'text')
      .addColumn('guard', 'text')
      .addColumn('duration_ms', 'double precision', (column) => column.notNull())
      .addColumn('first_byte_ms', 'double precision')
      .addColumn('overhead_ms', 'double precision')
      .addColumn('bytes_in', 'bigint', (column) => column.notNull())
      .addColumn('bytes_out', 'bigint', (column) => column.notNull())
      .addColumn('trace_id', 'text')
      .execute();
    await db.schema.createIndex('calls_by_time').on('calls').columns(['at_ms', 'id']).execute();
    await db.schema.createIndex('calls_by_key').on('calls').columns(['key_id', 'at_ms']).execute();
    await db.schema
      .createIndex('calls_by_session')
      .on('calls')
      .columns(['session', 'at_ms'])
      .where('session', 'is not', null)
      .execute();
    await db.schema
      .createIndex('calls_by_trace')
      .on('calls')
      .column('trace_id')
      .where('trace_id', 'is not', null)
      .execute();

    await addSums(
      db.schema
        .createTable('ledger_entries')
        .addColumn('call_id', 'text', (column) => column.notNull())
        .addColumn('attempt', 'integer', (column) => column.notNull())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addColumn('group_id', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('visible', 'integer', (column) => column.notNull())
        .addColumn('hedge', 'integer', (column) => column.notNull())
        .addColumn('verdict', 'text')
        .addColumn('usage', 'text')
        .addColumn('usage_source', 'text', (column) => column.notNull())
        .addColumn('price_version', 'text')
        .addColumn('cost_pico', 'bigint')
        .addPrimaryKeyConstraint('ledger_entries_key', ['call_id', 'attempt']),
    ).execute();
    await db.schema.createIndex('ledger_entries_by_time').on('ledger_entries').column('at_ms').execute();

    await db.schema
      .createTable('usage_groups')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('organisation', 'text')
      .addColumn('team', 'text')
      .addColumn('project', 'text')
      .addColumn('user', 'text')
      .addColumn('key_id', 'text')
      .addColumn('key_name', 'text')
      .addColumn('model', 'text')
      .addColumn('provider', 'text')
      .addColumn('variant', 'text')
      .execute();
    await db.schema
      .createTable('usage_group_tags')
      .addColumn('group_id', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('usage_group_tags_key', ['group_id', 'name'])
      .execute();

    for (const table of ['usage_hours', 'usage_days']) {
      await addSums(
        db.schema
          .createTable(table)
          .addColumn('starts_ms', 'bigint', (column) => column.notNull())
          .addColumn('group_id', 'text', (column) => column.notNull())
          .addColumn('cost_pico', 'bigint', (column) => column.notNull())
          .addPrimaryKeyConstraint(`${table}_key`, ['starts_ms', 'group_id']),
      ).execute();
    }

    await db.schema
      .createTable('journal_offsets')
      .addColumn('journal', 'text', (column) => column.notNull())
      .addColumn('file', 'text', (column) => column.notNull())
      .addColumn('offset_bytes', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('journal_offsets_key', ['journal', 'file'])
      .execute();

    await db.schema
      .createTable('call_bodies')
      .addColumn('call_id', 'text', (column) => column.primaryKey())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('sealed', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('call_bodies_by_time').on('call_bodies').column('at_ms').execute();
  },
};

// biome-ignore lint/suspicious/noExplicitAny: the columns' names do not matter here.
function addSums(table: CreateTableBuilder<any, any>): CreateTableBuilder<any, any> {
  return SUMS.reduce(
    (builder, name) => builder.addColumn(name, 'bigint', (column) => column.notNull().defaultTo(0)),
    table,
  );
}
