import { createAdminClient } from './admin-client.ts';
import { askAll } from './ask-all.ts';
import { type Common, type LimitOptions, limitsOf, writeLimits } from './options.ts';
import { writeTable } from './table.ts';
import type { Terminal } from './terminal.ts';

export type TenantNoun = 'organisation' | 'team' | 'project' | 'user';

/** An organisation, a team, a project or a user as the management API shows it. */
interface TenantDocument {
  id: string;
  name: string;
  title: string | null;
  status: string;
  organisation?: string | null;
  team?: string | null;
  email?: string | null;
  tier?: string | null;
  models?: string[] | null;
  limits: object | null;
}

export interface TenantOptions extends Common, LimitOptions {
  title?: string;
  organisation?: string;
  team?: string;
  email?: string;
  tier?: string;
  model?: string[];
}

export async function createTenant(
  noun: TenantNoun,
  name: string,
  options: TenantOptions,
  terminal: Terminal,
): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const wish = { name, ...fieldsOf(options), limits: limitsOf(options) };
  const made = await client.ask<TenantDocument>('POST', `/${noun}s`, wish);
  if (options.json) return terminal.out(JSON.stringify(made, null, 2));
  terminal.err(`The ${noun} "${made.name}" is there.`);
  terminal.out(made.id);
}

export async function listTenants(
  noun: TenantNoun,
  options: Common & { all?: boolean },
  terminal: Terminal,
): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const all = await askAll<TenantDocument>(client, `/${noun}s`);
  const shown = options.all ? all : all.filter(({ status }) => status === 'active');
  if (options.json) return terminal.out(JSON.stringify({ data: shown }, null, 2));
  const parent = noun === 'team' ? 'organisation' : 'team';
  const rows = shown.map((one) => [
    one.id,
    one.name,
    one.status,
    ...(noun === 'organisation' ? [] : [one[parent] ?? '']),
    writeLimits(one.limits),
    one.title ?? '',
  ]);
  const titles = [
    'ID',
    'NAME',
    'STATUS',
    ...(noun === 'organisation' ? [] : [parent.toUpperCase()]),
    'LIMITS',
    'TITLE',
  ];
  terminal.out(writeTable(titles, rows));
  const hidden = all.length - shown.length;
  if (hidden > 0) terminal.err(`${hidden} archived not shown; --all shows them.`);
}

export async function updateTenant(
  noun: TenantNoun,
  name: string,
  options: TenantOptions & { clear?: string[] },
  terminal: Terminal,
): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const place = placeOf(noun, name);
  const { limits: before } = await client.ask<TenantDocument>('GET', place);
  const change = { ...fieldsOf(options), limits: limitsOf(options, before), ...cleared(options.clear) };
  tell(await client.ask<TenantDocument>('PATCH', place, change), { noun, done: 'changed', options, terminal });
}

/** Archives, or restores what was archived. */
export async function endTenant(
  noun: TenantNoun,
  name: string,
  { action, options, terminal }: { action: 'archive' | 'restore'; options: Common; terminal: Terminal },
): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const ended = await client.ask<TenantDocument>('POST', `${placeOf(noun, name)}/${action}`);
  tell(ended, { noun, done: action === 'archive' ? 'archived' : 'in force again', options, terminal });
}

/** Null in the place of each field that is to be taken away. */
export function cleared(fields: readonly string[] = []): Record<string, null> {
  return Object.fromEntries(fields.map((field) => [field.replaceAll('-', '_'), null]));
}

function fieldsOf({ title, organisation, team, email, tier, model: models }: TenantOptions): object {
  return { title, organisation, team, email, tier, models };
}

function placeOf(noun: TenantNoun, name: string): string {
  return `/${noun}s/${encodeURIComponent(name)}`;
}

function tell(
  document: TenantDocument,
  { noun, done, options, terminal }: { noun: TenantNoun; done: string; options: Common; terminal: Terminal },
): void {
  if (options.json) return terminal.out(JSON.stringify(document, null, 2));
  terminal.err(`The ${noun} "${document.name}" is ${done}.`);
}
