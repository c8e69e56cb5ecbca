import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = '@portkey-ai/gateway';
const VERSION = '1.15.2';
// With a later one every stream fails ("TypeError: immutable", https://github.com/Portkey-AI/gateway/issues/1389).
const SERVER_PACKAGE = '@hono/node-server';
const SERVER_VERSION = '1.14.1';

function installedVersion(prefix, name) {
  const manifest = join(prefix, 'node_modules', ...name.split('/'), 'package.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
}

function install(prefix) {
  console.log(`installing ${PACKAGE} from npm`);
  mkdirSync(prefix, { recursive: true });
  const manifest = { private: true, overrides: { [SERVER_PACKAGE]: SERVER_VERSION } };
  writeFileSync(join(prefix, 'package.json'), JSON.stringify(manifest));
  const args = ['install', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const done = spawnSync('npm', [...args, `${PACKAGE}@${VERSION}`], { encoding: 'utf8', timeout: 240_000 });
  if (done.status !== 0) throw new Error(`npm could not install ${PACKAGE}@${VERSION}`);
}

/** Portkey's open gateway, the nearest peer in Node: headless, without its log page, routed by its own headers. */
export const portkey = {
  name: 'portkey',
  title: 'Portkey',
  // Some thirty times the work of the others per call, so it gets fewer calls and no rate it cannot serve.
  calls: { documents: 800, bursts: 500 },
  warmUp: { documents: 2500, bursts: 1500 },
  takesFullRate: false,
  prepare({ buildFolder }) {
    const prefix = join(buildFolder, 'portkey');
    const installed = installedVersion(prefix, PACKAGE) === VERSION;
    if (!installed || installedVersion(prefix, SERVER_PACKAGE) !== SERVER_VERSION) install(prefix);
    const start = join(prefix, 'node_modules', ...PACKAGE.split('/'), 'build', 'start-server.js');
    return { start, version: VERSION };
  },
  describeCommand({ start, port }) {
    return {
      command: process.execPath,
      args: [start, '--headless', `--port=${port}`],
      env: { NODE_ENV: 'production', PORT: String(port) },
    };
  },
  headers: ({ upstreamPort }) => [
    'authorization: Bearer bench',
    'x-portkey-provider: openai',
    `x-portkey-custom-host: http://127.0.0.1:${upstreamPort}/v1`,
  ],
};
