import { EXIT } from '../../gateway/src/cli/failure.ts';
import { runCli } from '../../gateway/src/cli/run.ts';

/** The reference page of the command line: the help of every command, as it prints it. */
export async function renderCliPage(): Promise<string> {
  // Help is as wide as the terminal; the page must be the same on all.
  const { isTTY } = process.stdout;
  process.stdout.isTTY = false;
  try {
    const sections = await describeCommands([]);
    return `${[introduction, ...sections].join('\n\n')}\n`;
  } finally {
    process.stdout.isTTY = isTTY;
  }
}

const { ok, failed, usage, notAllowed, unreachable } = EXIT;

const introduction = `# Command line

Generated from the commands' own help by \`npm run docs\`.

Commands about the gateway that runs ask it: the one at \`XIDAO_URL\` with \`XIDAO_ADMIN_KEY\`, else the one on this machine, whose address and
token they find in its data folder. Data goes to standard output, words for people to standard error.

Exit codes: ${ok} done · ${failed} failed, or a check found something · ${usage} usage or configuration · ${notAllowed} not allowed · ${unreachable} no gateway answers.`;

/** The help of a command, then of each of its own. */
async function describeCommands(words: readonly string[]): Promise<string[]> {
  const help = await helpOf(words);
  const section = `## ${['xidao', ...words].join(' ')}\n\n\`\`\`\n${help}\n\`\`\``;
  const inner = await Promise.all(commandsIn(help).map((name) => describeCommands([...words, name])));
  return [section, ...inner.flat()];
}

async function helpOf(words: readonly string[]): Promise<string> {
  let help = '';
  const exitCode = await runCli([...words, '--help'], {
    out: (text) => {
      help += text;
    },
    err: () => {},
    isTerminal: false,
    env: {},
    folder: '/',
  });
  if (exitCode !== EXIT.ok) throw new Error(`xidao ${words.join(' ')} --help ended with ${exitCode}.`);
  return help
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function commandsIn(help: string): string[] {
  const [, list = ''] = help.split('\nCommands:\n');
  const names = [...list.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name]) => name!);
  return names.filter((name) => name !== 'help');
}
