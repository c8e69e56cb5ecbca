// `npm start` in a fresh clone: installs what is missing, builds what is stale, runs the gateway under the pinned Node.
// Plain JavaScript for any Node that npm itself runs on.
import { spawn } from 'node:child_process';
import { pinnedNode, prepare } from './prepare.mjs';

prepare({ build: true });
const child = spawn(pinnedNode(), ['gateway/dist/main.js', 'serve', ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)));
