import type { Command } from 'commander';
import { DATA, withJson, withLimits } from './options.ts';
import type { Terminal } from './terminal.ts';

/** `keys`. */
export function describeKeys(program: Command, terminal: Terminal): void {
  const keys = program.command('keys').description('Keys of the gateway that runs.');
  withRights(withJson(keys.command('create <name>')))
    .description('Make a key and print its secret, this once.')
    .option(...DATA)
    .action(async (name, options) => (await import('./keys.ts')).createKey(name, options, terminal));
  withJson(keys.command('list'))
    .description('List keys that work.')
    .option('--all', 'revoked, replaced and expired ones too')
    .option(...DATA)
    .action(async (options) => (await import('./keys.ts')).listKeys(options, terminal));
  withRights(withJson(keys.command('update <id-or-name>')))
    .description('Change what is named, and leave the rest.')
    .option('--name <name>', 'another name')
    .option('--clear <field...>', 'fields to take away, such as limits, ips or expires-at')
    .option(...DATA)
    .action(async (key, options) => (await import('./keys.ts')).updateKey(key, options, terminal));
  withJson(keys.command('rotate <id-or-name>'))
    .description('Replace the secret of a key and print the new one, this once.')
    .option('--overlap <duration>', 'how long the old secret still works, such as 24h')
    .option(...DATA)
    .action(async (key, options) => (await import('./keys.ts')).rotateKey(key, options, terminal));
  withJson(keys.command('revoke <id-or-name>'))
    .description('End a key at once and for good.')
    .option(...DATA)
    .action(async (key, options) => (await import('./keys.ts')).revokeKey(key, options, terminal));
}

function withRights(command: Command): Command {
  return withLimits(
    command
      .option('--organisation <name>', 'the organisation that its calls count for')
      .option('--team <name>', 'the team that its calls count for')
      .option('--project <name>', 'the project that its calls count for')
      .option('--user <name>', 'the person or service behind it')
      .option('--tier <name>', 'its tier of limits')
      .option('--model <pattern...>', 'models it may use, such as "gpt-5*" or "anthropic/*"')
      .option('--ip <range...>', 'addresses it may be used from, such as 10.0.0.0/8')
      .option('--scope <scope...>', 'what it opens: data, management, read-only (else data)')
      .option('--tag <name=value...>', 'tags of its calls')
      .option('--importance <word>', 'interactive, default or batch: who is served first')
      .option('--expires-in <duration>', 'such as 12h or 30d')
      .option('--expires-at <time>', 'such as 2027-01-31T00:00:00Z'),
  );
}
