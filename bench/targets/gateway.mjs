import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelNames } from '../calls.mjs';

const key = `xd-${randomBytes(32).toString('base64url')}`;

function configuration(upstreamPort) {
  return `providers:
  bench:
    dialect: openai-chat
    base_url: http://127.0.0.1:${upstreamPort}/v1
    api_key: x
    models: [${modelNames.join(', ')}]
keys:
  - { name: bench, key: ${key} }
`;
}

function newestSource(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts'));
  return Math.max(...files.map((name) => statSync(join(folder, name)).mtimeMs));
}

function warnWhenStale(root, built) {
  if (newestSource(join(root, 'gateway', 'src')) > statSync(built).mtimeMs)
    console.warn('gateway: its source is newer than its build; `npm run build` first to measure what is written');
}

/** The gateway as `xidao serve` runs it, with all its default features on and its log going to a file. */
export const gateway = {
  name: 'gateway',
  title: 'XiDao Gateway',
  calls: { documents: 10_000, bursts: 6_000 },
  warmUp: { documents: 10000, bursts: 6000 },
  takesFullRate: true,
  prepare({ root, gatewayCommand }) {
    const { version } = JSON.parse(readFileSync(join(root, 'gateway', 'package.json'), 'utf8'));
    if (gatewayCommand) return { words: gatewayCommand.split(/\s+/).filter(Boolean), version };
    const built = join(root, 'gateway', 'dist', 'main.js');
    if (!existsSync(built)) throw new Error('gateway/dist/main.js is not there; run `npm run build` first');
    warnWhenStale(root, built);
    return { words: [process.execPath, built, 'serve'], version };
  },
  describeCommand({ words, folder, port, upstreamPort, root }) {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'bench.yaml');
    writeFileSync(file, configuration(upstreamPort));
    const [command, ...args] = words;
    args.push('--config', file, '--data', join(folder, 'data'), '--port', String(port));
    return { command, args, cwd: root };
  },
  headers: () => [`authorization: Bearer ${key}`],
};
