import { crossings, type DialectName, type TargetTraits } from '@xidao/dialects';
import type { Agent } from 'undici';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Operation } from '../core/operation.ts';
import type { Host, Target, Timeouts } from '../core/target.ts';
import { dialectsOf, traitsOf } from '../providers/model-traits.ts';
import type { Auth, Endpoint, Provider } from '../providers/provider.ts';
import { createNetworkHost } from './network-host.ts';

/** A provider as it is set up here: with its key, its addresses and its patience. */
export interface ServingProvider {
  name: string;
  preset: Provider;
  /** Lower is tried first. */
  priority: number;
  /** The dialects it is spoken to in, the preferred one first. */
  dialects: readonly DialectName[];
  offers(dialect: DialectName, operation: Operation): boolean;
  /** The target for a model: the client's own operation in its own dialect where the provider has it, else another way to it. Undefined: there is none. */
  target(model: string, ask: Errand): Target | undefined;
}

interface Errand {
  dialect: DialectName;
  operation: Operation;
}

export interface ServingSettings {
  name: string;
  preset: Provider;
  priority: number;
  credential: string | undefined;
  /** Stands for the key, where there is none. */
  keyless: { auth: Auth; settings: Record<string, string> } | undefined;
  endpoints: Partial<Record<DialectName, Endpoint>>;
  headers: Record<string, string>;
  timeouts: Timeouts;
  agent: Agent;
  clock: Clock;
  /** What the catalogue knows of a model's limits. */
  limits: (model: string) => Partial<TargetTraits>;
}

export function createServingProvider(settings: ServingSettings): ServingProvider {
  const { name, preset, endpoints } = settings;
  const dialects = Object.keys(endpoints) as DialectName[];
  const hosts = new Map<DialectName, Host>();
  const targets = new Map<string, Target>();

  function hostOf(dialect: DialectName): Host {
    const known = hosts.get(dialect);
    if (known !== undefined) return known;
    const endpoint = endpoints[dialect]!;
    const { keyless } = settings;
    const auth = keyless?.auth ?? endpoint.auth ?? preset.auth;
    const host = createNetworkHost({ ...settings, endpoint, auth, settings: keyless?.settings ?? {} });
    hosts.set(dialect, host);
    return host;
  }

  function offers(dialect: DialectName, operation: Operation): boolean {
    const endpoint = endpoints[dialect];
    if (endpoint === undefined) return false;
    if (operation === 'chat') return endpoint.chat !== false;
    return endpoint.operations?.includes(operation) === true;
  }

  function wayTo(model: string, ask: Errand): Errand | undefined {
    if (ask.operation !== 'chat' && offers(ask.dialect, ask.operation)) return ask;
    if (ask.operation === 'chat' || ask.operation === 'completions') return wayToChat(model, ask.dialect);
    const crossing = crossings.find(
      ({ from, to }) =>
        from.dialect === ask.dialect && from.operation === ask.operation && offers(to.dialect, to.operation),
    );
    return crossing?.to;
  }

  function wayToChat(model: string, wanted: DialectName): Errand | undefined {
    const dialects = open(model);
    const dialect = dialects.find((one) => one === wanted) ?? dialects[0];
    return dialect && { dialect, operation: 'chat' };
  }

  /** The dialects in which this model can be asked for an answer here. */
  function open(model: string): DialectName[] {
    return dialectsOf(preset, model).filter((dialect) => endpoints[dialect] !== undefined);
  }

  return {
    name,
    preset,
    priority: settings.priority,
    dialects,
    offers,
    target(model, ask) {
      const way = wayTo(model, ask);
      if (way === undefined) return undefined;
      const { dialect, operation } = way;
      const hasSignIn = settings.credential !== undefined || settings.keyless !== undefined;
      if (!hasSignIn && preset.needsKey !== false && preset.auth.kind !== 'none') {
        throw new GatewayError('provider_key_missing', missingKey(name, preset));
      }
      const key = `${dialect}\n${operation}\n${model}`;
      const known = targets.get(key);
      if (known !== undefined) return known;
      const traits = { ...traitsOf(preset, model), ...settings.limits(model) };
      const target: Target = {
        name: `${name}/${model}`,
        provider: name,
        preset,
        model,
        dialect,
        operation,
        traits,
        timeouts: settings.timeouts,
        host: hostOf(dialect),
      };
      if (targets.size >= MOST_TARGETS) targets.clear();
      targets.set(key, target);
      return target;
    },
  };
}

/** Clients may name any model of a provider; what they name is not kept without end. */
const MOST_TARGETS = 5000;

function missingKey(name: string, preset: Provider): string {
  const variable = preset.env[0];
  const where = variable === undefined ? '' : `, or ${variable} in the environment`;
  const needed = Object.entries(preset.keyless?.settings ?? {}).filter(([, { isOptional }]) => isOptional !== true);
  const instead = needed.map(([setting]) => `providers.${name}.settings.${setting}`).join(' and ');
  return `The provider "${name}" has no API key. Set providers.${name}.api_key${where}${instead === '' ? '' : `; or ${instead}`}.`;
}
