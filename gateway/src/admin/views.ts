import { z } from 'zod';
import { type ListedModel, renderModel } from '../catalogue/models-document.ts';
import { redactConfig } from '../config/redact.ts';
import type { Config } from '../config/schema.ts';
import { shownMoment } from './api/fields.ts';
import { type Route, route } from './api/routes.ts';

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

const statusDocument = z
  .strictObject({
    status: z.enum(['ready', 'not ready']),
    reason: z.string().nullable(),
    version: z.string(),
    started_at: shownMoment(),
    providers: z.array(z.string()).describe('Those that can answer.'),
    warnings: z.array(z.string()).describe('What is configured and has no effect, or cannot be used.'),
  })
  .meta({ id: 'Status' });

const configDocument = z.strictObject({ config: z.record(z.string(), z.unknown()) }).meta({ id: 'Configuration' });

const modelsDocument = z.strictObject({ data: z.array(z.looseObject({ id: z.string() })), has_more: z.boolean() });

const chapter = 'Gateway';

/** `/admin/v1/status`, `/config` and `/models`. */
export function viewRoutes(view: GatewayView): Route[] {
  return [
    route({
      method: 'GET',
      path: '/status',
      name: 'getStatus',
      title: 'How the gateway is.',
      chapter,
      answers: { status: 200, schema: statusDocument },
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
    }),
    route({
      method: 'GET',
      path: '/config',
      name: 'getConfig',
      title: 'The configuration as it holds, without its secrets.',
      chapter,
      answers: { status: 200, schema: configDocument },
      run: () => ({ status: 200, body: { config: redactConfig(view.config()) } }),
    }),
    route({
      method: 'GET',
      path: '/models',
      name: 'listModels',
      title: 'Every model that is served, under the name that clients say.',
      chapter,
      answers: { status: 200, schema: modelsDocument },
      run() {
        const data = view.models().map((listed) => renderModel(listed, view.nowMs()));
        return { status: 200, body: { data, has_more: false } };
      },
    }),
  ];
}
