import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDebianCommand } from './debian-package.mjs';

const configuration = ({ port, upstreamPort }) => `{
  admin off
  auto_https off
  log {
    level ERROR
  }
}
http://127.0.0.1:${port} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${upstreamPort} {
    flush_interval -1
    transport http {
      keepalive_idle_conns_per_host 512
    }
  }
}
`;

/** Caddy as a plain reverse proxy: one Go thread, every write flushed, no access log, connections to the upstream kept. */
export const caddy = {
  name: 'caddy',
  title: 'caddy',
  calls: { documents: 8_000, bursts: 6_000 },
  warmUp: { documents: 4000, bursts: 2000 },
  takesFullRate: true,
  prepare() {
    const command = ensureDebianCommand('caddy');
    return { command, version: spawnSync(command, ['version'], { encoding: 'utf8' }).stdout.trim().split(' ')[0] };
  },
  describeCommand({ command, folder, port, upstreamPort }) {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'Caddyfile');
    writeFileSync(file, configuration({ port, upstreamPort }));
    return {
      command,
      args: ['run', '--config', file, '--adapter', 'caddyfile'],
      env: { GOMAXPROCS: '1', HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    };
  },
};
