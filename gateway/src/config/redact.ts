import type { Config } from './schema.ts';

const MASK = '***';

/** Fields that hold a secret as their whole value. */
const SECRETS = new Set(['api_key', 'key', 'token', 'password', 'secret', 'webhook', 'webhook_url']);
/** Free maps: what is secret in them, only the entries' names tell. */
const FREE_MAPS = new Set(['headers', 'query', 'settings', 'metadata']);
const SECRET_NAME = /auth|key|token|secret|passw|pwd|cookie|credential|signature|^sig$/i;

/** A copy of a configuration that may be shown: secrets become `***`, unset ones stay empty. */
export function redactConfig<Shape extends Partial<Config>>(config: Shape): Shape {
  return redactSection(config, []) as Shape;
}

function redact(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value))
    return path.at(-1) === 'args' ? redactArguments(value) : value.map((entry) => redact(entry, path));
  if (value !== null && typeof value === 'object') return redactSection(value, path);
  if (typeof value !== 'string' || value === '') return value;
  return isSecret(path) ? MASK : redactUrl(value);
}

function redactSection(section: object, path: readonly string[]): object {
  return Object.fromEntries(Object.entries(section).map(([name, value]) => [name, redact(value, [...path, name])]));
}

function isSecret(path: readonly string[]): boolean {
  const name = path.at(-1) ?? '';
  const map = path.at(-2) ?? '';
  // A tool server's environment exists to hand it secrets.
  if (map === 'env') return true;
  if (FREE_MAPS.has(map)) return SECRET_NAME.test(name);
  // In a rule's `match`, `key` is a key's name.
  return SECRETS.has(name) && !path.includes('match');
}

/** Masks the password and the secret parameters of an address; any other text stays as it is. */
function redactUrl(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return text;
  return text
    .replace(/^([^:]+:\/\/)([^/?#]*)@/, (_, scheme: string, user: string) => `${scheme}${redactUser(user, scheme)}@`)
    .replaceAll(/([?&])([^=&#]+)=([^&#]*)/g, (pair, mark: string, name: string) =>
      SECRET_NAME.test(name) ? `${mark}${name}=${MASK}` : pair,
    );
}

/** A lone user name in front of a web host is a token as a rule; in front of a database it is a name. */
function redactUser(user: string, scheme: string): string {
  const colon = user.indexOf(':');
  if (colon >= 0) return `${user.slice(0, colon)}:${MASK}`;
  return /^https?:/i.test(scheme) ? MASK : user;
}

/** `--api-key=x` and `--api-key x`. */
function redactArguments(args: readonly unknown[]): unknown[] {
  let isNext = false;
  return args.map((argument) => {
    const text = String(argument);
    const mask = isNext;
    isNext = /^--?[\w-]+$/.test(text) && SECRET_NAME.test(text);
    if (mask && !text.startsWith('-')) return MASK;
    const [, flag] = /^(--?[\w-]+=|[\w-]+=)./s.exec(text) ?? [];
    return flag !== undefined && SECRET_NAME.test(flag) ? flag + MASK : redactUrl(text);
  });
}
