import type { DialectName } from '@xidao/dialects';
import type { Call } from '../core/call.ts';
import type { CallRecord } from '../core/record.ts';
import type { Reply } from '../core/reply.ts';
import { formatUsd } from './reply-headers.ts';

/** The clients of these skip comments, also behind the last event; some versions of Gemini's take them for a torn answer. */
const SKIP_COMMENTS: ReadonlySet<DialectName> = new Set(['openai-chat', 'openai-responses', 'anthropic-messages']);

/** The last line of a stream that tells what it cost, where the client or the configuration asks for it; undefined: nothing is to be told. */
export function costComment(
  call: Call,
  reply: Reply,
  record: CallRecord,
  { isForAll }: { isForAll: boolean },
): string | undefined {
  if (!isForAll && call.headers['x-xidao-cost'] !== 'true') return undefined;
  if (!reply.streamed || !SKIP_COMMENTS.has(call.dialect) || record.costPicoUsd === undefined) return undefined;
  return `: xidao-cost-usd=${formatUsd(record.costPicoUsd)}\n\n`;
}
