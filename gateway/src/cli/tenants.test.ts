import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_KEY, type AnAdmin, anAdmin } from '../../test/an-admin.ts';
import { runCli } from './run.ts';

let admin: AnAdmin;

beforeAll(async () => {
  admin = await anAdmin();
});

afterAll(() => admin[Symbol.asyncDispose]());

async function run(line: string): Promise<{ code: number; out: string; err: string }> {
  const told = { out: [] as string[], err: [] as string[] };
  const code = await runCli(line.split(' '), {
    out: (text) => told.out.push(text),
    err: (text) => told.err.push(text),
    isTerminal: false,
    env: { XIDAO_URL: admin.url, XIDAO_ADMIN_KEY: ADMIN_KEY },
    folder: '/',
  });
  return { code, out: told.out.join('\n'), err: told.err.join('\n') };
}

const json = async (line: string) => JSON.parse((await run(`${line} --json`)).out);

test('creates an organisation, a team, a project, a user and a key of theirs', async () => {
  expect(await run('orgs create acme --title ACME')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^org_\w+$/),
  });
  expect(await json('teams create backend --organisation acme --rpm 5 --model gpt-5* mock/*')).toMatchObject({
    organisation: 'acme',
    limits: { rpm: 5 },
    models: ['gpt-5*', 'mock/*'],
  });
  expect(await json('projects create chatbot --team backend')).toMatchObject({ team: 'backend' });
  expect(await json('users create ann --team backend --email ann@example.com')).toMatchObject({ team: 'backend' });
  const key = await json(
    'keys create app --project chatbot --user ann --ip 10.0.0.0/8 ::1 --scope data read-only --tag env=test a=b=c --importance batch --tpm 9 --limits {"rpd":7}',
  );
  expect(key).toMatchObject({
    project: 'chatbot',
    ips: ['10.0.0.0/8', '::1'],
    scopes: ['data', 'read-only'],
    tags: { env: 'test', a: 'b=c' },
    importance: 'batch',
    limits: { rpd: 7, tpm: 9 },
  });
});

test('changes what is named, limit by limit, and takes away what is to be cleared', async () => {
  await run('teams create changing --rpm 5 --tier basic');
  expect((await json('teams update changing --tpm 9')).limits).toEqual({ rpm: 5, tpm: 9 });
  expect(await json('teams update changing --clear limits tier --title New')).toMatchObject({
    limits: null,
    tier: null,
    title: 'New',
  });
  await run('keys create changing --rpm 5 --expires-in 1d');
  const key = await json('keys update changing --tpm 1 --team backend --clear expires-at');
  expect(key).toMatchObject({ limits: { rpm: 5, tpm: 1 }, team: 'backend', expires_at: null });
  expect((await run('keys update changing --name changed')).err).toContain('The key "changed"');
});

test('archives and restores, and lists what is in force', async () => {
  await run('teams create short');
  expect(await run('teams archive short')).toMatchObject({ code: 0, err: 'The team "short" is archived.' });
  const { out, err } = await run('teams list');
  expect(out).toMatch(/^ID +NAME +STATUS +ORGANISATION +LIMITS +TITLE\n/);
  expect(out).toMatch(/team_\w+ +backend +active +acme +rpm=5/);
  expect([out.includes('short'), err]).toEqual([false, '1 archived not shown; --all shows them.']);
  expect((await run('teams list --all')).out).toMatch(/short +archived/);
  await run('teams restore short');
  expect((await run('teams list')).out).toMatch(/short +active/);
});

test.each([
  ['teams create backend', 2, /already/],
  ['teams update bakend --rpm 1', 2, /Did you mean "backend"/],
  ['projects create lost', 2, /--team/],
  ['teams create x --rpm many', 2, /whole number/],
  ['teams create x --limits 5', 2, /JSON object/],
  ['keys create x --team backend --model claude-4', 2, /may use gpt-5/],
  ['teams craete x', 2, /create/],
])('%s ends with %i and a hint', async (line, code, hint) => {
  const told = await run(line);
  expect([told.code, told.out]).toEqual([code, '']);
  expect(told.err).toMatch(hint);
});

describe('audit', () => {
  test('list tells who changed which fields', async () => {
    await run('users create audited');
    await run('users update audited --title Audited');
    const { out } = await run('audit list --noun user --name audited');
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^NO +AT +WHO +ACTION +NOUN +NAME +CHANGED$/),
      expect.stringMatching(/admin key +update +user +audited +title$/),
      expect.stringMatching(/admin key +create +user +audited$/),
    ]);
    expect((await json('audit list --limit 1')).data).toHaveLength(1);
    expect((await json('audit list --since 2026-11-20T12:00:01Z')).data).toEqual([]);
  });

  test('verify ends with 1 where the chain is broken', async () => {
    const whole = await run('audit verify');
    expect(whole).toMatchObject({ code: 0, out: expect.stringMatching(/^The audit is whole: \d+ entries\.$/) });
    const { verify } = admin.store.audit;
    admin.store.audit.verify = async () => ({ isIntact: false, entries: 3, brokenAt: 4, why: 'Entry 4 is missing.' });
    const broken = await run('audit verify --json');
    admin.store.audit.verify = verify;
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.out)).toMatchObject({ intact: false, broken_at: 4 });
    expect(broken.err).toContain('Entry 4 is missing.');
  });
});

test('openapi prints what a gateway serves, without one, and what its other rooms serve besides', async () => {
  const served = (await (await fetch(`${admin.url}/openapi.json`)).json()) as { paths: object; components: object };
  const printed = JSON.parse((await run('openapi')).out) as { paths: object };
  expect(printed).toMatchObject({ paths: served.paths, components: served.components });
  expect(Object.keys(printed.paths)).toContain('/admin/v1/routes/explain');
});
