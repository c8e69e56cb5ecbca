import { providers } from '../../gateway/src/providers/index.ts';
import { MOCK_MODELS, mock } from '../../gateway/src/providers/mock/index.ts';
import type { Provider, Setting } from '../../gateway/src/providers/provider.ts';
import { code, generatedFrom, writeTable } from './table.ts';

/** The reference page of the known providers. */
export function renderProvidersPage(): string {
  const parts = [
    introduction,
    writeTable(['Provider', 'Name', 'Key in the environment', 'Dialects and base URLs'], providers.map(rowOf)),
    '## Settings',
    settingsIntroduction,
    writeTable(['Provider', 'Setting', 'Environment', 'Default', 'Meaning'], providers.flatMap(settingsOf)),
    '## Regions',
    'Further homes of the same service, by the setting `region` (or `location`).',
    writeTable(['Provider', 'Region', 'Base URLs'], providers.flatMap(regionsOf)),
    `## ${mock.title}`,
    mockIntroduction,
    writeTable(
      ['Model', 'What it does'],
      Object.entries(MOCK_MODELS).map(([id, about]) => [code(`mock/${id}`), about]),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

const introduction = `# Providers

${generatedFrom('gateway/src/providers')}

${providers.length} providers are known. One of them is there as soon as its key is in the environment, or its name is under \`providers:\` in \`xidao.yaml\`;
those without a key only by their name in \`xidao.yaml\`. A client says \`name/model\`, or the id of a model that the catalogue knows. The first
dialect is the one spoken to a client of another dialect. Any other compatible host: [the guide](../guide/providers.md).`;

const settingsIntroduction =
  'What the address of a provider needs. From the environment, or under `providers.<name>.settings`. One without a default must be given, and those to sign in with only where there is no key.';

const mockIntroduction = `Inside the process, always there unless \`providers: { mock: false }\`. It speaks every client dialect, streams, counts tokens and costs
nothing.`;

function rowOf(provider: Provider): string[] {
  const { title, docs, name, aliases = [], env, needsKey, speaks } = provider;
  const own = docs === undefined ? title : `[${title}](${docs})`;
  const names = [code(name), ...aliases.map(code)].join(', ');
  const keys = [...env.map(code), ...(needsKey === false ? ['none needed'] : [])].join(', ');
  const places = Object.entries(speaks).map(([dialect, { baseUrl, chat }]) => {
    return `${dialect}${chat === false ? ' (no chat)' : ''}: ${code(baseUrl)}`;
  });
  return [own, names, keys, places.join('<br>')];
}

function settingsOf({ name, settings = {}, site, keyless }: Provider): string[][] {
  const row = ([setting, { env, about }]: [string, Setting], fallback: string) => [
    code(name),
    code(setting),
    env.map(code).join(', '),
    fallback,
    about,
  ];
  const fallbackOf = (setting: string, fallback: string | undefined) => {
    if (fallback !== undefined) return code(fallback);
    if (setting === site?.setting) return `instead of ${code(site.insteadOf)}`;
    return setting === site?.insteadOf ? `*required*, or ${code(site.setting)}` : '*required*';
  };
  return [
    ...Object.entries(settings).map((entry) => row(entry, fallbackOf(entry[0], entry[1].default))),
    ...Object.entries(keyless?.settings ?? {}).map((entry) => row(entry, 'instead of a key')),
  ];
}

function regionsOf({ name, regions = {} }: Provider): string[][] {
  return Object.entries(regions).map(([region, urls]) => [
    code(name),
    code(region),
    Object.entries(urls)
      .map(([dialect, url]) => `${dialect}: ${code(url)}`)
      .join('<br>'),
  ]);
}
