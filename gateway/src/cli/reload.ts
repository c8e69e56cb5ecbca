import path from 'node:path';
import { formatProblems } from '../config/load.ts';
import { watchConfig } from '../config/watch.ts';
import type { Gateway } from '../gateway.ts';
import { readConfig } from './load-config.ts';
import type { Terminal } from './terminal.ts';

export interface Followed {
  /** Undefined: there was none; one that appears as `xidao.yaml` is taken. */
  file: string | undefined;
  /** As it is in force. */
  text: string;
  terminal: Terminal;
}

/** Puts a changed file in force, and on SIGHUP the file as it is. One that is wrong is refused, and the old one goes on. */
export function followConfig(gateway: Gateway, { file: located, text, terminal }: Followed): { close(): void } {
  const file = located ?? path.resolve(terminal.folder, 'xidao.yaml');
  let inForce = text;
  const watch = watchConfig({
    file,
    text,
    onError: (error) => gateway.log.warn({ err: error, file }, 'the configuration file cannot be watched'),
    onChange(changed) {
      inForce = changed;
      applyConfig(gateway, changed, file, terminal);
    },
  });
  const onHangUp = async () => {
    gateway.log.info({ file }, 'told to read the configuration again');
    const before = inForce;
    // Twice, since a text counts when two looks agree on it.
    await watch.check();
    await watch.check();
    if (inForce === before) applyConfig(gateway, inForce, file, terminal);
  };
  process.on('SIGHUP', onHangUp);
  return {
    close() {
      process.off('SIGHUP', onHangUp);
      watch.close();
    },
  };
}

function applyConfig(gateway: Gateway, text: string, file: string, terminal: Terminal): void {
  const { config, problems } = readConfig(text, file, terminal.env);
  if (config === undefined) return gateway.refuseReload(formatProblems(problems, file));
  const before = gateway.config;
  try {
    gateway.reload(config);
  } catch (error) {
    return gateway.refuseReload((error as Error).message);
  }
  gateway.log.info({ file }, 'the configuration is in force');
  for (const setting of settingsOfTheStart(before, config)) {
    gateway.log.warn({ setting }, 'this change takes effect at the next start');
  }
}

function settingsOfTheStart(before: Gateway['config'], after: Gateway['config']): string[] {
  const changed: [string, boolean][] = [
    ['server.host', before.server.host !== after.server.host],
    ['server.port', before.server.port !== after.server.port],
    ['storage.url', before.storage.url !== after.storage.url],
    ['observability.logging', before.observability.logging.level !== after.observability.logging.level],
  ];
  return changed.filter(([, isChanged]) => isChanged).map(([setting]) => setting);
}
