#!/usr/bin/env node
// The command. Only what every Node can read stands here; the rest is loaded when this Node is known to be new enough.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

/** Half of the young generation in MB. Left alone it grows until the process holds 300 MB, without being any faster. */
const SEMI_SPACE_MB = 8;

if (major < 22 || (major === 22 && minor < 15)) {
  console.error(
    `XiDao Gateway needs Node 22.15 or newer; this is ${process.versions.node}. Get one at https://nodejs.org, or run \`npx -p node@24 -p xidao xidao\`.`,
  );
  process.exitCode = 2;
} else {
  begin();
}

function begin(): void {
  import('./config/environment.ts')
    .then(({ readEnvironment }) => {
      if (serves(process.argv[2])) becomeTuned(readEnvironment()['NODE_OPTIONS']);
      return import('./cli/start.ts');
    })
    .then(({ start }) => start())
    .catch((error) => {
      console.error(error);
      process.exitCode = 1;
    });
}

function serves(word: string | undefined): boolean {
  return (
    word === undefined ||
    word === 'serve' ||
    (word.startsWith('-') && !['-h', '--help', '-V', '--version'].includes(word))
  );
}

/**
 * The size of the young generation is fixed when V8 starts: `v8.setFlagsFromString` comes too late for it. So the process becomes
 * itself again with the flag, under the same id and before anything else is loaded. Where that cannot be (Windows, a parent that
 * talks over IPC) it goes on as it is.
 */
function becomeTuned(nodeOptions = ''): void {
  const { execArgv, execPath, argv } = process;
  const isTuned = [...execArgv, nodeOptions].some((flag) => flag.includes('max-semi-space-size'));
  if (isTuned || process.platform === 'win32' || process.connected || process.execve === undefined) return;
  try {
    const flags = [`--max-semi-space-size=${SEMI_SPACE_MB}`, '--disable-warning=ExperimentalWarning'];
    process.execve(execPath, [execPath, ...flags, ...execArgv, ...argv.slice(1)]);
  } catch {
    // Untuned it serves as well, only larger.
  }
}
