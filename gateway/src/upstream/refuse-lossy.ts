import type { Receipt } from '@xidao/dialects';
import { GatewayError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Target } from '../core/target.ts';

/** Whether this call may only be sent to a target that can carry all of it: so says the client, or the model's entry in the configuration. */
export function isStrict({ call }: Prompt, plan: Plan): boolean {
  return plan.isStrict === true || call.headers['x-xidao-strict'] === 'true';
}

/** Throws `translation_lossy`, naming everything, where something would be lost or changed. */
export function refuseLossy(receipt: Receipt | undefined, target: Target): void {
  const { dropped, changed } = receipt ?? { dropped: [], changed: [] };
  const losses = [
    ...(dropped.length > 0 ? [`dropped: ${dropped.join(', ')}`] : []),
    ...(changed.length > 0 ? [`changed: ${changed.join(', ')}`] : []),
  ];
  if (losses.length === 0) return;
  throw new GatewayError(
    'translation_lossy',
    `${target.name} cannot carry everything that was asked (${losses.join('; ')}), and this call is strict. Leave these out, or send it without x-xidao-strict.`,
    dropped[0] === undefined ? {} : { param: dropped[0] },
  );
}
