import type { AlertChannelConfig, AlertsConfig } from '../config/schema/alerts.ts';
import type { Alert, AlertStore, Delivery } from '../core/alert.ts';
import type { Clock } from '../core/clock.ts';
import { createIds } from '../core/ids.ts';
import type { Channel } from './channel.ts';
import { deliver } from './deliver.ts';
import { createEmail } from './email.ts';
import { type AddressRules, createPoster, type Poster } from './post-json.ts';
import { createSlack, isSlackAddress } from './slack.ts';
import { createWebhook } from './webhook.ts';

/** What people shall hear of. */
export interface AlertWish extends Omit<Alert, 'id' | 'atMs' | 'channels'> {
  /** Names of channels. Absent: the default ones, unless there is a webhook. */
  channels?: readonly string[];
  /** An address that is told as well. */
  webhook?: string;
}

/** Tells people, apart from any call. Furniture: what is being told is told to its end. */
export interface Alerts {
  /** From now on by these channels. */
  configure(config: AlertsConfig): void;
  /** Tells once what has one key, over all nodes that share the store. Returns at once and never throws. */
  raise(wish: AlertWish): void;
  /** Sends a trial by one channel or by each, once. Gives what became of it; empty: there is no such channel. */
  test(channel?: string): Promise<Delivery[]>;
  /** Resolves when nothing is being told any more. */
  settled(): Promise<void>;
  /** Gives up what is being tried again. */
  close(): Promise<void>;
}

export interface AlertsDeps {
  clock: Pick<Clock, 'wallMs' | 'setTimeout'>;
  random(): number;
  store: AlertStore;
  rules: AddressRules;
  log: { info(facts: object, message: string): void; error(facts: object, message: string): void };
}

/** More alerts at once are not told, but logged. */
const MOST_AT_ONCE = 200;
const MOST_KEYS = 10_000;
const WEBHOOK_TIMEOUT_MS = 10_000;

export function createAlerts(deps: AlertsDeps): Alerts {
  const { clock, store, log } = deps;
  const nextId = createIds('alert');
  const giveUp = new AbortController();
  const underWay = new Set<Promise<void>>();
  const raised = new Set<string>();
  let config: AlertsConfig | undefined;
  let channels = new Map<string, Channel>();
  let poster: Poster | undefined;
  let allowsPrivate = false;

  function posterFor(mayBePrivate: boolean): Poster {
    if (poster !== undefined && allowsPrivate === mayBePrivate) return poster;
    const before = poster;
    allowsPrivate = mayBePrivate;
    poster = createPoster(deps.rules, { allowsPrivate });
    // What is under way breaks off and is tried again, by the new rules.
    before?.close().catch(() => {});
    return poster;
  }

  const post: Poster['post'] = (address, message, signal) =>
    posterFor(config?.allow_private ?? false).post(address, message, signal);

  function channelOf(name: string, written: AlertChannelConfig): Channel {
    const terms = { name, timeoutMs: written.timeout };
    switch (written.type) {
      case 'webhook':
        return createWebhook({ ...terms, ...written, address: written.webhook_url }, { post }, clock.wallMs);
      case 'slack':
        return createSlack({ ...terms, address: written.webhook_url }, { post });
      case 'email':
        return createEmail({ ...terms, to: written.to }, config!.smtp!);
    }
  }

  function webhookAt(address: string): Channel {
    const terms = { name: new URL(address).origin, address, timeoutMs: WEBHOOK_TIMEOUT_MS };
    return isSlackAddress(address) ? createSlack(terms, { post }) : createWebhook(terms, { post }, clock.wallMs);
  }

  function channelsFor({ channels: wanted, webhook }: AlertWish): Channel[] {
    const usual = webhook === undefined ? (config?.default ?? [...channels.keys()]) : [];
    const named = (wanted ?? usual).flatMap((name) => channels.get(name) ?? []);
    return webhook === undefined ? named : [...named, webhookAt(webhook)];
  }

  /** Whether nobody has told this before. With a store that is ill, this node's own memory has to do. */
  async function isNew(alert: Alert): Promise<boolean> {
    if (raised.has(alert.key)) return false;
    if (raised.size >= MOST_KEYS) raised.clear();
    raised.add(alert.key);
    try {
      return await store.open(alert);
    } catch (error) {
      log.error({ err: error, alert: alert.id }, 'an alert could not be kept; it is sent all the same');
      return true;
    }
  }

  async function tell(wish: AlertWish): Promise<void> {
    const { channels: _, webhook: __, ...told } = wish;
    const ways = channelsFor(wish);
    const alert: Alert = { id: nextId(), ...told, atMs: clock.wallMs(), channels: ways.map(({ name }) => name) };
    if (!(await isNew(alert))) return;
    log.info({ alert: alert.id, kind: alert.kind, ...alert.facts }, alert.title);
    await Promise.all(ways.map((channel) => tellBy(channel, alert)));
    await store.trim(config?.history ?? 1_000);
  }

  async function tellBy(channel: Channel, alert: Alert): Promise<void> {
    const delivery = await deliver(alert, channel, { deps, signal: giveUp.signal });
    const { state, why, attempts } = delivery;
    if (state === 'failed')
      log.error({ alert: alert.id, channel: channel.name, why, attempts }, 'an alert did not get through');
    await store.delivered(alert.id, delivery);
  }

  return {
    configure(written) {
      config = written;
      channels = new Map(Object.entries(written.channels).map(([name, one]) => [name, channelOf(name, one)]));
    },
    raise(wish) {
      if (underWay.size >= MOST_AT_ONCE) {
        log.error({ kind: wish.kind, ...wish.facts }, 'too many alerts are being sent; this one is only logged');
        return;
      }
      const telling = tell(wish)
        .catch((error) => log.error({ err: error, kind: wish.kind }, 'an alert could not be followed to its end'))
        .finally(() => underWay.delete(telling));
      underWay.add(telling);
    },
    async test(only) {
      const wanted = [...channels.values()].filter(({ name }) => only === undefined || name === only);
      const alert: Alert = {
        ...{ id: nextId(), key: '', kind: 'test', severity: 'info', facts: {}, atMs: clock.wallMs() },
        ...{
          title: 'A trial',
          text: 'This is how alerts of the gateway look.',
          channels: wanted.map(({ name }) => name),
        },
      };
      return Promise.all(
        wanted.map((channel) => deliver(alert, channel, { deps, signal: giveUp.signal, mostTries: 1 })),
      );
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async close() {
      giveUp.abort();
      await Promise.all(underWay);
      await poster?.close();
    },
  };
}
