// `npm run check`: what must hold before a commit. Every part runs, and all that is wrong is told at once.
import { spawn } from 'node:child_process';
import { pinnedNode, prepare } from './prepare.mjs';

prepare({ build: false });
const node = pinnedNode();
const parts = [
  ['types', ['node_modules/ts7/bin/tsc', '-p', 'tsconfig.json']],
  ['lint and format', ['node_modules/@biomejs/biome/bin/biome', 'check', '.']],
  ['promises', ['node_modules/eslint/bin/eslint.js', 'gateway/src', 'packages', 'scripts']],
  ['import directions', ['scripts/check-imports.mjs']],
  ['links in the docs', ['scripts/check-links.mjs']],
  ['reference pages', ['--conditions=xidao-source', 'scripts/docs.ts', '--check']],
  ['unit tests', ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--reporter=dot']],
].filter(([name]) => name !== 'unit tests' || !process.argv.includes('--static'));

const failed = [];
for (const [name, args] of parts) {
  const startedAt = Date.now();
  const { code, output } = await run(args);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (code !== 0) {
    failed.push(name);
    console.log(output.trimEnd());
  }
}
if (failed.length > 0) {
  console.log(`\nNot yet: ${failed.join(', ')}. \`npm run fix\` mends what a tool can mend.`);
  process.exit(1);
}

function run(args) {
  return new Promise((resolve) => {
    const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => resolve({ code, output }));
  });
}
