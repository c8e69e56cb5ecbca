import type { Clock } from '../core/clock.ts';
import type { Route } from './api/routes.ts';
import { auditRoutes } from './audit/audit-routes.ts';
import { keyRoutes } from './keys/key-routes.ts';
import type { Management } from './management.ts';
import { tenantRoutes } from './tenants/tenant-routes.ts';
import { type GatewayView, viewRoutes } from './views.ts';

export interface RouteTableDeps {
  management: Pick<Management, 'keys' | 'tenants' | 'audit'>;
  view: GatewayView;
  clock: Clock;
  /** What other rooms have to be managed. */
  moreRoutes?: readonly Route[];
}

/** Everything that the management API can be asked, in the order in which it is described. */
export function managementRoutes({ management, view, clock, moreRoutes = [] }: RouteTableDeps): Route[] {
  return [
    ...keyRoutes({ keys: management.keys, clock }),
    ...tenantRoutes({ tenants: management.tenants }),
    ...auditRoutes({ audit: management.audit }),
    ...viewRoutes(view),
    ...moreRoutes,
  ];
}
