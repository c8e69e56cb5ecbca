import { expect, test } from 'vitest';
import { createAddressList, plainAddress } from './address-list.ts';
import { clientAddress } from './client-address.ts';

test('holds single addresses and ranges of both versions', () => {
  const list = createAddressList(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1']);
  for (const inside of ['10.255.0.1', '192.0.2.7', '2001:db8:1::5', '::1', '0:0:0:0:0:0:0:1'])
    expect(list.has(inside), inside).toBe(true);
  for (const outside of ['11.0.0.1', '192.0.2.8', '2001:db9::1', '::2', 'unknown', '', '10.0.0', '10.0.0.0/8'])
    expect(list.has(outside), outside).toBe(false);
});

test('knows an address of version 4 in whatever form a socket of version 6 tells it', () => {
  const list = createAddressList(['10.0.0.0/8', 'fe80::/10']);
  for (const inside of ['::ffff:10.1.2.3', '::ffff:a01:203', 'fe80::1%eth0'])
    expect(list.has(inside), inside).toBe(true);
  expect(list.has('::ffff:11.1.2.3')).toBe(false);
  expect(plainAddress('::ffff:10.1.2.3')).toBe('10.1.2.3');
});

test.each(['10.0.0.0/33', '::/129', '10.0.0.0/', 'localhost', '10.0.0.0/8/8', 'fe80::1%eth0', '10.0.0.0/-1'])(
  'does not take %s for a range',
  (text) => {
    expect(() => createAddressList([text])).toThrow(`"${text}"`);
  },
);

const proxies = createAddressList(['10.0.0.0/8', '2001:db8::/32']);
const forwarded = (text: string) => ({ 'x-forwarded-for': text });

test('believes nobody where no proxy is trusted', () => {
  expect(clientAddress('::ffff:192.0.2.1', forwarded('198.51.100.1'), undefined)).toBe('192.0.2.1');
  expect(clientAddress('192.0.2.1', forwarded('198.51.100.1'), proxies)).toBe('192.0.2.1');
});

test.each([
  ['198.51.100.1', '198.51.100.1'],
  ['198.51.100.1, 10.0.0.2', '198.51.100.1'],
  // Whoever calls may write what he likes in front.
  ['192.168.0.1, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
  ['198.51.100.1:40000, 10.0.0.2:80', '198.51.100.1'],
  ['[2001:db9::1]:443, 2001:db8::5', '2001:db9::1'],
  ['2001:db9::1,2001:db8::5', '2001:db9::1'],
  ['::ffff:198.51.100.1', '198.51.100.1'],
  ['10.0.0.9, 10.0.0.8', '10.0.0.9'],
  ['198.51.100.1, unknown, 10.0.0.2', '10.0.0.2'],
  ['unknown', '10.0.0.1'],
  ['', '10.0.0.1'],
])('takes from a trusted proxy, which says %j, the last address that is not a proxy', (text, client) => {
  expect(clientAddress('10.0.0.1', forwarded(text), proxies)).toBe(client);
});
