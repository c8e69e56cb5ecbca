import type { z } from 'zod';
import type { autoSchema } from '../../config/schema/auto.ts';
import { PICO_PER_DOLLAR } from '../../core/money.ts';
import type { AutoSettings } from './settings.ts';

/** The router's settings from `routing:` and its `auto:` section. */
export function readAutoSettings(
  routing: Pick<AutoSettings, 'tasks' | 'default_task' | 'tiers' | 'provider_priority'>,
  auto: z.output<typeof autoSchema>,
): AutoSettings {
  const { first_token, cost_per_request } = auto.ceilings;
  return {
    tasks: routing.tasks,
    default_task: routing.default_task,
    tiers: routing.tiers,
    provider_priority: routing.provider_priority,
    defaultTier: auto.default_tier,
    costWeight: auto.cost_weight,
    latencyWeight: auto.latency_weight,
    ceilings: {
      ...(first_token !== undefined && { firstTokenMs: first_token }),
      ...(cost_per_request !== undefined && { costPico: cost_per_request * PICO_PER_DOLLAR }),
    },
    switchMargin: auto.switch_margin,
    quality: auto.quality,
    ...(auto.default_model !== undefined && { defaultModel: auto.default_model }),
    ...(auto.max_tier_share !== undefined && { maxTierShare: auto.max_tier_share }),
  };
}
