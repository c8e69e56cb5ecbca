import { createAdminClient } from './admin-client.ts';
import { askAll } from './ask-all.ts';
import { CommandFailure, EXIT } from './failure.ts';
import type { Common } from './options.ts';
import { writeTable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface DeliveryDocument {
  channel: string;
  state: 'sent' | 'failed';
  attempts: number;
  why: string | null;
}

interface AlertDocument {
  at: string;
  severity: string;
  title: string;
  channels: string[];
  deliveries: DeliveryDocument[];
}

export async function listAlerts(options: Common & { limit: number }, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const alerts = await askAll<AlertDocument>(client, '/alerts', options.limit);
  if (options.json) return terminal.out(JSON.stringify({ data: alerts }, null, 2));
  const rows = alerts.map(({ at, severity, title, channels, deliveries }) => [
    at,
    severity,
    title,
    channels.map((name) => `${name}: ${stateOf(name, deliveries)}`).join(', ') || 'nobody was to be told',
  ]);
  terminal.out(writeTable(['AT', 'SEVERITY', 'ALERT', 'TOLD'], rows));
}

/** Fails with 1 if a channel did not take it. */
export async function testAlerts(channel: string | undefined, options: Common, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const { data } = await client.ask<{ data: DeliveryDocument[] }>('POST', '/alerts/test', { channel });
  if (options.json) terminal.out(JSON.stringify({ data }, null, 2));
  else for (const { channel, state, why } of data) terminal.out(`${channel}: ${why ?? state}`);
  const failed = data.filter(({ state }) => state === 'failed');
  if (failed.length > 0)
    throw new CommandFailure(`Not told: ${failed.map(({ channel }) => channel).join(', ')}.`, EXIT.failed);
}

function stateOf(name: string, deliveries: readonly DeliveryDocument[]): string {
  return deliveries.find(({ channel }) => channel === name)?.state ?? 'not yet';
}
