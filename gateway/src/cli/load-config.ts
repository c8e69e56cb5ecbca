import { defaultConfig } from '../config/defaults.ts';
import type { Environment } from '../config/environment.ts';
import { formatProblems, type ParsedConfig, parseConfig } from '../config/load.ts';
import { loadConfigFile } from '../config/load-file.ts';
import { locateConfig } from '../config/locate.ts';
import type { Config } from '../config/schema.ts';
import { detectProviders, providerNames } from '../providers/index.ts';
import { CommandFailure, EXIT } from './failure.ts';
import type { Terminal } from './terminal.ts';

export interface FoundConfig extends ParsedConfig {
  /** Undefined: there is none, and the defaults hold. */
  file: string | undefined;
  text: string;
}

/** The configuration that a gateway started here would have, with all of its problems. */
export async function findConfig(flag: string | undefined, { env, folder }: Terminal): Promise<FoundConfig> {
  const located = locateConfig({ flag, env, folder });
  if (located === undefined) {
    return {
      file: undefined,
      text: '',
      config: withKeyOfEnvironment(defaultConfig(), env),
      problems: [],
      sources: new Map(),
    };
  }
  const { file } = located;
  const { config, text = '', problems, sources } = await loadConfigFile({ file, env, ...knownNames(env) });
  return { file, text, problems, sources, ...(config !== undefined && { config: withKeyOfEnvironment(config, env) }) };
}

/** As `findConfig`, of a text that was read already. */
export function readConfig(text: string, file: string, env: Environment): ParsedConfig {
  const { config, ...rest } = parseConfig({ text, file, env, ...knownNames(env) });
  return { ...rest, ...(config !== undefined && { config: withKeyOfEnvironment(config, env) }) };
}

/** The configuration, or a failure that names every problem. */
export async function requireConfig(
  flag: string | undefined,
  terminal: Terminal,
): Promise<FoundConfig & { config: Config }> {
  const found = await findConfig(flag, terminal);
  const { config, problems, file } = found;
  if (config === undefined) throw new CommandFailure(formatProblems(problems, file), EXIT.usage);
  return { ...found, config };
}

function knownNames(env: Environment) {
  return { knownProviders: providerNames(), environmentProviders: detectProviders(env).map(({ name }) => name) };
}

/** The same variable opens the management API to commands, so it also closes it where nothing else is written. */
function withKeyOfEnvironment(config: Config, env: Environment): Config {
  const key = env['XIDAO_ADMIN_KEY'];
  if (config.admin.key !== '' || !key) return config;
  return { ...config, admin: { ...config.admin, key } };
}
