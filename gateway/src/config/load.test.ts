// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of configuration look like this.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkConfig, formatProblems, parseConfig } from './load.ts';
import type { Config, ConfigInput } from './schema.ts';

const knownProviders = ['openai', 'anthropic', 'gemini', 'deepseek', 'ollama'];

function parse(
  text: string,
  { env = {}, file = 'xidao.yaml', ...more }: Partial<Parameters<typeof parseConfig>[0]> = {},
) {
  return parseConfig({ text, file, env, knownProviders, ...more });
}

function problemsOf(text: string, more: Parameters<typeof parse>[1] = {}): string[] {
  const lines = formatProblems(parse(text, more).problems, 'xidao.yaml');
  return lines === '' ? [] : lines.split('\n');
}

function read(text: string, more: Parameters<typeof parse>[1] = {}): Config {
  const { config, problems } = parse(text, more);
  expect(problems).toEqual([]);
  return config!;
}

describe('problems', () => {
  test('come all at once, in the order of the file, each with its place, path and nearest key', () => {
    const text = [
      'server:',
      '  prot: 8080',
      '  body_limit: huge',
      'providers:',
      '  openai: { api_kye: sk-1, priority: first }',
      '  opnai: { api_key: sk-2 }',
      'cache: { backend: redsi }',
      'rout: {}',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      'xidao.yaml:2:3: server.prot: unknown key; did you mean "port"?',
      'xidao.yaml:3:15: server.body_limit: expected a size: bytes as a number, or such as 512kb, 32mb, 1gb, got a text',
      'xidao.yaml:5:13: providers.openai.api_kye: unknown key; did you mean "api_key"?',
      'xidao.yaml:5:38: providers.openai.priority: expected a number, got a text',
      'xidao.yaml:6:10: providers.opnai: not a known provider; give it `preset`, or `dialect` and `base_url`; did you mean "openai"?',
      'xidao.yaml:7:19: cache.backend: expected one of memory, redis, got a text; did you mean "redis"?',
      'xidao.yaml:8:1: rout: unknown key; did you mean "routing"?',
    ]);
  });

  test('name the known keys where none is near, and a key in another spelling', () => {
    expect(problemsOf('storage: { flavour: mild }')).toEqual([
      'xidao.yaml:1:12: storage.flavour: unknown key; known here: url, responses_ttl, retention',
    ]);
    expect(problemsOf('providers: { openai: { baseUrl: "http://x" } }')[0]).toContain('did you mean "base_url"?');
  });

  test('see a forgotten space, which makes key and value one key', () => {
    expect(problemsOf('providers: { openai: { api_key:sk-1 } }')).toEqual([
      'xidao.yaml:1:24: providers.openai.api_key: a space is missing after the colon',
    ]);
    expect(problemsOf('storage: { sk-1 }')).toEqual([
      'xidao.yaml:1:12: storage: unknown key; known here: url, responses_ttl, retention',
    ]);
  });

  test('stand at the section that lacks something', () => {
    expect(problemsOf('keys:\n  - name: app\n  - key: xd-1\n')).toEqual([
      'xidao.yaml:2:5: keys[0].key: missing; expected text',
      'xidao.yaml:3:5: keys[1].name: missing; expected text',
    ]);
  });

  test('tell a wrong kind from a wrong content, also among alternatives', () => {
    expect(problemsOf('observability: { tracing: otpl }')).toEqual([
      'xidao.yaml:1:27: observability.tracing: expected true or false, otlp or a section, got a text',
    ]);
    expect(problemsOf('observability: { tracing: { sample_rate: 2 } }')).toEqual([
      'xidao.yaml:1:42: observability.tracing.sample_rate: expected at most 1, got a number',
    ]);
    expect(problemsOf('providers: { openai: { models: [{ id: x, contxt_window: 3 }] } }')).toEqual([
      'xidao.yaml:1:42: providers.openai.models[0].contxt_window: unknown key; did you mean "context_window"?',
    ]);
    expect(problemsOf('server: [1]')).toEqual(['xidao.yaml:1:9: server: expected a section, got a list']);
    expect(problemsOf('- 1')).toEqual(['xidao.yaml:1:1: expected a section, got a list']);
  });

  test('include keys written twice', () => {
    expect(problemsOf('server:\n  port: 1\n  port: 2\n')).toEqual([
      'xidao.yaml:3:3: server.port: written twice; the first is on line 2',
    ]);
  });

  test('include what is not YAML, without quoting it', () => {
    expect(problemsOf('providers:\n  openai: { api_key: "sk-secret\n')[0]).toMatch(
      /^xidao\.yaml:\d+:\d+: a quote, bracket/,
    );
    expect(problemsOf('server:\n\tport: 1\n')[0]).toMatch(/^xidao\.yaml:2:\d: indented by a tab/);
    expect(problemsOf('a: b: c')[0]).toContain('a second `: ` on one line');
    expect(problemsOf('---\nserver: {}\n---\nserver: {}\n')[0]).toContain('a second document');
    expect(problemsOf('server: !x {}')[0]).toContain('tags such as');
    expect(problemsOf('server: *nowhere')).toEqual([
      'xidao.yaml:1:9: server: expected an alias of an anchor that is written before it',
    ]);
  });

  test('refuse a duration no timer can hold, and header values that break out of their line', () => {
    expect(problemsOf('providers: { openai: { timeout: { total: 30d } } }')[0]).toContain('a duration of at most 24d');
    expect(problemsOf('providers: { openai: { headers: { x-a: "1\\r\\nx-b: 2" } } }')[0]).toContain(
      'expected one line of text',
    );
  });

  test('do not let `__proto__` through', () => {
    expect(problemsOf('__proto__: { polluted: true }\nserver: { __proto__: { host: x } }')).toHaveLength(2);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('names', () => {
  test('of providers are known, made known, or wrong', () => {
    read(
      'providers: { mine: { preset: openai, api_key: k }, lab: { dialect: gemini, base_url: http://h }, ollama:, mock: false }',
    );
    expect(
      problemsOf('providers:\n  a: { preset: opanai }\n  b: { dialect: gemini }\n  c: { base_url: "http://h" }\n'),
    ).toEqual([
      'xidao.yaml:2:16: providers.a.preset: not a known provider; did you mean "openai"?',
      'xidao.yaml:3:6: providers.b: `base_url` is missing beside `dialect`',
      'xidao.yaml:4:6: providers.c: `dialect` is missing beside `base_url`',
    ]);
  });

  test('of targets are providers configured here or known from the environment', () => {
    const text = 'models:\n  a: { provider: openai, model: m }\n  b: { targets: [{ provider: anthropc, model: m }] }\n';
    const found = problemsOf(text, { environmentProviders: ['openai', 'anthropic'] });
    expect(found).toEqual([
      'xidao.yaml:3:30: models.b.targets[0].provider: no provider of this name is configured; did you mean "anthropic"?',
    ]);
    expect(problemsOf(text)).toHaveLength(2);
  });

  test('of fallbacks are models: configured, of a provider, of the catalogue, or auto', () => {
    const providers = 'providers: { lab: { dialect: openai-chat, base_url: "http://h/v1", models: [llama] } }\n';
    const fallbacks = (list: string) =>
      problemsOf(`${providers}models: { a: { provider: lab, model: m, fallback: ${list}, aliases: [nick] } }`, {
        knownModels: ['gpt-5'],
      });
    expect(fallbacks('[llama, lab/any, gpt-5, "auto:low", xidao/gpt-5, nick]')).toEqual([]);
    expect(fallbacks('gpt5')).toEqual([
      'xidao.yaml:2:51: models.a.fallback: no model of this name is known; did you mean "gpt-5"?',
    ]);
    expect(fallbacks('[a, other/x]')).toEqual([
      'xidao.yaml:2:52: models.a.fallback[0]: a model cannot be its own fallback',
      'xidao.yaml:2:55: models.a.fallback[1]: no model of this name is known',
    ]);
  });

  test('of models are either one target or several', () => {
    expect(
      problemsOf(
        'models:\n  a: {}\n  b: { provider: mock }\n  c: { provider: mock, model: echo, targets: [{ provider: mock, model: echo }] }',
      ),
    ).toEqual([
      'xidao.yaml:2:6: models.a: expected `provider` and `model`, or `targets`, got a section',
      'xidao.yaml:3:3: models.b.model: missing; expected `model` beside its twin',
      'xidao.yaml:4:46: models.c.targets: expected either `provider` and `model`, or `targets`, got a list',
    ]);
  });

  test('of keys, their secrets and aliases stand once', () => {
    expect(problemsOf('keys:\n  - { name: a, key: xd-1 }\n  - { name: a, key: xd-1 }\n')).toEqual([
      'xidao.yaml:3:13: keys[1].name: the same as keys[0].name',
      'xidao.yaml:3:21: keys[1].key: the same as keys[0].key',
    ]);
    const target = 'provider: mock, model: echo';
    expect(problemsOf(`models:\n  a: { ${target}, aliases: [b] }\n  b: { ${target} }\n`)[0]).toContain(
      'taken already, by the model "b"',
    );
  });

  test('of tiers are those of rate_limit', () => {
    expect(problemsOf('rate_limit: { premium: { rpm: 1 } }\nkeys: [{ name: a, key: k, tier: premum }]')).toEqual([
      'xidao.yaml:2:33: keys[0].tier: no tier of this name is under `rate_limit`; did you mean "premium"?',
    ]);
  });
});

describe('environment references', () => {
  test('stand quoted, unquoted, inside text, and within { }', () => {
    const env = { KEY: 'k-1', HOST: 'h', PORT: '8000' };
    const text =
      'providers:\n  lab: { dialect: gemini, api_key: ${KEY}, base_url: "http://${HOST}:${PORT}/${PATH_:-v1}" }\n';
    expect(read(text, { env }).providers['lab']).toMatchObject({ api_key: 'k-1', base_url: 'http://h:8000/v1' });
  });

  test('become a number or true where one is wanted, and stay text elsewhere', () => {
    const text =
      'server: { port: ${PORT} }\nproviders: { openai: { api_key: ${DIGITS}, enabled: ${ON} } }\ncache: { ttl: ${TTL} }';
    const config = read(text, { env: { PORT: '9000', DIGITS: '00123', ON: 'false', TTL: '60' } });
    expect(config.server.port).toBe(9000);
    expect(config.providers['openai']).toMatchObject({ api_key: '00123', enabled: false });
    expect(config.cache.ttl).toBe(60_000);
  });

  test('quoted are text and nothing else', () => {
    expect(problemsOf('server: { port: "${PORT}" }', { env: { PORT: '9000' } })).toEqual([
      'xidao.yaml:1:17: server.port: expected a number, got a text',
    ]);
  });

  test('to what is not set are problems, unless they have a default', () => {
    expect(problemsOf('admin: { key: ${NOPE} }\nserver: { host: ${ALSO_NOT}, port: ${PORT:-81} }')).toEqual([
      'xidao.yaml:1:15: admin.key: the environment variable NOPE is not set; set it, or write ${NOPE:-default}',
      'xidao.yaml:2:17: server.host: the environment variable ALSO_NOT is not set; set it, or write ${ALSO_NOT:-default}',
    ]);
  });

  test('in comments mean nothing, and `$${` is a plain `${`', () => {
    expect(read('# ${NOPE}\nadmin: { key: $${KEPT} } # ${NOPE}').admin.key).toBe('${KEPT}');
  });

  test('that are none are told so', () => {
    expect(problemsOf('admin: { key: "${1X}" }')[0]).toContain('not a variable such as');
    expect(problemsOf('admin: { key: "${X" }')[0]).toContain('is not closed on its line');
    expect(problemsOf('admin: { ${X}: 1 }', { env: { X: 'key' } })[0]).toContain('variables are not replaced in keys');
  });
});

describe('what is read', () => {
  test('may be JSON with comments and tabs', () => {
    const text = '{\n\t// where\n\t"server": { "host": "http//x" /* not a comment: */, "port": 81, },\n}';
    expect(read(text, { file: 'xidao.json' }).server).toMatchObject({ host: 'http//x', port: 81 });
    expect(parse('{\n\t// where\n\t"server": { "prt": 81 }\n}', { file: 'xidao.json' }).problems[0]).toMatchObject({
      line: 3,
      column: 14,
    });
  });

  test('may be nothing, or sections with nothing in them', () => {
    expect(read('# nothing')).toEqual(read(''));
    expect(read('server:\nrouting:\nkeys: # none yet\nproviders:\n')).toEqual(read(''));
  });

  test('may begin with a byte order mark and end its lines as Windows does', () => {
    const text = '\ufeffserver:\r\n  port: ${P}\r\n  host: h\r\nadmin:\r\n  key: |\r\n    ${P}-1\r\n';
    expect(read(text, { env: { P: '81' } })).toMatchObject({
      server: { port: 81, host: 'h' },
      admin: { key: '81-1\n' },
    });
    expect(parse(text.replace('host', 'hots'), { env: { P: '81' } }).problems[0]).toMatchObject({ line: 3, column: 3 });
  });

  test('may be anything at all without a crash', () => {
    const parts = fc.constantFrom(
      'providers',
      'openai',
      ':',
      ' ',
      '\n',
      '\n  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '"',
      "'",
      '${',
      '${A}',
      '&a',
      '*a',
      '<<',
      '|',
      '!',
      '#',
      '?',
      '1',
      '\t',
      '\ufdd0',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 14 }), (words) => {
        const { config, problems } = parse(words.join(''), { env: { A: 'x: {' } });
        return (config === undefined) === problems.length > 0;
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  test('may use anchors and merge keys', () => {
    const text =
      'providers:\n  openai: &base { api_key: a, priority: 2, timeout: &t { total: 5 } }\n  anthropic: { <<: *base, api_key: b, timeout: *t }\n';
    expect(read(text).providers['anthropic']).toMatchObject({ api_key: 'b', priority: 2, timeout: { total: 5_000 } });
  });

  test('does not grow without end from nested aliases', () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) =>
        `a${n}: &a${n} [${Array(10)
          .fill(n === 0 ? 'x' : `*a${n - 1}`)
          .join(', ')}]`,
    );
    expect(problemsOf(levels.join('\n')).some((line) => line.includes('uses of aliases'))).toBe(true);
    expect(problemsOf('server: &s { host: *s }')[0]).toContain('expected an alias');
  });

  test('keeps keys as they are written', () => {
    expect(
      Object.keys(
        read('models: { 4.10: { provider: mock, model: echo }, yes: { provider: mock, model: echo } }').models,
      ),
    ).toEqual(['4.10', 'yes']);
  });

  test('remembers where each setting was written and from which variables', () => {
    const { sources } = parse('server:\n  port: ${P:-1}\nmodels: { "a.b": { provider: mock, model: echo } }');
    expect(sources.get('server.port')).toEqual({ line: 2, column: 9, variables: ['P'] });
    expect(sources.get('models["a.b"].model')?.line).toBe(3);
    expect(sources.has('server.host')).toBe(false);
  });

  test('a provider may be switched off, or be there with nothing but its name', () => {
    const { providers } = read('providers: { openai: false, ollama: , anthropic: true }');
    expect(Object.entries(providers).map(([name, { enabled }]) => [name, enabled])).toEqual([
      ['openai', false],
      ['ollama', true],
      ['anthropic', true],
    ]);
  });

  test('a breaker adapts unless it is given numbers, a cache is on once it is configured', () => {
    expect(read('').circuit_breaker.mode).toBe('adaptive');
    expect(read('circuit_breaker: { half_open_max: 1 }').circuit_breaker).toMatchObject({
      mode: 'fixed',
      failure_threshold: 5,
    });
    expect(read('circuit_breaker: { mode: adaptive, half_open_max: 1 }').circuit_breaker.mode).toBe('adaptive');
    expect(read('').cache.enabled).toBe(false);
    expect(read('cache: { ttl: 5m }').cache).toMatchObject({ enabled: true, ttl: 300_000 });
  });
});

describe('an object instead of a file', () => {
  test('is checked the same and left as it was', () => {
    const written = {
      providers: { openai: { api_key: 'k', priority: 1 } },
      rate_limit: { default: { rpm: 1000 } },
      cache: undefined,
    };
    const before = structuredClone(written);
    const { config, problems } = checkConfig(written, { knownProviders });
    expect(problems).toEqual([]);
    expect(config?.rate_limit['default']).toEqual({ rpm: 1000 });
    expect(written).toEqual(before);
  });

  test('is typed as it is written', () => {
    const written: ConfigInput = {
      providers: { openai: { api_key: 'k', priority: 1, weight: 5 }, mock: false, ollama: null },
      models: { fast: { targets: [{ provider: 'openai', model: 'm' }], fallback: 'openai/n' } },
      rate_limit: { default: { rpm: 1000, tpm: 100_000 }, per_model: { m: { rpm: 1 } }, per_ip: { rpm: 2 } },
      cache: { ttl: '5m' },
      observability: { tracing: 'otlp' },
    };
    const { config } = checkConfig(written, { knownProviders });
    const limit: number | undefined = config?.rate_limit.per_model?.['m']?.rpm;
    expect(limit).toBe(1);
    expect(config?.models['fast']?.fallback).toEqual(['openai/n']);
  });

  test('has problems without a place', () => {
    const { config, problems } = checkConfig({ server: { prot: 1 } }, { knownProviders });
    expect(config).toBeUndefined();
    expect(formatProblems(problems)).toBe('server.prot: unknown key; did you mean "port"?');
  });
});
