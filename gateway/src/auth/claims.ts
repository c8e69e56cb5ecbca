import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import { type Belonging, completeBelonging, contradictionIn, tenantsOf } from './belonging.ts';
import type { Directory } from './directory.ts';

/** To whom a call says that it belongs (`X-Team`, `X-Project`, `X-User`). */
export interface Claims {
  team: string | undefined;
  project: string | undefined;
  user: string | undefined;
}

const LONGEST_NAME = 100;
const LONGEST_SESSION = 256;
const LONGEST_TAG_VALUE = 256;
const MOST_TAGS = 20;
/** Names of tags. */
export const TAG_NAME = /^[\w.:-]{1,64}$/;

/** Whether a call says anything of itself; few do, and the others are not to pay for it. */
export function saysSomething(headers: IncomingHttpHeaders): boolean {
  return (
    headers['x-team'] !== undefined ||
    headers['x-project'] !== undefined ||
    headers['x-user'] !== undefined ||
    headers['x-session-id'] !== undefined ||
    headers['x-xidao-tags'] !== undefined
  );
}

/** Throws `invalid_request` for a name that is too long. */
export function readClaims(headers: IncomingHttpHeaders): Claims {
  return {
    team: readText(headers, 'x-team', LONGEST_NAME),
    project: readText(headers, 'x-project', LONGEST_NAME),
    user: readText(headers, 'x-user', LONGEST_NAME),
  };
}

export function readSession(headers: IncomingHttpHeaders): string | undefined {
  return readText(headers, 'x-session-id', LONGEST_SESSION);
}

/** The tags of `x-xidao-tags: k=v,…` over those of the key; values may be percent-encoded. Throws `invalid_request`. */
export function readTags(
  headers: IncomingHttpHeaders,
  ofKey: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | undefined {
  const written = headers['x-xidao-tags'];
  if (typeof written !== 'string' || written.trim() === '') return ofKey;
  const tags: Record<string, string> = { ...ofKey };
  for (const part of written.split(',')) {
    if (part.trim() === '') continue;
    const [name, value] = readTag(part);
    tags[name] = value;
  }
  if (Object.keys(tags).length > MOST_TAGS) throw wrongTags(`A call may carry at most ${MOST_TAGS} tags.`);
  return tags;
}

/**
 * What the key says, and what the call says where the key is silent. Throws `not_allowed` where the two differ: a key that
 * belongs to a team, a project or a user cannot claim another.
 */
export function claim(
  own: Belonging,
  claims: Claims,
  { keyName, directory }: { keyName: string; directory: Directory },
): Belonging {
  const named: Belonging = { ...own };
  for (const kind of ['team', 'project', 'user'] as const) {
    const claimed = claims[kind];
    if (claimed === undefined) continue;
    const belongs = own[kind];
    if (belongs !== undefined && belongs !== claimed) {
      throw new GatewayError(
        'not_allowed',
        `The API key "${keyName}" belongs to the ${kind} "${belongs}" and cannot call for the ${kind} "${claimed}" (X-${kind[0]!.toUpperCase()}${kind.slice(1)}).`,
      );
    }
    named[kind] = claimed;
  }
  // Only what the call adds is judged here; the key was when it was made.
  const isNew = named.team !== own.team || named.project !== own.project;
  const contradiction = isNew ? contradictionIn(named, directory) : undefined;
  if (contradiction !== undefined) throw new GatewayError('not_allowed', contradiction.why);
  const belonging = completeBelonging(named, directory);
  refuseArchived(belonging, directory);
  return belonging;
}

function refuseArchived(belonging: Belonging, directory: Directory): void {
  const gone = tenantsOf(belonging, directory).find(({ archivedAtMs }) => archivedAtMs !== undefined);
  if (gone !== undefined) throw new GatewayError('not_allowed', `The ${gone.kind} "${gone.name}" was archived.`);
}

function readText(headers: IncomingHttpHeaders, name: string, longest: number): string | undefined {
  const value = headers[name];
  if (typeof value !== 'string') return undefined;
  const text = decode(value.trim());
  if (text.length > longest) {
    throw new GatewayError('invalid_request', `The header ${name} is longer than ${longest} characters.`, {
      param: name,
    });
  }
  return text === '' ? undefined : text;
}

function readTag(part: string): [name: string, value: string] {
  const equals = part.indexOf('=');
  const name = part.slice(0, Math.max(equals, 0)).trim();
  if (!TAG_NAME.test(name) || name === '__proto__') {
    throw wrongTags(
      'Tags are written as name=value, separated by commas; a name has letters, digits and _ . : - alone.',
    );
  }
  const value = decode(part.slice(equals + 1).trim());
  if (value.length > LONGEST_TAG_VALUE) throw wrongTags(`A tag's value has at most ${LONGEST_TAG_VALUE} characters.`);
  return [name, value];
}

/** Undoes percent-encoding (RFC 3986), and reads bytes beyond ASCII, which Node takes for Latin-1, as the UTF-8 that they are if they are. */
function decode(text: string): string {
  const whole = /[^\x00-\x7f]/.test(text) ? asUtf8(text) : text;
  if (!whole.includes('%')) return whole;
  try {
    return decodeURIComponent(whole);
  } catch {
    return whole;
  }
}

function asUtf8(text: string): string {
  const read = Buffer.from(text, 'latin1').toString('utf8');
  return read.includes('\ufffd') ? text : read;
}

function wrongTags(message: string): GatewayError {
  return new GatewayError('invalid_request', `x-xidao-tags: ${message}`, { param: 'x-xidao-tags' });
}
