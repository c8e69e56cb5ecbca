import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type AgentName, findAgent } from '../../../scripts/coding-agents.mjs';
import type { RunningGateway } from '../a-gateway.ts';
import { MODEL, type ProviderDialect } from './crossing.ts';

/** A coding agent: how its documentation points it at a gateway, and how it reads a file. */
export interface CodingAgent {
  name: AgentName;
  /** The provider dialect that is its own, thus not foreign. */
  own: ProviderDialect;
  /** The call of its tool that reads this file. */
  reads(file: string): { name: string; arguments: Record<string, string> };
  /** The arguments for one prompt without a terminal. */
  args(prompt: string): string[];
  env(gateway: RunningGateway): Record<string, string>;
  /** Its settings, by path below its home. */
  settings?(gateway: RunningGateway): Record<string, string>;
}

const toml = (gateway: RunningGateway) => `model_provider = "xidao"
model = "${MODEL}"

[model_providers.xidao]
name = "XiDao"
base_url = "${gateway.url}/v1"
env_key = "XIDAO_API_KEY"
wire_api = "responses"
`;

export const agents: readonly CodingAgent[] = [
  {
    name: 'claude-code',
    own: 'anthropic-messages',
    reads: (file) => ({ name: 'Read', arguments: { file_path: file } }),
    args: (prompt) => ['-p', prompt, '--model', MODEL, '--allowedTools', 'Read'],
    env: (gateway) => ({
      ANTHROPIC_BASE_URL: gateway.url,
      ANTHROPIC_AUTH_TOKEN: gateway.key,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: MODEL,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    }),
  },
  {
    name: 'codex',
    own: 'openai-responses',
    reads: (file) => ({ name: 'exec_command', arguments: { cmd: `cat '${file}'` } }),
    // Its sandbox needs rights that a container may not give; the one command that it is told to run is the `cat` above.
    args: (prompt) => ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', prompt],
    env: (gateway) => ({ XIDAO_API_KEY: gateway.key }),
    settings: (gateway) => ({ '.codex/config.toml': toml(gateway) }),
  },
  {
    name: 'gemini-cli',
    own: 'gemini',
    reads: (file) => ({ name: 'read_file', arguments: { file_path: file } }),
    args: (prompt) => ['-p', prompt, '-m', MODEL],
    env: (gateway) => ({
      GOOGLE_GEMINI_BASE_URL: gateway.url,
      GEMINI_API_KEY: gateway.key,
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
    }),
    // Without the type it takes another one as soon as there is a base URL, and then refuses it.
    settings: () => ({
      '.gemini/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false },
      }),
    }),
  },
  {
    name: 'opencode',
    own: 'openai-chat',
    reads: (file) => ({ name: 'read', arguments: { filePath: file } }),
    args: (prompt) => ['run', prompt],
    env: () => ({ OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1' }),
    settings: (gateway) => ({
      '.config/opencode/opencode.json': JSON.stringify({
        model: `xidao/${MODEL}`,
        small_model: `xidao/${MODEL}`,
        provider: {
          xidao: {
            npm: '@ai-sdk/openai-compatible',
            name: 'XiDao',
            options: { baseURL: `${gateway.url}/v1`, apiKey: gateway.key },
            models: { [MODEL]: { name: MODEL, limit: { context: 100_000, output: 4096 } } },
          },
        },
      }),
    }),
  },
];

/** Runs an agent in this folder, with a home of its own and nothing of this process's environment, until it ends. */
export async function runAgent(agent: CodingAgent, gateway: RunningGateway, folder: string, prompt: string) {
  const home = await mkdtemp(path.join(tmpdir(), 'xidao-home-'));
  try {
    for (const [file, content] of Object.entries(agent.settings?.(gateway) ?? {})) {
      await mkdir(path.dirname(path.join(home, file)), { recursive: true });
      await writeFile(path.join(home, file), content);
    }
    const program = findAgent(agent.name);
    if (program === undefined) throw new Error(`${agent.name} is not installed.`);
    const [command, ...first] = program.endsWith('.js') ? [process.execPath, program] : [program];
    const env = { PATH: process.env['PATH'], HOME: home, TMPDIR: home, ...agent.env(gateway) };
    const child = spawn(command!, [...first, ...agent.args(prompt)], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 50_000,
      killSignal: 'SIGKILL',
    });
    const exit = new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
    const [said, complained, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
    return { said, complained, code };
  } finally {
    // What an agent leaves running for a moment may still write there.
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}
