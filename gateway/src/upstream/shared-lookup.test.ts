import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { createSharedLookup } from './shared-lookup.ts';

function aResolver() {
  const asked: { hostname: string; answer: Parameters<LookupFunction>[2] }[] = [];
  const lookup: LookupFunction = (hostname, _, answer) => void asked.push({ hostname, answer });
  return { asked, lookup: createSharedLookup(lookup) };
}

test('a name is looked up once for all who ask at the same time, and anew for those who ask later', () => {
  const { asked, lookup } = aResolver();
  const heard: unknown[] = [];
  for (let caller = 0; caller < 3; caller++) lookup('a.test', {}, (_, address) => heard.push(address));
  expect(asked).toHaveLength(1);
  asked[0]!.answer(null, '192.0.2.1', 4);
  expect(heard).toEqual(['192.0.2.1', '192.0.2.1', '192.0.2.1']);
  lookup('a.test', {}, () => {});
  expect(asked).toHaveLength(2);
});

test('a failure is told to all of them', () => {
  const { asked, lookup } = aResolver();
  const heard: unknown[] = [];
  const fault = new Error('ENOTFOUND');
  for (let caller = 0; caller < 2; caller++) lookup('a.test', {}, (error) => heard.push(error));
  asked[0]!.answer(fault, '', 0);
  expect(heard).toEqual([fault, fault]);
});

test('names, and questions that differ, do not share', () => {
  const { asked, lookup } = aResolver();
  lookup('a.test', {}, () => {});
  lookup('b.test', {}, () => {});
  lookup('a.test', { all: true }, () => {});
  lookup('a.test', { family: 6 }, () => {});
  expect(asked.map(({ hostname }) => hostname)).toEqual(['a.test', 'b.test', 'a.test', 'a.test']);
});
