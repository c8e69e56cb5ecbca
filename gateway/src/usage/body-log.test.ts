import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createBodyLog } from './body-log.ts';
import { createSeal } from './seal.ts';

const secret = randomBytes(32);
const BODIES = { request: '{"say":"my mail is ann@example.org"}', response: 'grüß 漢字' };

function aLog(more: { mostWaiting?: number; isBroken?: boolean } = {}) {
  const kept = new Map<string, string>();
  const failures: Error[] = [];
  const log = createBodyLog({
    store: {
      async keepBodies(callId, _atMs, sealed) {
        if (more.isBroken === true) throw new Error('disk full');
        kept.set(callId, sealed);
      },
      findBodies: async (callId) => kept.get(callId),
    },
    seal: createSeal(secret),
    redact: (text) => text.replaceAll('ann@example.org', '[email]'),
    onFailure: (error) => failures.push(error),
    ...(more.mostWaiting !== undefined && { mostWaiting: more.mostWaiting }),
  });
  return { log, kept, failures };
}

test('keeps bodies redacted and sealed, and gives them back', async () => {
  const { log, kept } = aLog();
  log.keep('call_1', 1, BODIES);
  log.keep('call_2', 2, { request: 'only asked' });
  await log.close();
  expect(Buffer.from(kept.get('call_1')!, 'base64').toString('latin1')).not.toMatch(/mail|漢|example/);
  expect(await log.find('call_1')).toEqual({ request: '{"say":"my mail is [email]"}', response: 'grüß 漢字' });
  expect(await log.find('call_2')).toEqual({ request: 'only asked' });
  expect(await log.find('call_3')).toBeUndefined();
});

test('gives up what is too much, or cannot be written, counts it and goes on', async () => {
  const { log } = aLog({ mostWaiting: 10 });
  log.keep('call_1', 1, { request: '1234567' });
  log.keep('call_2', 1, { request: '1234567' });
  await log.close();
  log.keep('call_3', 1, { request: '1234567' });
  await log.close();
  expect(await log.find('call_3')).toBeDefined();
  expect(log.lost()).toBe(1);
  const broken = aLog({ isBroken: true });
  broken.log.keep('call_1', 1, BODIES);
  await broken.log.close();
  expect([broken.log.lost(), broken.failures.length]).toEqual([1, 1]);
});

test('opens nothing that was changed, is of another call, or was sealed with another secret', () => {
  const seal = createSeal(secret);
  const sealed = seal.seal('call_1', BODIES);
  expect(seal.open('call_1', sealed)).toEqual(BODIES);
  expect(seal.seal('call_1', BODIES)).not.toBe(sealed);
  expect(() => seal.open('call_2', sealed)).toThrow();
  expect(() => createSeal(randomBytes(32)).open('call_1', sealed)).toThrow();
  const bytes = Buffer.from(sealed, 'base64');
  for (const at of [0, 1, 13, 29, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    expect(() => seal.open('call_1', changed.toString('base64'))).toThrow();
  }
});
