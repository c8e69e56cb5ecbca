import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The other end of a webhook, on loopback. */
export interface AWebhook extends AsyncDisposable {
  url: string;
  heard: { path: string; headers: IncomingHttpHeaders; body: string }[];
  /** The statuses of the next answers; then 200. */
  answers: number[];
}

export async function aWebhook(): Promise<AWebhook> {
  const heard: AWebhook['heard'] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push({ path: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString() });
      const status = answers.shift() ?? 200;
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
