import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['xidao-source', 'node', 'default'] };
const ssr = { resolve };

/** Most of a test is waiting; one worker would leave half of a small machine idle. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

export default defineConfig({
  resolve,
  ssr,
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          maxWorkers,
          include: ['packages/*/src/**/*.test.ts', 'gateway/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'journey',
          maxWorkers,
          include: ['gateway/test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
