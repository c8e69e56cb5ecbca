import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandFailure, EXIT } from './failure.ts';
import { dataFolderOf, type Terminal } from './terminal.ts';

/** The management API of a running gateway. */
export interface AdminClient {
  /** The answer's document, or its text where it is CSV. Throws CommandFailure with the exit code that the refusal stands for. */
  ask<Document>(method: string, path: string, body?: unknown): Promise<Document>;
}

export const LOCAL_TOKEN_FILE = 'cli.token';
export const LOCAL_ADDRESS_FILE = 'cli.url';
const DEFAULT_URL = 'http://127.0.0.1:8080';
const PATIENCE_MS = 30_000;

/**
 * Reaches the gateway at `XIDAO_URL` with `XIDAO_ADMIN_KEY`; without them the one on this machine, whose address and token are in
 * its data folder.
 */
export async function createAdminClient(options: { data?: string }, terminal: Terminal): Promise<AdminClient> {
  const dataFolder = path.resolve(terminal.folder, dataFolderOf(options.data, terminal));
  const base = readBase(terminal.env['XIDAO_URL'] || (await readLine(dataFolder, LOCAL_ADDRESS_FILE)) || DEFAULT_URL);
  const secret = terminal.env['XIDAO_ADMIN_KEY'] || (isHere(base) && (await readLine(dataFolder, LOCAL_TOKEN_FILE)));
  if (!secret) {
    throw new CommandFailure(
      `No admin key for ${base.origin}. Set XIDAO_ADMIN_KEY, or name the data folder of the running gateway with --data.`,
      EXIT.notAllowed,
    );
  }
  return {
    ask: (method, place, body) => ask(base, secret, { method, place, body }),
  };
}

async function ask<Document>(
  base: URL,
  secret: string,
  { method, place, body }: { method: string; place: string; body: unknown },
): Promise<Document> {
  const response = await send(new URL(`${base.pathname.replace(/\/+$/, '')}/admin/v1${place}`, base), {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    // A redirect would carry the key to somebody else.
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const isCsv = response.headers.get('content-type')?.startsWith('text/csv') === true;
  const document: unknown = isCsv ? await response.text() : await response.json().catch(() => undefined);
  if (response.ok && document !== undefined) return document as Document;
  const { message } = (document as { error?: { message?: string } } | undefined)?.error ?? {};
  throw new CommandFailure(
    message ?? `${base.origin} answers ${response.status}, but not as a XiDao gateway does. Check XIDAO_URL.`,
    message === undefined ? EXIT.unreachable : exitCodeOf(response.status),
  );
}

async function send(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const { cause, message } = error as Error;
    const why = (cause as NodeJS.ErrnoException | undefined)?.code ?? message;
    throw new CommandFailure(
      `No gateway answers at ${url.origin} (${why}). Start one with \`xidao serve\`, or set XIDAO_URL.`,
      EXIT.unreachable,
    );
  }
}

function exitCodeOf(status: number): number {
  if (status === 401 || status === 403) return EXIT.notAllowed;
  return status < 500 ? EXIT.usage : EXIT.failed;
}

function readBase(text: string): URL {
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text);
  throw new CommandFailure(`XIDAO_URL is no address: "${text}". It looks like ${DEFAULT_URL}.`, EXIT.usage);
}

/** The token of this machine's gateway is not for other machines. */
function isHere({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

async function readLine(folder: string, name: string): Promise<string | undefined> {
  try {
    return (await readFile(path.join(folder, name), 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new CommandFailure(`${path.join(folder, name)} cannot be read (${code}).`, EXIT.notAllowed);
  }
}
