import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type Cue,
  cutAfter,
  endAfter,
  errorAfter,
  fails,
  halfJson,
  openRawRequest,
  overloadedFirst,
  reply,
  resetBeforeHeaders,
  stallAfter,
  startUpstream,
  status,
} from '@xidao/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aGateway, KEY, type RunningGateway } from '../a-gateway.ts';
import { ask, DIALECT_CALLS, type DialectCall, MODEL, only, post, UPSTREAM_KEY } from './dialect-calls.ts';
import { metric, readMetrics } from './read-metrics.ts';

const SPOKEN = reply({ text: 'one two three' });
const MARKER = 'Rumpelstilzchen';

/** Every way in which a call can end, by what the upstream or the client does. */
const ENDINGS: Record<string, Cue | 'client-leaves' | 'no-key' | 'broken-json' | 'no-model'> = {
  complete: SPOKEN,
  refused: status(400),
  limited: fails({ status: 429 }),
  failed: status(500),
  cut: cutAfter('bytes 60', SPOKEN),
  short: endAfter('bytes 60', SPOKEN),
  told: errorAfter('chunk 1', { status: 500 }, SPOKEN),
  half: halfJson(SPOKEN),
  overloaded: overloadedFirst(),
  reset: resetBeforeHeaders(),
  left: 'client-leaves',
  'no key': 'no-key',
  'broken JSON': 'broken-json',
  'no model': 'no-model',
};

async function end(
  gateway: RunningGateway,
  call: DialectCall,
  stream: boolean,
  ending: string,
  answers: Map<string, Cue>,
) {
  const what = ENDINGS[ending]!;
  const text = `${MARKER} ${ending} ${Math.random()}`;
  if (what === 'broken-json')
    return void (await (await post(gateway, call.path(MODEL, stream), `{"model":"${MARKER}`)).text());
  if (what === 'client-leaves') {
    answers.set(text, stallAfter('headers', SPOKEN));
    const exchange = openRawRequest({
      port: gateway.port,
      path: call.path(MODEL, stream),
      headers: { authorization: `Bearer ${KEY}` },
      body: call.body(MODEL, text, stream),
    });
    return { text, exchange };
  }
  if (typeof what === 'function') answers.set(text, what);
  const response = await ask(gateway, call, {
    text,
    stream,
    ...(what === 'no-model' && { model: 'no-such-model' }),
    ...(what === 'no-key' && { headers: { authorization: 'Bearer xd-wrong-key-that-must-not-be-logged' } }),
  });
  await response.text();
  return undefined;
}

test.each(DIALECT_CALLS)(
  '$dialect: whatever mix of endings, every call is recorded, metered and entered in the ledger once, and nothing stays open',
  async (call) => {
    const answers = new Map<string, Cue>();
    await using upstream = await startUpstream({
      answer: (asked) => (answers.get(asked.lastUserText) ?? SPOKEN)(asked),
    });
    await using gateway = await aGateway(only(upstream, call.dialect));
    let sent = 0;
    const one = fc.record({ ending: fc.constantFrom(...Object.keys(ENDINGS)), stream: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 8 }), async (mix) => {
        sent += mix.length;
        const stalls: NonNullable<Awaited<ReturnType<typeof end>>>[] = [];
        await Promise.all(
          mix.map(async ({ ending, stream }) => {
            const left = await end(gateway, call, stream, ending, answers);
            if (left) stalls.push(left);
          }),
        );
        for (const { text, exchange } of stalls) {
          // It must have reached the upstream before it leaves.
          for (let n = 1; ; n++) if ((await upstream.waitForCall(n)).body.includes(text)) break;
          exchange.leave();
        }
        const records = () => gateway.lines.filter(({ message }) => message === 'call').length;
        if (records() < sent) await gateway.recordWhere(() => records() >= sent);
        expect(records()).toBe(sent);
        expect(await metric(gateway, 'llm_active_requests')).toBe(0);
        expect(await metric(gateway, 'llm_requests_total')).toBe(sent);
        expect(await metric(gateway, 'llm_request_duration_seconds_count')).toBe(sent);
      }),
      { seed: 20261120, numRuns: 6 },
    );
    const ids = gateway.lines.filter(({ message }) => message === 'call').map(({ id }) => id!);
    expect(new Set(ids).size).toBe(sent);
    await gateway.gateway.stop();
    expect(upstream.openConnections()).toBe(0);
    expect((await ledgerLines(gateway)).map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(gateway.lines.filter(({ level }) => level === 'error')).toEqual([]);
    await expectNoSecrets(gateway);
  },
);

async function ledgerLines(gateway: RunningGateway): Promise<{ id: string; outcome: string }[]> {
  const folder = path.join(gateway.dataFolder, 'ledger');
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(path.join(folder, name), 'utf8')));
  return files
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { id: string; outcome: string });
}

/** No key and no word of a prompt stands in any log or ledger line. */
async function expectNoSecrets(gateway: RunningGateway): Promise<void> {
  const written = JSON.stringify(gateway.lines) + JSON.stringify(await ledgerLines(gateway));
  for (const secret of [KEY, UPSTREAM_KEY, 'xd-wrong-key-that-must-not-be-logged', MARKER])
    expect(written).not.toContain(secret);
}

test('metrics have the names and labels that dashboards know', async () => {
  await using upstream = await startUpstream({ answer: SPOKEN });
  await using gateway = await aGateway(
    only(upstream, 'openai-chat', { models: [{ id: MODEL, prices: { input: 1, output: 1 } }] }),
  );
  await (await ask(gateway, DIALECT_CALLS[0]!, { stream: true })).text();
  await (await ask(gateway, DIALECT_CALLS[0]!, { model: 'no-such' })).text();
  const samples = await readMetrics(gateway);
  const labelsOf = (name: string) => Object.keys(samples.find((sample) => sample.name === name)!.labels).sort();
  expect(labelsOf('llm_request_duration_seconds_count')).toEqual(['model', 'operation', 'provider', 'status']);
  expect(labelsOf('llm_time_to_first_token_seconds_count')).toEqual(['model', 'provider']);
  expect(labelsOf('llm_requests_total')).toEqual(['model', 'operation', 'provider', 'status']);
  expect(labelsOf('llm_tokens_total')).toEqual(['model', 'provider', 'token_type']);
  expect(labelsOf('llm_cost_usd_total')).toEqual(['model', 'provider']);
  expect(labelsOf('llm_errors_total')).toEqual(['error_type', 'model', 'provider']);
  expect(labelsOf('llm_active_requests')).toEqual(['model', 'provider']);
  expect(labelsOf('xidao_overhead_seconds_count')).toEqual([]);
  expect(labelsOf('xidao_attempts_total')).toEqual(['provider', 'verdict']);
  expect(samples.find(({ name }) => name === 'process_resident_memory_bytes')).toBeDefined();
  // What a client made up makes no time series.
  expect(JSON.stringify(samples)).not.toContain('no-such');
  expect(await metric(gateway, 'llm_errors_total', { model: 'unknown', error_type: 'model_not_found' })).toBe(1);
});

test('metrics that are not public ask for the admin key', async () => {
  await using gateway = await aGateway({
    observability: { metrics: { public: false } },
    admin: { key: 'adm-test-key' },
  });
  expect((await fetch(`${gateway.url}/metrics`)).status).toBe(401);
  expect((await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${KEY}` } })).status).toBe(401);
  const let_ = await fetch(`${gateway.url}/metrics`, { headers: { authorization: 'Bearer adm-test-key' } });
  expect(let_.status).toBe(200);
});
