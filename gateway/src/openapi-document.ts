import { createOpenApi } from './admin/api/openapi.ts';
import { managementRoutes } from './admin/management-routes.ts';
import { roomRoutes } from './admin/room-routes.ts';
import { systemClock as clock } from './core/clock.ts';
import { VERSION } from './version.ts';

/** What is described is not asked. */
const NOBODY = undefined as never;

/** The OpenAPI document of this version's management API, without a gateway that runs. */
export function openApiDocument(): object {
  const management = { keys: NOBODY, tenants: NOBODY, audit: NOBODY };
  return createOpenApi(
    managementRoutes({
      management,
      view: NOBODY,
      clock,
      moreRoutes: roomRoutes({ routing: NOBODY, budgets: { view: NOBODY, change: NOBODY, clock }, usage: NOBODY }),
    }),
    VERSION,
  );
}
