import { Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createHistogram } from './histogram.ts';

const BUCKETS = [0.1, 0.5, 1];
const VALUES = [0, 0.1, 0.10001, 0.5, 0.7, 1, 1.1, 60];

test('it is shown as the library shows its own', async () => {
  const own = new Registry();
  const series = createHistogram({ name: 'h', help: 'A "help".', buckets: BUCKETS, registry: own });
  const one = series.series({ model: 'a"b\\', status: 'success' });
  const other = series.series({ model: 'c', status: 'error' });
  const theirs = new Registry();
  const histogram = new Histogram({
    name: 'h',
    help: 'A "help".',
    labelNames: ['model', 'status'],
    buckets: BUCKETS,
    registers: [theirs],
  });
  for (const value of VALUES) {
    one.observe(value);
    histogram.observe({ model: 'a"b\\', status: 'success' }, value);
  }
  other.observe(3);
  histogram.observe({ model: 'c', status: 'error' }, 3);
  expect(await own.metrics()).toBe(await theirs.metrics());
});

test('without labels it is shown before its first value', async () => {
  const registry = new Registry();
  createHistogram({ name: 'h', help: 'Help.', buckets: BUCKETS, registry }).series({});
  expect(await registry.metrics()).toContain('h_bucket{le="+Inf"} 0');
});
