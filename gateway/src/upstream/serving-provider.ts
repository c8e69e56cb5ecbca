import { crossings, type DialectName, type Usage } from '@xidao/dialects';
import type { Agent } from 'undici';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { Operation } from '../core/operation.ts';
import type { Host, ModelFacts, Target, Timeouts } from '../core/target.ts';
import { dialectsOf, traitsOf } from '../providers/model-traits.ts';
import type { Auth, Endpoint, Provider } from '../providers/provider.ts';
import { canBeChecked, checkHost, type HostHealth } from './check-host.ts';
import { createNetworkHost } from './network-host.ts';
import type { Concurrency } from './waiting/concurrency-limit.ts';

/** A provider as it is set up here: with its key, its addresses and its patience. */
export interface ServingProvider {
  name: string;
  preset: Provider;
  /** Lower is tried first. */
  priority: number;
  /** Its share of the calls among providers of equal priority. */
  weight: number;
  /** How many calls each of its targets takes at once; undefined: as many as come. */
  concurrency?: Concurrency | undefined;
  /** How often a host that nobody calls is looked after, in milliseconds; 0: never. */
  checkEveryMs: number;
  /** The dialects it is spoken to in, the preferred one first. */
  dialects: readonly DialectName[];
  offers(dialect: DialectName, operation: Operation): boolean;
  /**
   * The targets for a model, one for each of the provider's keys: the client's own operation in its own dialect where the provider has it, else another way to it.
   * Empty: there is none.
   */
  targets(model: string, ask: Errand): readonly SharedTarget[];
}

/** A target and its part of what falls to the provider. */
export interface SharedTarget {
  target: Target;
  /** Relative to the provider's other keys. */
  share: number;
  /** Asks its host for free whether it is there; absent where nothing is free. Targets of one key and dialect share the same one. */
  check?: () => Promise<HostHealth>;
}

export interface Credential {
  key: string;
  weight: number;
}

interface Errand {
  dialect: DialectName;
  operation: Operation;
}

export interface ServingSettings {
  name: string;
  preset: Provider;
  priority: number;
  weight: number;
  concurrency: Concurrency | undefined;
  checkEveryMs: number;
  /** The provider's keys; empty where it has none. */
  credentials: readonly Credential[];
  /** Stands for the key, where there is none. */
  keyless: { auth: Auth; settings: Record<string, string> } | undefined;
  endpoints: Partial<Record<DialectName, Endpoint>>;
  headers: Record<string, string>;
  timeouts: Timeouts;
  agent: Agent;
  clock: Clock;
  /** What the catalogue knows of a model's limits. */
  facts: (model: string) => ModelFacts;
  /** Integer pico-dollars of usage of a model; undefined where no price is known. */
  cost: (model: string, usage: Usage) => number | undefined;
}

export function createServingProvider(settings: ServingSettings): ServingProvider {
  const { name, preset, endpoints } = settings;
  const dialects = Object.keys(endpoints) as DialectName[];
  const hosts = new Map<string, Host>();
  const known = new Map<string, readonly SharedTarget[]>();
  const keys: readonly (Credential | undefined)[] =
    settings.credentials.length > 0 ? settings.credentials : [undefined];

  function hostOf(dialect: DialectName, number: number): Host {
    const place = `${dialect}#${number}`;
    const built = hosts.get(place);
    if (built !== undefined) return built;
    const endpoint = endpoints[dialect]!;
    const { keyless } = settings;
    const auth = keyless?.auth ?? endpoint.auth ?? preset.auth;
    const credential = keys[number]?.key;
    const host = createNetworkHost({ ...settings, credential, endpoint, auth, settings: keyless?.settings ?? {} });
    hosts.set(place, host);
    return host;
  }

  const checks = new Map<string, () => Promise<HostHealth>>();

  function checkOf(dialect: DialectName, number: number): (() => Promise<HostHealth>) | undefined {
    const endpoint = endpoints[dialect]!;
    const auth = settings.keyless?.auth ?? endpoint.auth ?? preset.auth;
    if (!canBeChecked({ dialect, auth })) return undefined;
    const place = `${dialect}#${number}`;
    const credential = keys[number]?.key;
    const { headers, agent } = settings;
    const { modelsPath } = preset;
    const check =
      checks.get(place) ??
      (() =>
        checkHost({ dialect, endpoint, auth, credential, headers, modelsPath, agent, timeoutMs: CHECK_TIMEOUT_MS }));
    checks.set(place, check);
    return check;
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

  function build(model: string, { dialect, operation }: Errand): SharedTarget[] {
    const facts = settings.facts(model);
    const { maxOutputTokens } = facts;
    const traits = { ...traitsOf(preset, model), ...(maxOutputTokens !== undefined && { maxOutputTokens }) };
    return keys.map((credential, number) => ({
      share: credential?.weight ?? 1,
      ...withCheck(checkOf(dialect, number)),
      target: {
        name: `${name}/${model}${number === 0 ? '' : `#${number + 1}`}`,
        provider: name,
        preset,
        model,
        dialect,
        operation,
        traits,
        timeouts: settings.timeouts,
        host: hostOf(dialect, number),
        facts,
        cost: (usage) => settings.cost(model, usage),
      },
    }));
  }

  return {
    name,
    preset,
    priority: settings.priority,
    weight: settings.weight,
    concurrency: settings.concurrency,
    checkEveryMs: settings.checkEveryMs,
    dialects,
    offers,
    targets(model, ask) {
      const way = wayTo(model, ask);
      if (way === undefined) return [];
      const hasSignIn = settings.credentials.length > 0 || settings.keyless !== undefined;
      if (!hasSignIn && preset.needsKey !== false && preset.auth.kind !== 'none') {
        throw new GatewayError('provider_key_missing', missingKey(name, preset));
      }
      const place = `${way.dialect}\n${way.operation}\n${model}`;
      const before = known.get(place);
      if (before !== undefined) return before;
      const targets = build(model, way);
      if (known.size >= MOST_TARGETS) known.clear();
      known.set(place, targets);
      return targets;
    },
  };
}

const CHECK_TIMEOUT_MS = 5_000;

function withCheck(check: SharedTarget['check']): Pick<SharedTarget, 'check'> {
  return check === undefined ? {} : { check };
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
