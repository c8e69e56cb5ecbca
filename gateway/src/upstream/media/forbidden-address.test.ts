import { expect, test } from 'vitest';
import { isForbiddenAddress, isMetadataName } from './forbidden-address.ts';

test.each([
  '127.0.0.1',
  '127.8.9.1',
  '10.1.2.3',
  '172.31.255.255',
  '192.168.0.1',
  '100.64.0.1',
  '198.18.0.1',
  '::1',
  'fc00::1',
  'fd12:3456::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:10.0.0.1',
  '::10.0.0.1',
  '64:ff9b::192.168.1.1',
])('%s is in a network of one’s own, and open only where that is allowed', (address) => {
  expect(isForbiddenAddress(address, false)).toBe(true);
  expect(isForbiddenAddress(address, true)).toBe(false);
});

test.each([
  '0.0.0.0',
  '169.254.169.254',
  '169.254.0.1',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '224.0.0.1',
  '255.255.255.255',
  '240.0.0.1',
  '::',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  'fd00:ec2::254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  '2002:7f00:1::',
  '2001:0:1::1',
  'localhost',
  '',
  '1.2.3',
])('%s is open to nobody', (address) => {
  expect(isForbiddenAddress(address, false)).toBe(true);
  expect(isForbiddenAddress(address, true)).toBe(true);
});

test.each([
  '1.1.1.1',
  '172.32.0.1',
  '100.128.0.1',
  '93.184.216.34',
  '2606:4700::1111',
  '::ffff:8.8.8.8',
  '64:ff9b::808:808',
])('%s is public', (address) => {
  expect(isForbiddenAddress(address, false)).toBe(false);
});

test('the names of metadata services are known in any spelling', () => {
  for (const name of ['metadata.google.internal', 'Metadata.Google.Internal.', 'metadata'])
    expect(isMetadataName(name)).toBe(true);
  expect(isMetadataName('metadata.example.com')).toBe(false);
});
