import { BlockList, isIP } from 'node:net';
import { readNetwork } from '../config/schema/network.ts';

/** A set of IP addresses, given as addresses and ranges. */
export interface AddressList {
  /** False for what is no address. */
  has(address: string): boolean;
}

/** Addresses and CIDR ranges (RFC 4632, RFC 4291) of both versions. Throws an Error that names what is neither. */
export function createAddressList(networks: readonly string[]): AddressList {
  const list = new BlockList();
  for (const text of networks) {
    const network = readNetwork(text);
    if (network === undefined) throw new Error(`"${text}" is neither an address nor a range of addresses.`);
    list.addSubnet(network.address, network.prefix, network.family);
  }
  return {
    has(address) {
      const plain = plainAddress(address);
      const version = isIP(plain);
      return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
    },
  };
}

/** An address without its zone; one of version 4 that a socket of version 6 tells (`::ffff:10.0.0.1`) in its own form. */
export function plainAddress(address: string): string {
  const zone = address.indexOf('%');
  const bare = zone === -1 ? address : address.slice(0, zone);
  return bare.startsWith('::ffff:') && bare.includes('.') ? bare.slice(7) : bare;
}
