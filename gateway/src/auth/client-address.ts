import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { type AddressList, plainAddress } from './address-list.ts';

/**
 * The address of the client: the socket's, or where that is a trusted proxy's, the last address in `X-Forwarded-For` that no
 * trusted proxy has. What stands before it could be anybody's invention, and what is no address ends the search.
 */
export function clientAddress(
  socketAddress: string,
  headers: IncomingHttpHeaders,
  trustedProxies: AddressList | undefined,
): string {
  let address = plainAddress(socketAddress);
  if (trustedProxies === undefined || !trustedProxies.has(address)) return address;
  const forwarded = headers['x-forwarded-for'];
  if (forwarded === undefined) return address;
  const hops = String(forwarded).split(',');
  for (let index = hops.length - 1; index >= 0; index -= 1) {
    const hop = readHop(hops[index]!);
    if (hop === undefined) return address;
    address = hop;
    if (!trustedProxies.has(hop)) return hop;
  }
  return address;
}

/** `10.0.0.1`, `10.0.0.1:5000`, `2001:db8::1` or `[2001:db8::1]:5000`: proxies write all of them. */
function readHop(text: string): string | undefined {
  const hop = text.trim();
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1];
  const candidate = bracketed ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
  const address = plainAddress(candidate);
  return isIP(address) === 0 ? undefined : address;
}
