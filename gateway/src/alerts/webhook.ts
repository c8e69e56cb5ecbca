import { createHmac } from 'node:crypto';
import type { Alert } from '../core/alert.ts';
import type { Channel } from './channel.ts';
import type { Poster } from './post-json.ts';

export interface WebhookTerms {
  name: string;
  address: string;
  headers?: Record<string, string>;
  /** The body is signed with it. */
  secret?: string | undefined;
  timeoutMs: number;
}

/**
 * Tells by a POST of JSON: the alert with its facts. It has a `text` for people too, so that chat services which read no more than that take it as it is. The id
 * stays the same from try to try; with a secret, `x-xidao-signature` is the HMAC-SHA256 of `x-xidao-timestamp`, a dot and the body.
 */
export function createWebhook(terms: WebhookTerms, { post }: Pick<Poster, 'post'>, nowMs: () => number): Channel {
  const { name, address, headers = {}, secret, timeoutMs } = terms;
  return {
    name,
    timeoutMs,
    send(alert, signal) {
      const body = writeAlert(alert);
      const signed = secret === undefined ? {} : sign(body, secret, nowMs());
      return post(address, { body, headers: { 'x-xidao-alert': alert.id, ...headers, ...signed } }, signal);
    },
  };
}

function writeAlert({ id, kind, severity, title, text, facts, atMs }: Alert): string {
  return JSON.stringify({ id, type: kind, severity, title, text, at: new Date(atMs).toISOString(), ...facts });
}

function sign(body: string, secret: string, nowMs: number): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'x-xidao-timestamp': timestamp, 'x-xidao-signature': `sha256=${signature}` };
}
