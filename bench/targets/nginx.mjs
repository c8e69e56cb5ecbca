import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDebianCommand } from './debian-package.mjs';

function configuration({ folder, port, upstreamPort }) {
  const room = (name) => join(folder, name);
  return `daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${room('nginx.pid')};
error_log stderr crit;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 12000; }
http {
  access_log off;
  client_body_temp_path ${room('body')};
  proxy_temp_path ${room('proxy')};
  fastcgi_temp_path ${room('fastcgi')};
  uwsgi_temp_path ${room('uwsgi')};
  scgi_temp_path ${room('scgi')};
  client_body_buffer_size 64k;
  upstream provider { server 127.0.0.1:${upstreamPort}; keepalive 512; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    keepalive_requests 1000000000;
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;
}

/** nginx as a plain reverse proxy: one worker, no buffering, no access log, connections to the upstream kept. */
export const nginx = {
  name: 'nginx',
  title: 'nginx',
  calls: { documents: 20_000, bursts: 8_000 },
  warmUp: { documents: 4000, bursts: 2000 },
  takesFullRate: true,
  prepare() {
    const command = ensureDebianCommand('nginx');
    const said = spawnSync(command, ['-v'], { encoding: 'utf8' });
    return { command, version: /nginx\/(\S+)/.exec(said.stderr)?.[1] ?? '' };
  },
  describeCommand({ command, folder, port, upstreamPort }) {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, configuration({ folder, port, upstreamPort }));
    return { command, args: ['-e', 'stderr', '-p', folder, '-c', file] };
  },
};
