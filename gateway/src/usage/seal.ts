import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** What was asked and what was answered, as text. */
export interface CallBodies {
  request?: string;
  response?: string;
}

/** Makes bodies unreadable without the installation's secret, and readable again. */
export interface Seal {
  seal(callId: string, bodies: CallBodies): string;
  /** Throws if the secret is another one, or the text was changed or belongs to another call. */
  open(callId: string, sealed: string): CallBodies;
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM (NIST SP 800-38D) under a key of its own, derived from the secret (RFC 5869); the call's id is bound to the text. */
export function createSeal(secret: Buffer): Seal {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'xidao call bodies', 32));
  return {
    seal(callId, bodies) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(callId));
      const plain = deflateRawSync(JSON.stringify(bodies));
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), sealed]).toString('base64');
    },
    open(callId, text) {
      const bytes = Buffer.from(text, 'base64');
      if (bytes[0] !== VERSION) throw new Error('The bodies were sealed by another version of the gateway.');
      const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
      const tag = bytes.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(callId))
        .setAuthTag(tag);
      const sealed = bytes.subarray(1 + NONCE_BYTES + TAG_BYTES);
      const plain = Buffer.concat([decipher.update(sealed), decipher.final()]);
      return JSON.parse(inflateRawSync(plain).toString()) as CallBodies;
    },
  };
}
