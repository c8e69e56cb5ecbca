import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['xidao-source', 'node', 'default'] };
const ssr = { resolve };

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
          include: ['gateway/test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          pool: 'forks',
          // Most of a journey is waiting; one worker would leave half of a small machine idle.
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
