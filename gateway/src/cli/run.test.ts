import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAdmin } from '../admin/admin.ts';
import { createManagement, type Management } from '../admin/management.ts';
import { createDirectory } from '../auth/directory.ts';
import { createKeyRing } from '../auth/key-ring.ts';
import { defaultConfig } from '../config/defaults.ts';
import type { Environment } from '../config/environment.ts';
import { systemClock as clock } from '../core/clock.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { VERSION } from '../version.ts';
import { runCli } from './run.ts';

let folder: string;
let store: Store;
let management: Management;
let server: Server;
let env: Environment;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'xidao-cli-'));
  const log = pino({ level: 'silent' });
  store = await openStore({ url: 'sqlite:./data/xidao.db', dataFolder: path.join(folder, 'data'), clock, log });
  management = createManagement({
    store,
    ring: createKeyRing(),
    directory: createDirectory(),
    pepper: Buffer.alloc(32, 7),
    clock,
  });
  management.useAdminKey('the admin key');
  const view = {
    config: defaultConfig,
    models: () => [
      { id: 'm', model: { id: 'm', provider: 'lab', title: 'M', aliases: [], prices: [], contextWindow: 8_000 } },
    ],
    status: () => ({ version: '1', startedAtMs: 0, providers: [], warnings: [], whyNotReady: undefined }),
    nowMs: clock.wallMs,
  };
  server = createServer(createAdmin({ management, view, clock, log }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  env = { XIDAO_URL: `http://127.0.0.1:${port}`, XIDAO_ADMIN_KEY: 'the admin key' };
});

afterEach(async () => {
  for (const { id } of management.keys.list()) await management.keys.revoke(id, { actor: 'a test' });
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(args: string[], more: Environment = env): Promise<{ code: number; out: string; err: string }> {
  const told = { out: [] as string[], err: [] as string[] };
  const code = await runCli(args, {
    out: (text) => told.out.push(text),
    err: (text) => told.err.push(text),
    isTerminal: false,
    env: more,
    folder,
  });
  return { code, out: told.out.join('\n'), err: told.err.join('\n') };
}

describe('arguments', () => {
  test('print the version, for people and for scripts', async () => {
    expect(await run(['version'])).toEqual({ code: 0, out: VERSION, err: '' });
    expect(JSON.parse((await run(['version', '--json'])).out)).toMatchObject({ version: VERSION });
    expect((await run(['--version'])).out).toBe(VERSION);
  });

  test('print help with every command and end well', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const word of ['serve', 'keys', 'models', 'config', 'doctor', 'version']) expect(out).toContain(`  ${word}`);
  });

  test.each([
    [['kyes'], 'Did you mean "keys"?'],
    [['keys', 'crate', 'app'], 'create'],
    [['serve', '--prot', '1'], '--port'],
    [['--port', 'many'], 'from 0 to 65535'],
    [['--port', '70000'], 'from 0 to 65535'],
    [['keys', 'create'], 'name'],
    [['serve', 'now'], 'too many arguments'],
  ])('refuse %j with a hint', async (args, hint) => {
    const { code, out, err } = await run(args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(hint);
  });

  test('take --json on every command', async () => {
    const help = await Promise.all(
      [
        ['serve'],
        ['keys', 'create'],
        ['keys', 'list'],
        ['keys', 'rotate'],
        ['keys', 'revoke'],
        ['models', 'list'],
        ['config', 'validate'],
        ['config', 'show'],
        ['config', 'schema'],
        ['doctor'],
        ['version'],
      ].map((args) => run([...args, '--help'])),
    );
    expect(help.filter(({ out }) => !out.includes('--json'))).toEqual([]);
  });
});

describe('keys', () => {
  test('create prints the secret alone, so that a script can take it', async () => {
    const { code, out, err } = await run([
      'keys',
      'create',
      'app',
      '--team',
      'backend',
      '--model',
      'gpt-5*',
      'm',
      '--expires-in',
      '1d',
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/^xd-[\w-]{43}$/);
    expect(err).toContain('The key "app"');
    const [key] = management.keys.list().slice(-1);
    expect(key).toMatchObject({
      name: 'app',
      team: 'backend',
      models: ['gpt-5*', 'm'],
      expiresAtMs: expect.closeTo(key!.createdAtMs + 86_400_000, -4),
    });
  });

  test('list shows those that work, and all on demand', async () => {
    await run(['keys', 'create', 'old']);
    await run(['keys', 'revoke', 'old']);
    await run(['keys', 'create', 'new']);
    const { out, err } = await run(['keys', 'list']);
    expect(out).toMatch(/^ID +NAME +KEY +STATUS/);
    expect(out).toMatch(/ new +xd-\S{6}… +active/);
    expect(out).not.toContain(' old ');
    expect(err).toMatch(/not shown; --all/);
    const all = JSON.parse((await run(['keys', 'list', '--all', '--json'])).out).data;
    expect(all.find(({ name }: { name: string }) => name === 'old').status).toBe('revoked');
  });

  test('rotate takes a name or an id', async () => {
    const first = JSON.parse((await run(['keys', 'create', 'app', '--json'])).out);
    const second = JSON.parse((await run(['keys', 'rotate', 'app', '--overlap', '1h', '--json'])).out);
    expect(second.secret).toMatch(/^xd-/);
    expect(management.keys.get(first.id).replacedBy).toBe(second.id);
    const third = await run(['keys', 'rotate', second.id]);
    expect(third.out).toMatch(/^xd-/);
    expect(management.keys.get(second.id).replacedBy).toBeDefined();
  });

  test('revoke by name ends the old key of a rotation too', async () => {
    await run(['keys', 'create', 'app']);
    await run(['keys', 'rotate', 'app', '--overlap', '1h']);
    const { data } = JSON.parse((await run(['keys', 'revoke', 'app', '--json'])).out);
    expect(data.map(({ status }: { status: string }) => status)).toEqual(['revoked', 'revoked']);
    expect(JSON.parse((await run(['keys', 'list', '--json'])).out).data).toEqual([]);
  });

  test('say what is wrong with a wish, and that a key is not there', async () => {
    await run(['keys', 'create', 'app']);
    expect(await run(['keys', 'create', 'app'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('exists already'),
    });
    expect(await run(['keys', 'create', 'b', '--expires-in', 'soon'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('expires_in'),
    });
    expect(await run(['keys', 'rotate', 'nobody'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no key "nobody"'),
    });
  });
});

describe('reaching the gateway', () => {
  test('ends with 3 if the key is not the admin key', async () => {
    const { code, err } = await run(['keys', 'list', '--json'], { ...env, XIDAO_ADMIN_KEY: 'wrong' });
    expect(code).toBe(3);
    expect(JSON.parse(err).error.message).toBe('This is not the admin key.');
  });

  test('ends with 4 if nobody answers', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const { code, err } = await run(['models', 'list'], { ...env, XIDAO_URL: `http://127.0.0.1:${port}` });
    expect(code).toBe(4);
    expect(err).toContain('ECONNREFUSED');
  });

  test('ends with 4 if another program answers, and never follows it elsewhere', async () => {
    const other = createServer((_, response) => response.writeHead(302, { location: 'http://example.com/' }).end());
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    expect((await run(['models', 'list'], { ...env, XIDAO_URL: `http://127.0.0.1:${port}` })).code).toBe(4);
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
  });

  test('takes address and token from the data folder on the same machine', async () => {
    const data = path.join(folder, 'here');
    mkdirSync(data);
    writeFileSync(path.join(data, 'cli.url'), `${env['XIDAO_URL']}\n`);
    writeFileSync(path.join(data, 'cli.token'), management.localToken);
    const { code, out } = await run(['models', 'list', '--data', data], {});
    expect(code).toBe(0);
    expect(out).toMatch(/^MODEL .*\nm +lab +8000/);
  });

  test('never sends the token of this machine to another one', async () => {
    const data = path.join(folder, 'there');
    mkdirSync(data);
    writeFileSync(path.join(data, 'cli.token'), management.localToken);
    const { code, err } = await run(['keys', 'list', '--data', data], { XIDAO_URL: 'http://gateway.invalid' });
    expect(code).toBe(3);
    expect(err).toContain('No admin key for http://gateway.invalid');
  });

  test('refuses an address that is none', async () => {
    expect(await run(['keys', 'list'], { ...env, XIDAO_URL: 'localhost:8080' })).toMatchObject({ code: 2 });
  });
});

describe('configuration', () => {
  const write = (text: string) => {
    const file = path.join(folder, 'given.yaml');
    writeFileSync(file, text);
    return file;
  };

  test('validate names every problem, and ends with 2', async () => {
    const file = write('server: { prot: 1 }\nrout: {}\n');
    const { code, out, err } = await run(['config', 'validate', '--config', file], {});
    expect([code, out]).toEqual([2, '']);
    expect(err.split('\n')).toEqual([
      `${file}:1:11: server.prot: unknown key; did you mean "port"?`,
      `${file}:2:1: rout: unknown key; did you mean "routing"?`,
    ]);
    const told = JSON.parse((await run(['config', 'validate', '--config', file, '--json'], {})).out);
    expect(told).toMatchObject({
      valid: false,
      problems: [
        { path: 'server.prot', line: 1 },
        { path: 'rout', line: 2 },
      ],
    });
  });

  test('validate names what is right and has no effect yet', async () => {
    const { code, err } = await run(['config', 'validate', '--config', write('cache: { enabled: true }')], {});
    expect(code).toBe(0);
    expect(err).toMatch(/cache is read but has no effect yet/);
  });

  test('serve ends with 2 on a configuration that is wrong', async () => {
    expect(await run(['serve', '--config', write('rout: {}')], {})).toMatchObject({ code: 2, out: '' });
    expect(await run(['serve', '--config', path.join(folder, 'absent.yaml')], {})).toMatchObject({
      code: 2,
      err: expect.stringContaining('there is no such file'),
    });
  });

  test('show prints what is written, without secrets and defaults', async () => {
    const file = write(
      'server: { port: 9000 }\nproviders: { openai: { api_key: sk-hidden } }\nkeys: [{ name: a, key: xd-hidden }]',
    );
    const { out } = await run(['config', 'show', '--config', file, '--json'], {});
    expect(JSON.parse(out)).toEqual({
      server: { port: 9000 },
      providers: { openai: { api_key: '***' } },
      keys: [{ name: 'a', key: '***' }],
    });
    const effective = (await run(['config', 'show', '--effective', '--config', file], {})).out;
    expect(effective).toContain('drain_timeout: 30000');
    expect(effective).not.toContain('hidden');
  });

  test('show --effective masks the admin key of the environment', async () => {
    const { out } = await run(['config', 'show', '--effective', '--json'], { XIDAO_ADMIN_KEY: 'from outside' });
    expect(JSON.parse(out).admin.key).toBe('***');
  });

  test('schema prints a JSON Schema', async () => {
    expect(JSON.parse((await run(['config', 'schema'], {})).out).properties.server).toBeDefined();
  });
});

describe('doctor', () => {
  test('tells providers with and without their key, and ends well', async () => {
    const file = path.join(folder, 'doctor.yaml');
    writeFileSync(file, 'server: { port: 0 }\nproviders: { openai: {}, anthropic: { api_key: sk-hidden } }');
    const { code, out } = await run(['doctor', '--config', file, '--data', path.join(folder, 'new'), '--json'], {});
    const told = JSON.parse(out);
    expect([code, told.ok]).toEqual([0, true]);
    const verdicts = Object.fromEntries(
      told.checks.map(({ check, verdict }: Record<string, string>) => [check, verdict]),
    );
    expect(verdicts).toMatchObject({ 'provider openai': 'warn', 'provider anthropic': 'ok', 'data folder': 'ok' });
    expect(out).not.toContain('hidden');
  });

  test('fails where the port belongs to another program or the configuration is wrong', async () => {
    const file = path.join(folder, 'doctor.yaml');
    writeFileSync(file, `server: { port: ${(server.address() as AddressInfo).port} }`);
    const taken = await run(['doctor', '--config', file, '--data', folder], {});
    expect(taken.code).toBe(1);
    expect(taken.out).toMatch(/fail {2}port: .* is taken by another program/);
    writeFileSync(file, 'rout: {}');
    expect(await run(['doctor', '--config', file, '--data', folder], {})).toMatchObject({
      code: 1,
      out: expect.stringContaining('did you mean "routing"?'),
    });
  });
});
