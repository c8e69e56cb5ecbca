import type { Caller } from '../core/caller.ts';
import type { ScopedLimits } from '../core/limits.ts';
import type { ApiKey } from './api-key.ts';
import { type Belonging, tenantsOf } from './belonging.ts';
import type { Directory } from './directory.ts';
import { narrowModels } from './model-patterns.ts';
import type { Tenant } from './tenant.ts';

/** The caller that a key makes of a call which belongs there. Its limits are gathered here, once. */
export function callerOf(key: ApiKey, belonging: Belonging, directory: Directory): Caller {
  const tenants = tenantsOf(belonging, directory);
  const team = tenants.find(({ kind }) => kind === 'team');
  const tier = key.tier ?? team?.tier;
  const models = narrowModels(key.models, team?.models);
  const limits = limitsOf(key, tenants);
  return {
    keyId: key.id,
    keyName: key.name,
    ...belonging,
    ...(tier !== undefined && { tier }),
    ...(models !== undefined && { models }),
    ...(key.tags !== undefined && { tags: key.tags }),
    ...(key.importance !== undefined && { importance: key.importance }),
    ...(limits.length > 0 && { limits }),
  };
}

/** By name rather than by id, so that a key and its successor count together. */
function limitsOf(key: ApiKey, tenants: readonly Tenant[]): ScopedLimits[] {
  const gathered: ScopedLimits[] = [];
  if (key.limits !== undefined) gathered.push({ scope: 'key', id: key.name, limits: key.limits });
  for (const { kind, name, limits } of tenants) {
    if (limits !== undefined) gathered.push({ scope: kind, id: name, limits });
  }
  return gathered;
}
