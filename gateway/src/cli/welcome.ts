import type { ListedModel } from '../catalogue/models-document.ts';
import { priceAt } from '../catalogue/price.ts';

/** What a start has to tell, once. */
export interface Welcome {
  version: string;
  /** Where to reach it from this machine. */
  url: string;
  configFile: string | undefined;
  dataFolder: string;
  /** Names of the providers that can answer, without the built-in one. */
  providers: readonly string[];
  /** Keys made by this start: in full, or the path of the file that holds one. */
  adminKey?: NewSecret;
  appKey?: NewSecret;
  /** A model to try; undefined: none is known. */
  model: string | undefined;
}

export type NewSecret = { secret: string } | { file: string };

/** The welcome for people, with a `curl` that works as printed. */
export function writeWelcome(welcome: Welcome): string {
  const { version, url, configFile, dataFolder, providers, appKey, model } = welcome;
  const lines = [
    `XiDao Gateway ${version} is listening on ${url}`,
    '',
    ...newKeys(welcome).map(([title, made]) => writeKey(title, made)),
    line(
      'Providers',
      providers.length > 0
        ? providers.join(', ')
        : 'none yet: set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY or another; mock/* answers meanwhile',
    ),
    line('Config', configFile ?? 'none; the defaults hold'),
    line('Data', dataFolder),
  ];
  if (model !== undefined) lines.push('', 'Try it:', '', tryCommand({ url, appKey, model }));
  return `${lines.join('\n')}\n`;
}

function line(title: string, text: string): string {
  return `  ${title.padEnd(10)} ${text}`;
}

/** The keys that this start has made, under their titles. */
export function newKeys({ adminKey, appKey }: Pick<Welcome, 'adminKey' | 'appKey'>): [string, NewSecret][] {
  return [
    ...(adminKey === undefined ? [] : [['Admin key', adminKey] as [string, NewSecret]]),
    ...(appKey === undefined ? [] : [['App key', appKey] as [string, NewSecret]]),
  ];
}

export function writeKey(title: string, made: NewSecret): string {
  return line(
    title,
    'secret' in made ? `${made.secret}   (shown this once; only its hash is kept)` : `in ${made.file}`,
  );
}

/** For a POSIX shell. Without a key of this start the caller puts one into XIDAO_API_KEY. */
function tryCommand({ url, appKey, model }: { url: string; appKey: NewSecret | undefined; model: string }): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello!' }] });
  return [
    `  curl ${url}/v1/chat/completions \\`,
    `    -H "Authorization: Bearer ${keyInShell(appKey)}" \\`,
    `    -H "Content-Type: application/json" \\`,
    `    -d '${body.replaceAll("'", String.raw`'\''`)}'`,
  ].join('\n');
}

function keyInShell(appKey: NewSecret | undefined): string {
  if (appKey === undefined) return '$XIDAO_API_KEY';
  if ('secret' in appKey) return appKey.secret;
  return `$(cat '${appKey.file.replaceAll("'", String.raw`'\''`)}')`;
}

/** How many of the newest models the cheapest is looked for among. */
const NEWEST = 12;

/** A model for a first call: a chat model of a real provider, recent and cheap; else the mock's echo, if it is there. */
export function pickModel(listed: readonly ListedModel[], nowMs: number): string | undefined {
  const priceOf = ({ model }: ListedModel) => priceAt(model.prices, nowMs)?.output ?? Number.POSITIVE_INFINITY;
  const chats = listed.filter(({ model }) => model.tools === true && !model.deprecated && writesText(model.modalities));
  const newest = chats
    .sort((one, other) => (other.model.released ?? '').localeCompare(one.model.released ?? ''))
    .slice(0, NEWEST);
  const [first] = newest.sort((one, other) => priceOf(one) - priceOf(other));
  return (first ?? listed.find(({ id }) => id === 'mock/echo'))?.id;
}

function writesText(modalities: { output: string[] } | undefined): boolean {
  return modalities === undefined || (modalities.output.length === 1 && modalities.output[0] === 'text');
}
