import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findProvider, providerNames } from '../providers/index.ts';

test('the guide names the providers of each policy for clients that leave', () => {
  const page = readFileSync(new URL('../../../docs/guide/money.md', import.meta.url), 'utf8');
  const named = (row: string) => {
    const line = page.split('\n').find((text) => text.startsWith(`| ${row}`))!;
    return [...line.split('|')[2]!.matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
  };
  const of = (stops: boolean) =>
    providerNames()
      .filter((name) => findProvider(name)?.cancelStopsBilling === stops)
      .sort();
  expect(named('`cancel`: hanging up stops the bill')).toEqual(of(true));
  expect(named('`drain`: it does not')).toEqual(of(false));
});
