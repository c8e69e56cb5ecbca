import { BlockList, isIP } from 'node:net';

/** Never a home of media, whoever allows what: the machine's own metadata, everybody at once, nobody. */
const NEVER = blockList([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  // Metadata services that live outside of the link-local range (Alibaba, Azure, AWS, Google).
  '100.100.100.200/32',
  '168.63.129.16/32',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
  '::/128',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  '100::/64',
  '2001:db8::/32',
  // Tunnels, whose inner address cannot be told apart from any other.
  '2001::/32',
  '2002::/16',
  '64:ff9b:1::/48',
]);

/** Networks of one's own: loopback, private (RFC 1918, RFC 4193), carrier NAT (RFC 6598), benchmarks. */
const PRIVATE = blockList([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '::1/128',
  'fc00::/7',
]);

const METADATA_NAMES = new Set(['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data']);

/** Whether an address must not be connected to on a client's word. What is no address is forbidden too. */
export function isForbiddenAddress(address: string, allowsPrivate: boolean): boolean {
  const bare = address.replace(/%.*$/, '');
  const version = isIP(bare);
  if (version === 0) return true;
  if (version === 4) return isListed(bare, 'ipv4', allowsPrivate);
  const inner = innerV4(bare);
  return inner === undefined ? isListed(bare, 'ipv6', allowsPrivate) : isListed(inner, 'ipv4', allowsPrivate);
}

/** Names under which clouds keep their metadata; their addresses are refused as well. */
export function isMetadataName(hostname: string): boolean {
  return METADATA_NAMES.has(hostname.toLowerCase().replace(/\.$/, ''));
}

function isListed(address: string, family: 'ipv4' | 'ipv6', allowsPrivate: boolean): boolean {
  return NEVER.check(address, family) || (!allowsPrivate && PRIVATE.check(address, family));
}

/** The IPv4 address that an IPv6 address stands for: mapped (`::ffff:0:0/96`), compatible (`::/96`) or translated (`64:ff9b::/96`, RFC 6052). */
function innerV4(address: string): string | undefined {
  const groups = groupsOf(address);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  const isTranslated = groups[0] === 0x64 && groups[1] === 0xff9b && groups.slice(2, 6).every((group) => group === 0);
  const isCompatible = groups.slice(0, 6).every((group) => group === 0) && (groups[6] !== 0 || groups[7]! > 1);
  if (!isMapped && !isTranslated && !isCompatible) return undefined;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight groups; the URL parser knows every spelling and gives the shortest. */
function groupsOf(address: string): number[] {
  const shortest = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [before = '', after] = shortest.split('::');
  const left = before === '' ? [] : before.split(':');
  const right = after === undefined || after === '' ? [] : after.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}

function blockList(networks: string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/');
    list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}
