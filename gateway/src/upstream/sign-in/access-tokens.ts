import { createSign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isObject, type JsonObject } from '@xidao/dialects';
import { type Agent, request } from 'undici';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';

export interface AccessTokenSettings {
  /** The provider's name in configuration, for messages. */
  name: string;
  /** The path of a service account's JSON file, or its text. */
  credentials: string;
  scope: string;
  agent: Agent;
  clock: Clock;
}

interface Token {
  text: string;
  /** Wall time, milliseconds. */
  expiresAtMs: number;
}

/** What a service account's file tells. */
interface ServiceAccount {
  email: string;
  privateKey: string;
  keyId: string | undefined;
  tokenUri: string;
}

const FRESH_MS = 300_000;
const LONGEST_MS = 10_000;
const LIFETIME_SECONDS = 3600;

/**
 * Gives access tokens for a service account: a signed assertion is exchanged at the file's own `token_uri` (RFC 7523), and the token kept until five minutes before its end. Calls that come
 * meanwhile wait for the one exchange. Throws `upstream_sign_in_failed`.
 */
export function createAccessTokens(settings: AccessTokenSettings): () => Promise<string> {
  const { clock } = settings;
  let token: Token | undefined;
  let coming: Promise<Token> | undefined;
  return async () => {
    if (token !== undefined && clock.wallMs() < token.expiresAtMs - FRESH_MS) return token.text;
    coming ??= exchange(settings).finally(() => {
      coming = undefined;
    });
    token = await coming;
    return token.text;
  };
}

async function exchange(settings: AccessTokenSettings): Promise<Token> {
  const account = await readAccount(settings);
  const nowMs = settings.clock.wallMs();
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: signAssertion(account, settings, Math.floor(nowMs / 1000)),
  }).toString();
  const { status, text } = await post(account.tokenUri, body, settings);
  const answer = parseObject(text);
  const { access_token: granted, expires_in: seconds } = answer ?? {};
  if (status !== 200 || typeof granted !== 'string')
    throw failed(settings, `${new URL(account.tokenUri).host} answered ${status}${reasonIn(answer)}`);
  return { text: granted, expiresAtMs: nowMs + (typeof seconds === 'number' ? seconds : LIFETIME_SECONDS) * 1000 };
}

async function readAccount(settings: AccessTokenSettings): Promise<ServiceAccount> {
  const { credentials } = settings;
  const isText = credentials.trimStart().startsWith('{');
  const where = isText ? 'the setting `credentials`' : credentials;
  const text = isText
    ? credentials
    : await readFile(credentials, 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw failed(settings, `the credentials at ${where} cannot be read (${error.code})`, error);
      });
  const file = parseObject(text);
  if (file === undefined) throw failed(settings, `${where} is not JSON`);
  const { type, client_email: email, private_key: privateKey, private_key_id: keyId, token_uri: tokenUri } = file;
  if (type !== 'service_account')
    throw failed(settings, `${where} holds credentials of the type ${JSON.stringify(type)}, not of a service account`);
  if (typeof email !== 'string' || typeof privateKey !== 'string')
    throw failed(settings, `${where} lacks \`client_email\` or \`private_key\``);
  if (typeof tokenUri !== 'string' || !URL.canParse(tokenUri)) throw failed(settings, `${where} lacks \`token_uri\``);
  return { email, privateKey, keyId: typeof keyId === 'string' ? keyId : undefined, tokenUri };
}

function signAssertion(account: ServiceAccount, settings: AccessTokenSettings, nowSeconds: number): string {
  const { keyId } = account;
  const header = { alg: 'RS256', typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) };
  const claims = {
    iss: account.email,
    scope: settings.scope,
    aud: account.tokenUri,
    iat: nowSeconds,
    exp: nowSeconds + LIFETIME_SECONDS,
  };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  try {
    return `${text}.${createSign('RSA-SHA256').update(text).sign(account.privateKey, 'base64url')}`;
  } catch (error) {
    throw failed(settings, 'the private key of the credentials cannot be used', error);
  }
}

async function post(
  url: string,
  body: string,
  settings: AccessTokenSettings,
): Promise<{ status: number; text: string }> {
  const late = new AbortController();
  const timer = settings.clock.setTimeout(() => late.abort(), LONGEST_MS);
  try {
    const answer = await request(url, {
      dispatcher: settings.agent,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'xidao' },
      body,
      signal: late.signal,
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  } catch (error) {
    const why = late.signal.aborted
      ? `did not answer within ${LONGEST_MS / 1000} s`
      : `could not be reached (${(error as NodeJS.ErrnoException).code ?? 'the connection broke'})`;
    throw failed(settings, `${new URL(url).host} ${why}`, error);
  } finally {
    timer.cancel();
  }
}

function reasonIn(answer: JsonObject | undefined): string {
  const { error, error_description: description } = answer ?? {};
  const told = [error, description].filter((text) => typeof text === 'string').join(': ');
  return told === '' ? '' : ` (${told.slice(0, 300)})`;
}

function failed({ name }: AccessTokenSettings, why: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_sign_in_failed', `${name} gave no access token: ${why}.`, { cause });
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
