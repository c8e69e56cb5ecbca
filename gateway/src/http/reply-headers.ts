import type { Call } from '../core/call.ts';
import { PICO_PER_DOLLAR } from '../core/money.ts';
import type { Trail } from '../core/trail.ts';

/** All headers of an answer as one raw list: the answer's own, then what the gateway says of the call. */
export function replyHeaders(
  own: Record<string, string>,
  call: Call,
  trail: Trail,
  contentLength: number | undefined,
  contentType?: string,
): string[] {
  const record = trail.record;
  const list: string[] = ['x-request-id', call.id, 'request-id', call.id];
  // A client's limits here stand before those that the gateway has with a provider.
  const ofLimits = trail.headers;
  if (contentType !== undefined && own['content-type'] === undefined) list.push('content-type', contentType);
  for (const name in own) if (ofLimits?.[name] === undefined) list.push(name, own[name]!);
  for (const name in ofLimits) list.push(name, ofLimits[name]!);
  if (contentLength !== undefined) list.push('content-length', String(contentLength));
  const echoed = call.headers['x-request-id'];
  if (typeof echoed === 'string') list.push('x-client-request-id', printable(echoed));
  list.push('x-xidao-request-id', call.id);
  if (record.provider !== undefined)
    list.push('x-xidao-provider', record.provider, 'x-xidao-model', printable(record.modelServed ?? ''));
  if (record.attempts.length > 0) list.push('x-xidao-attempts', String(record.attempts.length));
  if (record.route !== undefined) list.push('x-xidao-route', printable(record.route));
  if (record.notice !== undefined) list.push('x-xidao-notice', printable(record.notice));
  if (record.receipt !== undefined) list.push('x-xidao-translation', printable(describeReceipt(record.receipt)));
  if (record.costPicoUsd !== undefined) list.push('x-xidao-cost-usd', formatUsd(record.costPicoUsd));
  if (record.overheadMs !== undefined) {
    list.push('x-xidao-overhead-ms', record.overheadMs.toFixed(2));
    list.push('openai-processing-ms', String(Math.round(record.firstByteMs ?? 0)));
  }
  return list;
}

/** US dollars with as many digits as it takes, never in exponent form. */
export function formatUsd(pico: number): string {
  return (pico / PICO_PER_DOLLAR).toFixed(12).replace(/\.?0+$/, '');
}

function describeReceipt(receipt: { dropped: string[]; changed: string[] }): string {
  const parts: string[] = [];
  if (receipt.dropped.length > 0) parts.push(`dropped: ${receipt.dropped.join(', ')}`);
  if (receipt.changed.length > 0) parts.push(`changed: ${receipt.changed.join(', ')}`);
  return parts.join('; ');
}

/** Header values are visible ASCII here (RFC 9110, 5.5 allows little more); arrows are spelled, the rest is percent-encoded, and long text is cut. */
function printable(text: string): string {
  const cut = text.length > 2000 ? `${text.slice(0, 2000)}...` : text;
  if (/^[\x20-\x7e]*$/.test(cut)) return cut;
  return cut
    .replaceAll('→', '->')
    .toWellFormed()
    .replace(/[^\x20-\x7e]/gu, encodeURIComponent);
}
