/** The list of known providers, the most used first. A new one is a file and a line here. */

import type { DialectName } from '@xidao/dialects';
import { ai21 } from './ai21.ts';
import { anthropic } from './anthropic.ts';
import { azure } from './azure.ts';
import { azureAnthropic } from './azure-anthropic.ts';
import { azureDeployments } from './azure-deployments.ts';
import { bedrock } from './bedrock.ts';
import { bedrockMantle } from './bedrock-mantle.ts';
import { cerebras } from './cerebras.ts';
import { cohere } from './cohere.ts';
import { deepinfra } from './deepinfra.ts';
import { deepseek } from './deepseek.ts';
import { fireworks } from './fireworks.ts';
import { gemini } from './gemini.ts';
import { github } from './github.ts';
import { groq } from './groq.ts';
import { huggingface } from './huggingface.ts';
import { hunyuan } from './hunyuan.ts';
import { hyperbolic } from './hyperbolic.ts';
import { jina } from './jina.ts';
import { lmstudio } from './lmstudio.ts';
import { meta } from './meta.ts';
import { minimax } from './minimax.ts';
import { mistral } from './mistral.ts';
import { moonshot } from './moonshot.ts';
import { nebius } from './nebius.ts';
import { novita } from './novita.ts';
import { nvidia } from './nvidia.ts';
import { ollama } from './ollama.ts';
import { ollamaCloud } from './ollama-cloud.ts';
import { openai } from './openai.ts';
import { openrouter } from './openrouter.ts';
import { perplexity } from './perplexity.ts';
import type { Provider, Setting } from './provider.ts';
import { qianfan } from './qianfan.ts';
import { qwen } from './qwen.ts';
import { resolveEndpoint } from './resolve-endpoint.ts';
import { sambanova } from './sambanova.ts';
import { siliconflow } from './siliconflow.ts';
import { stepfun } from './stepfun.ts';
import { together } from './together.ts';
import { upstage } from './upstage.ts';
import { vertex } from './vertex.ts';
import { vllm } from './vllm.ts';
import { volcengine } from './volcengine.ts';
import { voyage } from './voyage.ts';
import { xai } from './xai.ts';
import { zhipu } from './zhipu.ts';

export const providers: readonly Provider[] = [
  openai,
  anthropic,
  gemini,
  deepseek,
  qwen,
  mistral,
  groq,
  xai,
  openrouter,
  together,
  fireworks,
  cohere,
  moonshot,
  zhipu,
  minimax,
  azure,
  azureDeployments,
  azureAnthropic,
  vertex,
  bedrock,
  bedrockMantle,
  perplexity,
  nvidia,
  cerebras,
  huggingface,
  siliconflow,
  deepinfra,
  sambanova,
  novita,
  nebius,
  hyperbolic,
  github,
  meta,
  ai21,
  qianfan,
  volcengine,
  hunyuan,
  stepfun,
  upstage,
  voyage,
  jina,
  ollama,
  ollamaCloud,
  vllm,
  lmstudio,
];

const byName = new Map<string, Provider>();
for (const provider of providers) {
  for (const name of [provider.name, ...(provider.aliases ?? [])]) byName.set(name, provider);
}

/** The known provider of this name or alias, whatever its case. */
export function findProvider(name: string): Provider | undefined {
  return byName.get(name.toLowerCase());
}

/** Every name, without aliases, in the order of the list. */
export function providerNames(): string[] {
  return providers.map((provider) => provider.name);
}

/**
 * The providers whose key and settings are in the environment, in the order of the list. Where several share a variable the
 * first has it; hosts without a key are never meant.
 */
export function detectProviders(env: Record<string, string | undefined>): Provider[] {
  const taken = new Set<string>();
  return providers.filter((provider) => {
    if (provider.needsKey === false) return false;
    const variable = provider.env.find((name) => env[name]?.trim());
    if (variable === undefined || taken.has(variable) || lacksSettings(provider, env)) return false;
    taken.add(variable);
    return true;
  });
}

/** The provider's settings as far as the environment or their defaults tell. */
export function settingsFrom(provider: Provider, env: Record<string, string | undefined>): Record<string, string> {
  return readSettings(provider.settings ?? {}, env);
}

/** These settings as far as the environment or their defaults tell. */
export function readSettings(
  settings: Record<string, Setting>,
  env: Record<string, string | undefined>,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const variable = setting.env.find((candidate) => env[candidate]?.trim());
    const value = variable === undefined ? setting.default : env[variable]?.trim();
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** Whether no address of the provider is known yet. */
function lacksSettings(provider: Provider, env: Record<string, string | undefined>): boolean {
  const found = settingsFrom(provider, env);
  const dialects = Object.keys(provider.speaks) as DialectName[];
  return dialects.every((dialect) => resolveEndpoint(provider, dialect, found)?.endpoint === undefined);
}

export type { AdaptedRequest, Auth, Endpoint, Provider, Setting } from './provider.ts';
