import type { JsonObject } from '@xidao/dialects';
import type { Reply } from '../core/reply.ts';

/** The document that a reply is, read to its end. */
export async function parseWhole(reply: Reply): Promise<JsonObject> {
  const chunks: Uint8Array[] = [];
  if (reply.whole === undefined) for await (const chunk of reply.body) chunks.push(chunk);
  return JSON.parse((reply.whole ?? Buffer.concat(chunks)).toString('utf8')) as JsonObject;
}

/** The reply without what holds for the provider's own bytes alone. */
export function withoutLength(reply: Reply): Reply {
  const { contentLength: _, whole: __, hidesUsage: ___, ...rest } = reply;
  return rest;
}
