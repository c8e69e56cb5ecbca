import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { aMailServer } from '../../test/alerts/a-mail-server.ts';
import { aWebhook } from '../../test/alerts/a-webhook.ts';
import { alertsSchema } from '../config/schema/alerts.ts';
import type { Alert, AlertStore, Delivery } from '../core/alert.ts';
import type { Budget, BudgetNews } from '../core/budget.ts';
import { isForbiddenAddress, isMetadataName } from '../upstream/media/forbidden-address.ts';
import { createAlerts } from './alerts.ts';
import { budgetAlert } from './budget-alert.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const BUDGET: Budget = {
  ...{ id: 'budget_1', name: 'of <engineering>', scope: { kind: 'team', id: 'engineering' }, amountPico: 10e12 },
  ...{ period: 'daily', timezone: 'UTC', source: 'store', thresholds: [{ at: 0.8, action: 'alert' }] },
};
const NEWS: BudgetNews = {
  ...{ budget: BUDGET, threshold: { at: 0.8, action: 'alert' }, spentPico: 8.5e12, atMs: NOW },
  ...{ windowStartsAtMs: NOW - 3_600_000, windowEndsAtMs: NOW + 3_600_000 },
};

/** What the store does, in a list. */
function aStore(): AlertStore & { alerts: Alert[]; deliveries: Delivery[] } {
  const alerts: Alert[] = [];
  const deliveries: Delivery[] = [];
  return {
    ...{ alerts, deliveries },
    async open(alert) {
      if (alerts.some(({ key }) => key === alert.key)) return false;
      alerts.push(alert);
      return true;
    },
    async delivered(_id, delivery) {
      deliveries.push(delivery);
    },
    list: async () => alerts.map((alert) => ({ ...alert, deliveries })),
    async trim(most) {
      alerts.splice(0, Math.max(0, alerts.length - most));
    },
  };
}

/** A room in which pauses between tries take no time, and are written down. */
function aRoom(config: object, { store = aStore() } = {}) {
  const pauses: number[] = [];
  const logged: object[] = [];
  const log = { info() {}, error: (facts: object) => void logged.push(facts) };
  const clock = {
    wallMs: () => NOW,
    setTimeout(run: () => void, ms: number) {
      // Time limits of single tries never run out.
      if (ms !== 10_000) {
        pauses.push(ms);
        setImmediate(run);
      }
      return { cancel() {} };
    },
  };
  const rules = { isForbiddenAddress, isMetadataName };
  const alerts = createAlerts({ clock, random: () => 1, store, rules, log });
  alerts.configure(alertsSchema.parse({ allow_private: true, ...config }));
  return { alerts, store, pauses, logged };
}

test('a webhook gets the facts as JSON, signed, and the budget passes each threshold once', async () => {
  await using hook = await aWebhook();
  const channels = {
    ops: { type: 'webhook', webhook_url: `${hook.url}/hook?token=t`, secret: 'shh', headers: { 'x-a': 'b' } },
  };
  const { alerts, store } = aRoom({ channels });
  const other = aRoom({ channels }, { store });
  for (const { alerts: node } of [other, other]) node.raise(budgetAlert(NEWS));
  alerts.raise(budgetAlert(NEWS));
  alerts.raise(budgetAlert({ ...NEWS, windowStartsAtMs: NOW }));
  await Promise.all([alerts.settled(), other.alerts.settled()]);
  expect(hook.heard).toHaveLength(2);
  const { body, headers, path } = hook.heard[0]!;
  expect(path).toBe('/hook?token=t');
  expect(headers['x-a']).toBe('b');
  const signature = createHmac('sha256', 'shh').update(`${headers['x-xidao-timestamp']}.${body}`).digest('hex');
  expect(headers['x-xidao-signature']).toBe(`sha256=${signature}`);
  expect(JSON.parse(body)).toMatchObject({
    ...{ type: 'budget.threshold', severity: 'warning', budget: 'of <engineering>', scope: 'team' },
    ...{ scope_id: 'engineering', amount_usd: 10, spent_usd: 8.5, threshold: 0.8, action: 'alert' },
    title: 'The budget "of <engineering>" is used to 85 %',
    text: '$8.50 of $10.00 today are spent by team "engineering". It starts anew at 2026-11-20T13:00:00.000Z.',
  });
  expect(store.deliveries).toMatchObject([
    { channel: 'ops', state: 'sent', attempts: 1 },
    { channel: 'ops', state: 'sent', attempts: 1 },
  ]);
  expect(JSON.stringify(store.alerts)).not.toContain('token');
});

test('a webhook that fails and comes back is told in the end, with longer and longer pauses', async () => {
  await using hook = await aWebhook();
  hook.answers.push(503, 500, 429);
  const { alerts, store, pauses } = aRoom({ channels: { ops: { type: 'webhook', webhook_url: hook.url } } });
  alerts.raise(budgetAlert(NEWS));
  await alerts.settled();
  expect(hook.heard).toHaveLength(4);
  expect(new Set(hook.heard.map(({ headers }) => headers['x-xidao-alert'])).size).toBe(1);
  expect(pauses).toEqual([2_000, 8_000, 32_000]);
  expect(store.deliveries).toMatchObject([{ state: 'sent', attempts: 4 }]);
});

test('a webhook that refuses for good is not asked again, one that is gone some times, and neither address is told', async () => {
  await using hook = await aWebhook();
  hook.answers.push(404, 302);
  const { url } = hook;
  const { alerts, store, logged } = aRoom({
    channels: {
      wrong: { type: 'webhook', webhook_url: `${url}/secret-path` },
      gone: { type: 'webhook', webhook_url: 'http://127.0.0.1:1/secret-path' },
    },
  });
  alerts.raise({ ...budgetAlert(NEWS), channels: ['wrong'] });
  await alerts.settled();
  alerts.raise({ ...budgetAlert(NEWS), key: 'redirected', channels: ['wrong'] });
  alerts.raise({ ...budgetAlert(NEWS), key: 'gone', channels: ['gone'] });
  await alerts.settled();
  expect(hook.heard.map(({ path }) => path)).toEqual(['/secret-path', '/secret-path']);
  expect(store.deliveries.map(({ channel, state, attempts, why }) => [channel, state, attempts, why])).toEqual([
    ['wrong', 'failed', 1, 'The webhook answered with status 404.'],
    ['wrong', 'failed', 1, 'The webhook answered with status 302.'],
    ['gone', 'failed', 6, 'The webhook cannot be reached (ECONNREFUSED).'],
  ]);
  expect(JSON.stringify([logged, store.deliveries])).not.toContain('secret-path');
});

test('chat services get a text alone, in which names are no markup', async () => {
  await using hook = await aWebhook();
  const { alerts } = aRoom({ channels: { chat: { type: 'slack', webhook_url: hook.url } } });
  alerts.raise(budgetAlert(NEWS));
  await alerts.settled();
  const said = JSON.parse(hook.heard[0]!.body) as Record<string, string>;
  expect(Object.keys(said)).toEqual(['text']);
  expect(said['text']).toContain('*The budget "of &lt;engineering&gt;" is used to 85 %*');
});

test("a budget's own webhook is told instead of the default channels, and with those that it names", async () => {
  await using own = await aWebhook();
  await using ops = await aWebhook();
  const { alerts, store } = aRoom({ channels: { ops: { type: 'webhook', webhook_url: ops.url } } });
  alerts.raise(budgetAlert({ ...NEWS, budget: { ...BUDGET, webhook: `${own.url}/secret-path` } }));
  await alerts.settled();
  expect([own.heard.length, ops.heard.length]).toEqual([1, 0]);
  expect(store.alerts[0]!.channels).toEqual([own.url]);
  const both = { ...BUDGET, id: 'budget_2', webhook: own.url, channels: ['ops'] };
  alerts.raise(budgetAlert({ ...NEWS, budget: both }));
  await alerts.settled();
  expect([own.heard.length, ops.heard.length]).toEqual([2, 1]);
});

test.each([
  ['a loopback address', 'http://127.0.0.1:1/'],
  ['a private address', 'http://10.0.0.1/'],
  ['an odd spelling of one', 'http://0x7f000001/'],
  ['a name that stands for one', 'http://localhost:1/'],
])('%s is not told unless that is allowed', async (_what, webhook_url) => {
  const { alerts, store } = aRoom({ allow_private: false, channels: { ops: { type: 'webhook', webhook_url } } });
  alerts.raise(budgetAlert(NEWS));
  await alerts.settled();
  expect(store.deliveries).toMatchObject([
    { state: 'failed', attempts: 1, why: expect.stringContaining('alerts.allow_private') },
  ]);
});

test('the metadata of a cloud is never told, whatever is allowed', async () => {
  const channels = { ops: { type: 'webhook', webhook_url: 'http://169.254.169.254/latest' } };
  const { alerts } = aRoom({ channels });
  expect(await alerts.test()).toMatchObject([{ channel: 'ops', state: 'failed', attempts: 1 }]);
});

test('e-mail goes out by SMTP, and comes back where the server is busy', async () => {
  await using mail = await aMailServer();
  const { alerts, store } = aRoom({
    smtp: { host: '127.0.0.1', port: mail.port, tls: 'never', from: 'XiDao <alerts@example.com>' },
    channels: { people: { type: 'email', to: ['ann@example.com', 'bob@example.com'] } },
  });
  mail.answerRecipient('451 busy');
  const told = await alerts.test('people');
  expect(told).toMatchObject([{ state: 'failed', why: expect.stringMatching(/status 451/) }]);
  mail.answerRecipient('250 ok');
  alerts.raise(budgetAlert(NEWS));
  await alerts.settled();
  expect(mail.letters).toMatchObject([{ from: 'alerts@example.com', to: ['ann@example.com', 'bob@example.com'] }]);
  expect(mail.letters[0]!.text).toMatch(/^Subject: .*XiDao.*The_budget_/m);
  expect(mail.letters[0]!.text).toContain('spent_usd: 8.5');
  expect(store.deliveries).toMatchObject([{ channel: 'people', state: 'sent' }]);
});

test('a mail server without encryption is told nothing where encryption is asked for', async () => {
  await using mail = await aMailServer();
  const { alerts } = aRoom({
    smtp: { host: '127.0.0.1', port: mail.port, from: 'a@example.com', user: 'u', password: 'hidden' },
    channels: { people: { type: 'email', to: ['ann@example.com'] } },
  });
  const told = await alerts.test();
  expect(told).toMatchObject([{ state: 'failed' }]);
  expect(JSON.stringify(told)).not.toContain('hidden');
  expect(mail.letters).toEqual([]);
});

test('without channels an alert is kept all the same, and a store that is ill keeps none back', async () => {
  await using hook = await aWebhook();
  const bare = aRoom({});
  bare.alerts.raise(budgetAlert(NEWS));
  await bare.alerts.settled();
  expect(bare.store.alerts).toHaveLength(1);

  const broken = { ...aStore(), open: async () => Promise.reject(new Error('the disk is full')) };
  const { alerts } = aRoom({ channels: { ops: { type: 'webhook', webhook_url: hook.url } } }, { store: broken });
  alerts.raise(budgetAlert(NEWS));
  alerts.raise(budgetAlert(NEWS));
  await alerts.settled();
  expect(hook.heard).toHaveLength(1);
});
