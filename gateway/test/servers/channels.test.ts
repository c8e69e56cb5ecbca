import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { createRedis } from '../../src/store/redis/create-redis.ts';
import { startRedis, whyNoRedis } from './redis.ts';

const log = { info() {}, error() {} };

test.skipIf(whyNoRedis() !== undefined)('news reach every node that listens, also after Redis was away', async () => {
  const server = await startRedis();
  const open = () => createRedis({ url: server.url, log, clock: systemClock });
  const [teller, hearer] = [await open(), await open()];
  const heard: string[] = [];
  const end = hearer.subscribe('keys', (message) => void heard.push(message));
  const hears = async (word: string) => {
    for (let tries = 0; tries < 300 && !heard.includes(word); tries++) {
      teller.publish('keys', word);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return heard.includes(word);
  };
  expect(await hears('first')).toBe(true);
  await server.kill();
  await server.restart();
  expect(await hears('second')).toBe(true);
  end();
  await teller.close();
  await hearer.close();
  await server.stop();
});
