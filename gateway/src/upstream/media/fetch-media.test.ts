import {
  blackHole,
  type Cue,
  cutAfter,
  gzip,
  onePixelPng,
  raw,
  redirect,
  startUpstream,
  status,
  type Upstream,
} from '@xidao/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import {
  createMediaFetcher,
  type MediaFetcher,
  MediaRefused,
  type MediaSettings,
  type ResolveName,
} from './fetch-media.ts';

const PNG = Buffer.from(onePixelPng, 'base64');
const image = raw({ headers: { 'content-type': 'image/png' }, body: PNG });
const open: MediaSettings = { allowsPrivate: true, maxBytes: 1000, timeoutMs: 5_000 };

let host: Upstream;
let fetcher: MediaFetcher;
beforeEach(async () => {
  host = await startUpstream({ answer: image });
});
afterEach(async () => {
  await fetcher?.close();
  await host.close();
});

function start(settings: Partial<MediaSettings> = {}, resolveName?: ResolveName): void {
  const deps = { clock: systemClock, ...(resolveName !== undefined && { resolveName }) };
  fetcher = createMediaFetcher({ ...open, ...settings }, deps);
}

function fetch(url = `${host.url}/a.png`, signal = new AbortController().signal) {
  return fetcher.fetch(url, signal);
}

/** Every name stands for these addresses. */
function names(...addresses: string[]): ResolveName & { asked: string[] } {
  const asked: string[] = [];
  const resolve: ResolveName = (hostname, told) => {
    asked.push(hostname);
    told(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return Object.assign(resolve, { asked });
}

async function refused(url?: string): Promise<string> {
  const error = await fetch(url).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MediaRefused);
  return (error as Error).message;
}

describe('fetching', () => {
  test('gives the bytes, what the host calls them and what they are', async () => {
    start();
    expect(await fetch()).toEqual({
      data: PNG.toString('base64'),
      bytes: PNG.length,
      told: 'image/png',
      seen: 'image/png',
    });
    expect(host.calls[0]?.headers).not.toHaveProperty('authorization');
  });

  test('undoes compression, and counts what comes out of it', async () => {
    start({ maxBytes: 2000 });
    host.next(gzip(image));
    expect((await fetch()).data).toBe(PNG.toString('base64'));
    host.next(gzip(raw({ headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(50_000) })));
    expect(await refused(`${host.url}/bomb`)).toContain('larger than');
  });

  test('remembers what it fetched, and no failure', async () => {
    start();
    host.next(status(503));
    await refused();
    await fetch();
    await fetch();
    expect(host.calls).toHaveLength(2);
  });

  test('connects to the address that was checked, under the name in the URL', async () => {
    const resolve = names('127.0.0.1');
    start({}, resolve);
    await fetch(`http://media.test:${host.port}/a.png`);
    expect(resolve.asked).toEqual(['media.test']);
    expect(host.calls[0]?.headers.host).toBe(`media.test:${host.port}`);
  });

  test('follows three redirects and no fourth', async () => {
    start();
    host.next(redirect('/b', 302), redirect(`${host.url}/c`, 307), redirect('/d', 301));
    await fetch();
    expect(host.calls.map(({ path }) => path)).toEqual(['/a.png', '/b', '/c', '/d']);
    host.next(redirect('/b'), redirect('/c'), redirect('/d'), redirect('/e'));
    expect(await refused(`${host.url}/again`)).toBe('it redirects more than 3 times');
  });
});

describe('refusing', () => {
  test.each([
    'http://127.0.0.1:1/x',
    'http://127.1/x',
    'http://2130706433/x',
    'http://0x7f.0.0.1/x',
    'http://017700000001/x',
    'http://[::1]/x',
    'http://[::ffff:10.0.0.1]/x',
    'http://10.0.0.1/x',
    'http://169.254.169.254/latest/meta-data/',
    'http://metadata.google.internal/computeMetadata/v1/',
    'https://192.168.1.1/x',
  ])('%s is in no public network', async (url) => {
    start({ allowsPrivate: false });
    expect(await refused(url)).toContain('not public');
  });

  test('a name of which any address is private is not connected to, and the refusal names no address', async () => {
    start({ allowsPrivate: false }, names('93.184.216.34', '127.0.0.1'));
    const message = await refused(`http://media.test:${host.port}/a.png`);
    expect(message).toContain('not public');
    expect(message).not.toContain('127.0.0.1');
    expect(host.connectionsSeen()).toBe(0);
  });

  test('metadata services stay closed where private networks are open, by address, by name and by redirect', async () => {
    start({}, names('169.254.169.254'));
    expect(await refused('http://169.254.169.254/x')).toContain('not public');
    expect(await refused('http://innocent.test/x')).toContain('not public');
    host.next(redirect('http://169.254.169.254/latest/meta-data/'));
    expect(await refused()).toContain('not public');
  });

  test.each([
    ['file:///etc/passwd', 'only http and https'],
    ['ftp://a.test/x', 'only http and https'],
    ['http://user:secret@a.test/x', 'user name or password'],
    ['no address', 'not a URL'],
  ])('%s', async (url, reason) => {
    start();
    expect(await refused(url)).toContain(reason);
  });

  test.each<[string, Cue, string]>([
    ['a host that says no', status(404), 'status 404'],
    ['nothing', raw({ headers: { 'content-type': 'image/png' }, body: '' }), 'sent nothing'],
    ['what says to be too large', raw({ body: Buffer.alloc(1001) }), 'larger than'],
    ['what turns out to be too large', raw({ chunks: [Buffer.alloc(600), Buffer.alloc(600)] }), 'larger than'],
    ['what breaks off', cutAfter('bytes 100', raw({ body: Buffer.alloc(900) })), 'broke off'],
    ['a redirect to another protocol', redirect('file:///etc/passwd'), 'only http and https'],
  ])('%s', async (_, cue, reason) => {
    start();
    host.next(cue);
    expect(await refused()).toContain(reason);
  });

  test('a host that takes too long', async () => {
    const hole = await blackHole();
    start({ timeoutMs: 50 });
    expect(await refused(`${hole.url}/x`)).toBe('its host did not send it within 0.05 s');
    await hole.close();
  });

  test('a host that is not there, and one that nobody knows', async () => {
    start({}, (_, told) => told(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []));
    expect(await refused('http://nowhere.test/x')).toBe('its host name is not known');
    expect(await refused('http://127.0.0.1:1/x')).toBe('its host refuses the connection');
  });
});

test('stops when nobody waits for it any more', async () => {
  const hole = await blackHole();
  start();
  const gone = new AbortController();
  const fetched = fetch(`${hole.url}/x`, gone.signal);
  gone.abort();
  await expect(fetched).rejects.toThrow(MediaRefused);
  await hole.close();
});
