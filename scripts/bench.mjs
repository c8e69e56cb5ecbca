import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const MARK = 'XIDAO_BENCH_SETTLED';
const LONGEST_RUN_MS = 12 * 60_000;

const usage = `npm run bench -- [options]
  --quick                  two short rounds, under a minute
  --only a,b               of nginx, caddy, gateway, portkey (direct is always measured)
  --gateway-command '...'  how to start the gateway; --config, --data and --port are added
  --include-usage          streams ask for their usage
  --output FILE            where the results go; a whole run writes bench/RESULTS.md, others bench/build/RESULTS.md`;

function parseOptions() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      'gateway-command': { type: 'string' },
      'include-usage': { type: 'boolean', default: false },
      output: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return { ...values, only: values.only?.split(',').map((name) => name.trim()) };
}

// The pinned Node where it is installed, and two cores where there are more: the figures are meant for two.
function settledCommand() {
  const pinned = join(root, 'node_modules', '.bin', 'node');
  const node = existsSync(pinned) ? realpathSync(pinned) : process.execPath;
  const twoCores = availableParallelism() > 2 && spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;
  return [...(twoCores ? ['taskset', '-c', '0,1'] : []), node];
}

function runSettled() {
  const [command, ...args] = settledCommand();
  const child = spawn(command, [...args, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, [MARK]: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

function endOnSignals() {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])
    process.on(signal, () => process.exit(code));
  setTimeout(() => {
    console.error('bench: still running after twelve minutes; stopping');
    process.exit(1);
  }, LONGEST_RUN_MS).unref();
}

async function main() {
  const options = parseOptions();
  if (options.help) return console.log(usage);
  if (!process.env[MARK]) return runSettled();
  endOnSignals();
  const { kinds, runBench } = await import('../bench/run-bench.mjs');
  const { writeReport } = await import('../bench/write-report.mjs');
  const unknown = options.only?.filter((name) => !kinds.some((kind) => kind.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`--only does not know ${unknown.join(', ')}\n${usage}`);
  const result = await runBench({
    root,
    quick: options.quick,
    only: options.only,
    gatewayCommand: options['gateway-command'],
    includeUsage: options['include-usage'],
  });
  const text = writeReport(result);
  const isWhole = !options.quick && !options.only;
  const file = options.output ?? join(root, 'bench', ...(isWhole ? ['RESULTS.md'] : ['build', 'RESULTS.md']));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  writeFileSync(join(root, 'bench', 'build', 'samples.json'), JSON.stringify(result.samples, null, 1));
  console.log(`\n${text}`);
  process.exit(0);
}

main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exit(1);
});
