import { isIP } from 'node:net';
import { z } from 'zod';

/** A range of addresses; a single address is a range of one. */
export interface Network {
  address: string;
  prefix: number;
  family: 'ipv4' | 'ipv6';
}

/** Reads `10.0.0.0/8`, `2001:db8::/32` or a plain address. Undefined: it is none. */
export function readNetwork(text: string): Network | undefined {
  const [address = '', length, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || more.length > 0) return undefined;
  const longest = version === 4 ? 32 : 128;
  const prefix = length === undefined ? longest : readPrefix(length);
  if (prefix === undefined || prefix > longest) return undefined;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

function readPrefix(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}

/** An address or a range of them, of IP version 4 or 6. */
export function network() {
  return z
    .string()
    .trim()
    .refine((text) => readNetwork(text) !== undefined, 'an address or a range such as 10.0.0.0/8 or 2001:db8::/32')
    .meta({ title: 'address or range' });
}
