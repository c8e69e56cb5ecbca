// Who may import whom, and why. The table is the architecture; ARCHITECTURE.md tells it in words.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Folders of gateway/src, from the inside out. Each may import `core`, itself, and what its line names. */
const ROOMS = {
  core: {
    may: ['providers'],
    why: 'Core holds nouns that every room shares. It imports only types of providers, and no room.',
  },
  providers: {
    may: [],
    why: 'A provider is data and pure functions about one vendor; it knows nothing of how it is called.',
  },
  config: { may: ['providers'], why: 'Configuration is read before any room exists.' },
  catalogue: { may: ['providers'], why: 'The catalogue is data about models.' },
  auth: { may: ['config'], why: 'Rooms do not know each other; they meet in pipeline/, through nouns of core/.' },
  admission: { may: ['config'], why: 'Rooms do not know each other; they meet in pipeline/, through nouns of core/.' },
  alerts: { may: ['config'], why: 'Alerts are told apart from any call; what is worth telling, other rooms decide.' },
  routing: {
    may: ['config', 'catalogue'],
    why: 'Rooms do not know each other; they meet in pipeline/, through nouns of core/.',
  },
  usage: {
    may: ['config', 'catalogue'],
    why: 'Rooms do not know each other; they meet in pipeline/, through nouns of core/.',
  },
  responses: {
    may: ['store'],
    why: 'Responses are kept behind the interface of store/store.ts; who asks for them and who answers is not known there.',
  },
  telemetry: { may: ['config'], why: 'Rooms do not know each other; they meet in pipeline/, through nouns of core/.' },
  upstream: {
    may: ['config', 'providers'],
    why: 'upstream/ gets answers from providers; which ones and for whom is decided before.',
  },
  store: {
    may: ['auth', 'config', 'usage'],
    why: "A store implements the rooms' interfaces; it may know their nouns and nothing else.",
  },
  pipeline: {
    may: ['upstream', 'auth', 'admission', 'routing', 'usage', 'telemetry', 'responses', 'providers'],
    why: 'The journey knows the rooms, and not HTTP or the stores.',
  },
  dashboard: { may: [], why: 'A page in the browser: it asks the management API like any other client.' },
  http: {
    may: ['pipeline', 'catalogue', 'responses', 'dashboard'],
    why: 'HTTP stands at the rim: it reads calls and writes replies.',
  },
  admin: {
    may: ['auth', 'config', 'store', 'catalogue', 'usage'],
    why: 'Management talks to stores and rooms, not to the journey.',
  },
  cli: {
    may: ['config', 'providers', 'catalogue', '.'],
    why: 'The command line starts the gateway or talks to a running one.',
  },
};

/** Of Node's own modules, those that compute and do nothing else. */
const PURE = new Set(['node:crypto', 'node:util', 'node:buffer', 'node:zlib']);
const LEAVES_OF_STORES = /^store\/(?!store\.ts$)/;
const root = 'gateway/src';
const wrong = [];

for (const file of sourcesIn(root)) {
  const from = path.relative(root, file).replaceAll(path.sep, '/');
  const room = from.includes('/') ? from.split('/')[0] : '.';
  for (const { specifier, isType } of importsOf(readFileSync(file, 'utf8'))) {
    if (!specifier.startsWith('.')) continue;
    const to = path.relative(root, path.resolve(path.dirname(file), specifier)).replaceAll(path.sep, '/');
    const target = to.includes('/') ? to.split('/')[0] : '.';
    const reason = whyForbidden({ room, target, to, isType, from });
    if (reason !== undefined) wrong.push(`${file} imports ${root}/${to}: ${reason}`);
  }
  if (room !== 'config' && room !== '.' && /\bprocess\.env\b/.test(readFileSync(file, 'utf8'))) {
    wrong.push(`${file} reads process.env: only config/ does; take what you need as an argument.`);
  }
}
for (const file of sourcesIn('packages/dialects/src')) {
  for (const { specifier } of importsOf(readFileSync(file, 'utf8'))) {
    if (specifier.startsWith('node:') && !PURE.has(specifier) && !file.endsWith('.test.ts'))
      wrong.push(`${file} imports ${specifier}: dialects are pure functions without I/O.`);
    const own = path.relative('packages/dialects/src', file).split(path.sep);
    const target = path.relative('packages/dialects/src', path.resolve(path.dirname(file), specifier)).split(path.sep);
    const isOther = specifier.startsWith('.') && own.length > 1 && target.length > 1 && own[0] !== target[0];
    if (isOther && !file.endsWith('.test.ts'))
      wrong.push(`${file} imports ${specifier}: dialects do not know each other; they meet in the event model.`);
  }
}

if (wrong.length > 0) {
  console.log(wrong.join('\n'));
  process.exit(1);
}

function whyForbidden({ room, target, to, isType, from }) {
  if (room === '.' || room === target || target === 'core') return undefined;
  if (from.endsWith('.test.ts')) return undefined;
  const rule = ROOMS[room];
  if (rule === undefined)
    return `the room ${room}/ is not in the table of scripts/check-imports.mjs; say there what it may import, and why.`;
  if (!rule.may.includes(target)) return rule.why;
  if (room === 'core' && !isType) return rule.why;
  if (target === 'store' && LEAVES_OF_STORES.test(to))
    return 'Only gateway.ts knows which store it is; take the interface of store/store.ts.';
  return undefined;
}

function* importsOf(text) {
  for (const match of text.matchAll(
    /^(?:import|export)\s+(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm,
  )) {
    yield { specifier: match[2] ?? match[3] ?? match[4], isType: match[1] !== undefined };
  }
}

function* sourcesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith('.ts')) yield path.join(entry.parentPath ?? entry.path, entry.name);
  }
}
