import type { JsonObject } from '../json.ts';
import { encodeFrame } from './event-stream.ts';

/** An event of ConverseStream as text in which each character is one byte (latin1). */
export function eventFrame(type: string, body: JsonObject): string {
  return asText({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }, body);
}

/** An exception within the stream, named as the stream does: `throttlingException`. */
export function exceptionFrame(type: string, body: JsonObject): string {
  const name = type.charAt(0).toLowerCase() + type.slice(1);
  return asText({ ':exception-type': name, ':content-type': 'application/json', ':message-type': 'exception' }, body);
}

function asText(headers: Record<string, string>, body: JsonObject): string {
  return Buffer.from(encodeFrame(headers, Buffer.from(JSON.stringify(body)))).toString('latin1');
}
