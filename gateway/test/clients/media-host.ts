import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onePixelPng } from '@xidao/testkit';

/** A host of media on loopback: an image at every path, a document where the path ends with `.pdf`. */
export interface MediaHost extends AsyncDisposable {
  url: string;
}

const image = { 'content-type': 'image/png' };
const pdf = { 'content-type': 'application/pdf' };

export async function startMediaHost(): Promise<MediaHost> {
  const server = createServer((request, response) => {
    const isDocument = request.url?.endsWith('.pdf') === true;
    response.writeHead(200, isDocument ? pdf : image);
    response.end(isDocument ? '%PDF-1.4\n%%EOF\n' : Buffer.from(onePixelPng, 'base64'));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
