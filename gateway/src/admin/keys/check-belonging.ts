import { type Belonging, completeBelonging, contradictionIn, tenantsOf } from '../../auth/belonging.ts';
import type { Directory } from '../../auth/directory.ts';
import { modelsOutside } from '../../auth/model-patterns.ts';
import { GatewayError } from '../../core/errors.ts';

/**
 * Throws `invalid_request` where a key is to belong to somebody archived, to two that exclude each other, or may use models that
 * its team may not. A name that nobody has yet is a label, and becomes more when somebody gets it.
 */
export function checkBelonging(named: Belonging & { models?: readonly string[] }, directory: Directory): void {
  const contradiction = contradictionIn(named, directory);
  if (contradiction !== undefined) throw invalid(contradiction.why, contradiction.field);
  const tenants = tenantsOf(completeBelonging(named, directory), directory);
  const gone = tenants.find(({ archivedAtMs }) => archivedAtMs !== undefined);
  if (gone !== undefined) {
    throw invalid(`The ${gone.kind} "${gone.name}" is archived. Restore it first, or choose another.`, gone.kind);
  }
  const team = tenants.find(({ kind }) => kind === 'team');
  if (team?.models === undefined || named.models === undefined) return;
  const outside = modelsOutside(named.models, team.models);
  if (outside.length === 0) return;
  throw invalid(
    `The team "${team.name}" may use ${team.models.join(', ')}. Outside of that lies: ${outside.join(', ')}.`,
    'models',
  );
}

function invalid(message: string, param: string): GatewayError {
  return new GatewayError('invalid_request', message, { param });
}
