import { GatewayError } from '../core/errors.ts';
import type { Failure } from './failure.ts';

/** Of the gateway's own words for a failure, those for one that came after the provider had the prompt. */
const AFTER_SENDING = new Set([
  'upstream_first_byte_timeout',
  'upstream_idle_timeout',
  'upstream_total_timeout',
  'upstream_broke_off',
]);

/** Whether a provider may bill an attempt that failed so: one that answers with an error bills nothing, one that fell silent may have done its work. */
export function mayBeBilled(failure: Failure): boolean {
  return failure instanceof GatewayError && AFTER_SENDING.has(failure.code);
}
