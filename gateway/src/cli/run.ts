import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { nearestNames } from '../core/nearest.ts';
import { VERSION } from '../version.ts';
import { describeAudit } from './audit-commands.ts';
import { describeBudgets } from './budget-commands.ts';
import { describeCost } from './cost-commands.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { describeKeys } from './key-commands.ts';
import { describeLogs } from './log-commands.ts';
import { CONFIG, DATA, withJson } from './options.ts';
import { describeRoutes } from './route-commands.ts';
import { describeTenants } from './tenant-commands.ts';
import type { Terminal } from './terminal.ts';

/** Runs one command to its end and gives the exit code. What a command needs is loaded when it is the one. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const program = describeCommands(terminal);
    refuseUnknownCommand(program, args[0]);
    await program.parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof CommandFailure)) throw error;
    if (args.includes('--json')) terminal.err(JSON.stringify({ error: { message: error.message } }));
    else terminal.err(error.message);
    return error.exitCode;
  }
}

function describeCommands(terminal: Terminal): Command {
  const program = new Command('xidao')
    .description('XiDao Gateway: one endpoint and one key for every model.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    })
    .version(VERSION, '-V, --version')
    .showHelpAfterError('(--help shows what there is)');
  describeServe(program, terminal);
  describeKeys(program, terminal);
  describeTenants(program, terminal);
  describeCost(program, terminal);
  describeBudgets(program, terminal);
  describeLogs(program, terminal);
  describeAudit(program, terminal);
  describeRoutes(program, terminal);
  describeConfig(program.command('config').description('The configuration file.'), terminal);
  withJson(program.command('doctor'))
    .description('Look at what a gateway needs to run here.')
    .option(...CONFIG)
    .option(...DATA)
    .action(async (options) => (await import('./doctor.ts')).runDoctor(options, terminal));
  withJson(program.command('backup'))
    .description('Copy the database, the journal and the secrets of an installation; it may be running.')
    .argument('<folder>', 'a new folder for the copy')
    .option(...CONFIG)
    .option(...DATA)
    .action(async (folder, options) => (await import('./copies.ts')).runBackup(folder, options, terminal));
  withJson(program.command('restore'))
    .description('Put a backup in the place of what an installation holds; it must not be running.')
    .argument('<folder>', 'what `backup` made')
    .option(...CONFIG)
    .option(...DATA)
    .action(async (folder, options) => (await import('./copies.ts')).runRestore(folder, options, terminal));
  withJson(program.command('version'))
    .description('Print the version.')
    .action(({ json }) =>
      terminal.out(json ? JSON.stringify({ version: VERSION, node: process.versions.node }) : VERSION),
    );
  return program;
}

function describeServe(program: Command, terminal: Terminal): void {
  withJson(program.command('serve', { isDefault: true }))
    .description('Run the gateway (what happens without any command).')
    .option(...CONFIG)
    .option('--port <number>', 'port to listen on; 0 takes a free one', readPort)
    .option('--host <address>', 'address to listen on')
    .option('--data <folder>', 'where keys, ledger and store live (else XIDAO_DATA, else ./data)')
    .action(async (options) => (await import('./serve.ts')).serve(options, terminal));
}

function describeConfig(config: Command, terminal: Terminal): void {
  withJson(config.command('validate'))
    .description('Say whether the configuration is right, and everything that is not.')
    .option(...CONFIG)
    .action(async (options) => (await import('./config.ts')).validateConfig(options, terminal));
  withJson(config.command('show'))
    .description('Print what the file says, secrets masked.')
    .option(...CONFIG)
    .option('--effective', 'with the defaults, as it holds')
    .action(async (options) => (await import('./config.ts')).showConfig(options, terminal));
  withJson(config.command('schema'))
    .description('Print the JSON Schema of the file, for editors.')
    .action(async () => (await import('./config.ts')).printSchema(terminal));
}

/** `serve` is the default, so Commander would take any other word for an argument of it. */
function refuseUnknownCommand(program: Command, word: string | undefined): void {
  if (word === undefined || word.startsWith('-')) return;
  const known = [...program.commands.map((command) => command.name()), 'help'];
  if (known.includes(word)) return;
  const [nearest] = nearestNames(word, known, 1);
  const hint = nearest === undefined ? `There are: ${known.join(', ')}.` : `Did you mean "${nearest}"?`;
  throw new CommandFailure(`There is no command "${word}". ${hint}`, EXIT.usage);
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}
