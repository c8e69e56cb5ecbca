import { type AdminClient, createAdminClient } from './admin-client.ts';
import { askAll } from './ask-all.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { type Common, type LimitOptions, limitsOf, tagsOf, writeLimits } from './options.ts';
import { writeTable } from './table.ts';
import { cleared } from './tenants.ts';
import type { Terminal } from './terminal.ts';

/** A key as the management API shows it. */
interface KeyDocument {
  id: string;
  name: string;
  prefix: string;
  status: string;
  source: string;
  team: string | null;
  models: string[] | null;
  limits: object | null;
  scopes: string[];
  created_at: string | null;
  expires_at: string | null;
  secret?: string;
}

export interface KeyOptions extends Common, LimitOptions {
  organisation?: string;
  team?: string;
  project?: string;
  user?: string;
  tier?: string;
  model?: string[];
  ip?: string[];
  scope?: string[];
  tag?: string[];
  importance?: string;
  expiresIn?: string;
  expiresAt?: string;
}

export async function createKey(name: string, options: KeyOptions, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const wish = { name, ...fieldsOf(options), limits: limitsOf(options) };
  showSecret(await client.ask<KeyDocument>('POST', '/keys', wish), options, terminal);
}

export async function updateKey(
  idOrName: string,
  options: KeyOptions & { name?: string; clear?: string[] },
  terminal: Terminal,
): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const { id, limits } = await findKey(client, idOrName);
  const { name, clear } = options;
  const change = { name, ...fieldsOf(options), limits: limitsOf(options, limits), ...cleared(clear) };
  const changed = await client.ask<KeyDocument>('PATCH', `/keys/${encodeURIComponent(id)}`, change);
  if (options.json) return terminal.out(JSON.stringify(changed, null, 2));
  terminal.err(`The key "${changed.name}" (${id}) is changed.`);
}

function fieldsOf(options: KeyOptions): object {
  const { organisation, team, project, user, tier, importance, model: models, ip: ips, scope: scopes } = options;
  const { expiresIn: expires_in, expiresAt: expires_at } = options;
  const tags = tagsOf(options.tag);
  return { organisation, team, project, user, tier, models, ips, scopes, tags, importance, expires_in, expires_at };
}

export async function listKeys(options: Common & { all?: boolean }, terminal: Terminal): Promise<void> {
  const keys = await allKeys(await createAdminClient(options, terminal));
  const shown = options.all ? keys : keys.filter(isAlive);
  if (options.json) return terminal.out(JSON.stringify({ data: shown }, null, 2));
  const rows = shown.map((key) => [
    key.id,
    key.name,
    `${key.prefix}…`,
    key.status,
    key.team ?? '',
    key.models?.join(', ') ?? '*',
    key.scopes.join(', '),
    writeLimits(key.limits),
    key.expires_at ?? '',
    key.source,
  ]);
  terminal.out(
    writeTable(['ID', 'NAME', 'KEY', 'STATUS', 'TEAM', 'MODELS', 'SCOPES', 'LIMITS', 'EXPIRES', 'SOURCE'], rows),
  );
  const hidden = keys.length - shown.length;
  if (hidden > 0) terminal.err(`${hidden} revoked, replaced or expired not shown; --all shows them.`);
}

export async function rotateKey(
  idOrName: string,
  options: Common & { overlap?: string },
  terminal: Terminal,
): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const { id } = await findKey(client, idOrName);
  const { overlap } = options;
  showSecret(
    await client.ask<KeyDocument>('POST', `/keys/${encodeURIComponent(id)}/rotate`, { overlap }),
    options,
    terminal,
  );
}

/** By id that key alone; by name every key that works under it, the old one of a rotation too. */
export async function revokeKey(idOrName: string, options: Common, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const meant = await findKey(client, idOrName);
  const keys = meant.id === idOrName ? [meant] : await livingKeys(client, idOrName);
  const revoked: KeyDocument[] = [];
  for (const { id } of keys.length > 0 ? keys : [meant]) {
    revoked.push(await client.ask<KeyDocument>('POST', `/keys/${encodeURIComponent(id)}/revoke`));
  }
  if (options.json) return terminal.out(JSON.stringify({ data: revoked }, null, 2));
  for (const { id, name } of revoked) terminal.err(`The key "${name}" (${id}) is revoked.`);
}

async function livingKeys(client: AdminClient, name: string): Promise<KeyDocument[]> {
  return (await allKeys(client)).filter((key) => key.name === name && isAlive(key));
}

/** The secret alone is data, so that a script can take it: `KEY=$(xidao keys create app)`. */
function showSecret(key: KeyDocument, { json }: Common, terminal: Terminal): void {
  if (json) return terminal.out(JSON.stringify(key, null, 2));
  terminal.err(`The key "${key.name}" (${key.id}), shown this once:`);
  terminal.out(key.secret!);
}

async function findKey(client: AdminClient, idOrName: string): Promise<KeyDocument> {
  const keys = await allKeys(client);
  const found = keys.find(({ id }) => id === idOrName) ?? findByName(keys, idOrName);
  if (found !== undefined) return found;
  throw new CommandFailure(`There is no key "${idOrName}". \`xidao keys list --all\` shows all.`, EXIT.usage);
}

/** Names come free again; the one that holds it now is meant, else the last that did. */
function findByName(keys: readonly KeyDocument[], name: string): KeyDocument | undefined {
  const holders = keys.filter((key) => key.name === name);
  return holders.find(({ status }) => status === 'active') ?? holders.at(-1);
}

function isAlive({ status }: KeyDocument): boolean {
  return status === 'active' || status === 'replacing';
}

function allKeys(client: AdminClient): Promise<KeyDocument[]> {
  return askAll(client, '/keys');
}
