import { type DialectName, dialects, type ModelRequest } from '@xidao/dialects';
import { type Cue, echo, onePixelPng, type RecordedCall, startUpstream, type Upstream } from '@xidao/testkit';
import { afterAll, beforeAll, beforeEach, test } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { aGateway, type RunningGateway } from '../a-gateway.ts';
import { type MediaHost, startMediaHost } from './media-host.ts';

/** The dialects that the model behind the gateway may speak. */
export const providerDialects = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini', 'bedrock'] as const;
export type ProviderDialect = (typeof providerDialects)[number];

export const MODEL = 'test-model';

/** What a suite of client tests runs against: a gateway, and behind it a provider of one dialect. */
export interface Crossing {
  provider: ProviderDialect;
  /** A test that holds; or, where the suite's `lacks` names it with a reason, one that is known not to hold yet. */
  holds(name: string, run: () => Promise<void>): void;
  readonly upstream: Upstream;
  readonly gateway: RunningGateway;
  /** An image that lies at an address, and how a provider of this dialect is shown it: by the address, or inline where it opens none. */
  readonly image: { url: string; seen: object };
  /** The last request that the provider got, as a provider of its dialect reads it. */
  lastAsked(): ModelRequest;
  /** The call that the provider gets next. */
  nextCall(): Promise<RecordedCall>;
}

/** Names of tests that do not hold for this provider yet, each with what is missing. */
export type Lacks = Readonly<Record<string, string>>;

/** Starts gateway and provider for the tests of the `describe` around it, and stops them after. */
export function crossTo(provider: ProviderDialect, lacks: Lacks = {}): Crossing {
  let upstream: Upstream | undefined;
  let gateway: RunningGateway | undefined;
  let media: MediaHost | undefined;
  const unheard = new Set(Object.keys(lacks));
  beforeAll(async () => {
    upstream = await startUpstream();
    gateway = await aGateway(configOf(provider, upstream));
    media = await startMediaHost();
  });
  beforeEach(() => {
    // What a test left behind, the next one shall not suffer from.
    upstream?.answer(echo());
    upstream?.resume();
  });
  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
    await upstream?.close();
    await media?.[Symbol.asyncDispose]();
    if (unheard.size > 0) throw new Error(`No test of this suite is called ${[...unheard].join(', ')}.`);
  });
  return {
    provider,
    holds(name, run) {
      unheard.delete(name);
      const reason = lacks[name];
      if (reason === undefined) test(name, run);
      else test.fails(`${name} [not yet: ${reason}]`, run);
    },
    get upstream() {
      return started(upstream);
    },
    get gateway() {
      return started(gateway);
    },
    get image() {
      const url = `${started(media).url}/pixel.png`;
      const inline = { kind: 'base64', mediaType: 'image/png', data: onePixelPng };
      return { url, seen: opensNoAddresses.has(provider) ? inline : { kind: 'url', url } };
    },
    lastAsked: () => readAsProvider(provider, started(started(upstream).calls.at(-1))),
    nextCall: () => started(upstream).waitForCall(started(upstream).calls.length + 1),
  };
}

const opensNoAddresses: ReadonlySet<ProviderDialect> = new Set(['gemini', 'bedrock']);

function configOf(provider: ProviderDialect, upstream: Upstream): ConfigInput {
  const version = provider === 'openai-chat' || provider === 'openai-responses' ? '/v1' : '';
  const up = { dialect: provider, base_url: upstream.url + version, api_key: 'sk-upstream', models: [MODEL] };
  return { providers: { up }, media: { allow_private: true } };
}

function readAsProvider(provider: DialectName, call: RecordedCall): ModelRequest {
  return dialects[provider].readRequest(call.json as Parameters<(typeof dialects)[DialectName]['readRequest']>[0]);
}

function started<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('Nothing there yet: ask inside a test.');
  return thing;
}

/** Answers by these cues, one call each; by the last one from then on. */
export function inTurn(...cues: [Cue, ...Cue[]]): Cue {
  let next = 0;
  return (asked) => cues[Math.min(next++, cues.length - 1)]!(asked);
}
