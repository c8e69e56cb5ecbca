export type AgentName = 'claude-code' | 'codex' | 'gemini-cli' | 'opencode';

/** Each agent's package and version, and what starts it below its node_modules. */
export const codingAgents: Record<AgentName, { package: string; version: string; program: string }>;

/** Where the agent's program lies; undefined where it is not installed at its version. */
export function findAgent(name: AgentName): string | undefined;

/** Installs the agent where it is missing; gives the reason where that fails. */
export function installAgent(name: AgentName): string | undefined;
