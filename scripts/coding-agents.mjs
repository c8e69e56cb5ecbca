// The coding agents that the tests speak through when XIDAO_AGENTS=1: `node scripts/coding-agents.mjs` installs them into .agents, each into a folder of its own
// and at the version named here. No install script runs: what a script would link, the tests start directly.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, '.agents');
const platform = `${process.platform}-${process.arch}`;

/** Each agent's package and version, and what starts it below its node_modules. */
export const codingAgents = {
  'claude-code': {
    package: '@anthropic-ai/claude-code',
    version: '2.1.329',
    program: `@anthropic-ai/claude-code-${platform}/claude`,
  },
  codex: { package: '@openai/codex', version: '0.169.0', program: '@openai/codex/bin/codex.js' },
  'gemini-cli': { package: '@google/gemini-cli', version: '0.61.0', program: '@google/gemini-cli/bundle/gemini.js' },
  opencode: { package: 'opencode-ai', version: '1.18.33', program: `opencode-${platform}/bin/opencode` },
};

/** Where the agent's program lies; undefined where it is not installed at its version. */
export function findAgent(name) {
  const { version, program } = codingAgents[name];
  const file = path.join(folder, name, 'node_modules', program);
  return readStamp(name) === version && existsSync(file) ? file : undefined;
}

/** Installs the agent where it is missing; gives the reason where that fails. */
export function installAgent(name) {
  if (findAgent(name) !== undefined) return undefined;
  const { package: id, version, program } = codingAgents[name];
  const home = path.join(folder, name);
  mkdirSync(home, { recursive: true });
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', home];
  const { status, stderr, error } = spawnSync('npm', [...args, `${id}@${version}`], { encoding: 'utf8', cwd: home });
  if (status !== 0) return (stderr || error?.message || 'npm failed').trim().split('\n').at(-1);
  if (!existsSync(path.join(home, 'node_modules', program))) return `it has no program for ${platform}`;
  writeFileSync(stampOf(name), version);
  return undefined;
}

const stampOf = (name) => path.join(folder, name, 'installed.txt');
const readStamp = (name) => (existsSync(stampOf(name)) ? readFileSync(stampOf(name), 'utf8') : undefined);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of Object.keys(codingAgents)) {
    const reason = installAgent(name);
    console.log(`${name} ${codingAgents[name].version}: ${reason ?? path.relative(root, findAgent(name))}`);
    if (reason !== undefined) process.exitCode = 1;
  }
}
