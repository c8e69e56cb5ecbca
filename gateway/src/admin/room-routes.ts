import type { Route } from './api/routes.ts';
import { budgetRoutes } from './budgets/budget-routes.ts';
import { type RoutingView, routingRoutes } from './routing-routes.ts';
import { usageRoutes } from './usage/usage-routes.ts';

/** What rooms besides auth show of themselves and let be changed. */
export interface ManagedRooms {
  routing: RoutingView;
  budgets: Parameters<typeof budgetRoutes>[0];
  usage: Parameters<typeof usageRoutes>[0];
}

/** Their routes, in the order in which they are described. */
export function roomRoutes({ routing, budgets, usage }: ManagedRooms): Route[] {
  return [...routingRoutes(routing), ...budgetRoutes(budgets), ...usageRoutes(usage)];
}
