import { type ListedModel, renderModel } from '../catalogue/models-document.ts';
import { redactConfig } from '../config/redact.ts';
import type { Config } from '../config/schema.ts';
import type { Route } from './routes.ts';

/** What is to be seen of the gateway as it runs. */
export interface GatewayView {
  config(): Config;
  models(): readonly ListedModel[];
  status(): GatewayStatus;
  nowMs(): number;
}

export interface GatewayStatus {
  version: string;
  startedAtMs: number;
  /** Names of the providers that can answer. */
  providers: string[];
  /** Lines for the operator: what is configured and has no effect, or cannot be used. */
  warnings: string[];
  /** Undefined: ready. */
  whyNotReady: string | undefined;
}

/** `/admin/v1/status`, `/config` and `/models`. */
export function viewRoutes(view: GatewayView): Route[] {
  return [
    {
      method: 'GET',
      path: '/status',
      run() {
        const { version, startedAtMs, providers, warnings, whyNotReady } = view.status();
        const body = {
          status: whyNotReady === undefined ? 'ready' : 'not ready',
          reason: whyNotReady ?? null,
          version,
          started_at: new Date(startedAtMs).toISOString(),
          providers,
          warnings,
        };
        return { status: 200, body };
      },
    },
    { method: 'GET', path: '/config', run: () => ({ status: 200, body: { config: redactConfig(view.config()) } }) },
    {
      method: 'GET',
      path: '/models',
      run() {
        const data = view.models().map((listed) => renderModel(listed, view.nowMs()));
        return { status: 200, body: { data, has_more: false } };
      },
    },
  ];
}
