import type { ModelEntry } from '../catalogue/models-document.ts';
import { createAdminClient } from './admin-client.ts';
import { writeTable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** What the running gateway serves. */
export async function listModels(options: { json?: boolean; data?: string }, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const { data } = await client.ask<{ data: ModelEntry[] }>('GET', '/models');
  if (options.json) return terminal.out(JSON.stringify({ data }, null, 2));
  const rows = data.map(({ id, owned_by, context_window, max_output_tokens, pricing }) => [
    id,
    owned_by,
    String(context_window ?? ''),
    String(max_output_tokens ?? ''),
    String(pricing?.['input'] ?? ''),
    String(pricing?.['output'] ?? ''),
  ]);
  terminal.out(writeTable(['MODEL', 'PROVIDER', 'CONTEXT', 'MAX OUTPUT', '$/M IN', '$/M OUT'], rows));
}
