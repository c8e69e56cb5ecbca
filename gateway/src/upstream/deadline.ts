import { readDuration } from '../config/schema/values.ts';
import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';

const HEADER = 'x-xidao-deadline';

/** When the client no longer waits (monotonic milliseconds), as `x-xidao-deadline: 20s` says, counted from the call's first byte. Infinite where it says nothing. Throws for what is no duration. */
export function deadlineOf(call: Pick<Call, 'headers' | 'startedAt'>): number {
  const written = call.headers[HEADER];
  if (written === undefined) return Number.POSITIVE_INFINITY;
  const milliseconds = typeof written === 'string' ? readDuration(written) : undefined;
  if (milliseconds === undefined || milliseconds <= 0)
    throw new GatewayError('invalid_request', `${HEADER} must be a duration such as 20s, 1500ms or 2m.`, {
      param: HEADER,
    });
  return call.startedAt + milliseconds;
}

/** What a client is told whose time is over. */
export function deadlineExceeded(): GatewayError {
  return new GatewayError('deadline_exceeded', `No answer began before the deadline that the client set (${HEADER}).`);
}
