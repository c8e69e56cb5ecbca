import { type Command, Option } from 'commander';
import { withPeriod } from './cost-commands.ts';
import { DATA, readCount, withJson } from './options.ts';
import type { Terminal } from './terminal.ts';

const OUTCOMES = ['complete', 'client-left', 'broken-off', 'refused', 'failed'];

/** `logs`. */
export function describeLogs(program: Command, terminal: Terminal): void {
  const logs = program.command('logs').description('The calls of the gateway that runs, one row each.');
  withFilters(withJson(logs.command('tail')))
    .description('Print the last calls, then each that comes, until it is stopped.')
    .option('--lines <number>', 'how many of the last ones first', readCount, 20)
    .option('--no-follow', 'end after the last ones')
    .option(...DATA)
    .action(async (options) => (await import('./logs.ts')).tailCalls(options, terminal));
  withJson(logs.command('show <id>'))
    .description('Print one call: its attempts, and what the ledger holds of it.')
    .option('--bodies', 'also what was asked and answered, where the model keeps it (takes the scope management)')
    .option(...DATA)
    .action(async (id, options) => (await import('./show-call.ts')).showCall(id, options, terminal));
  withFilters(withPeriod(withJson(logs.command('search'))))
    .description('Find calls, the newest first.')
    .option('--limit <number>', 'most calls', readCount, 50)
    .option(...DATA)
    .action(async (options) => (await import('./logs.ts')).searchCalls(options, terminal));
}

function withFilters(command: Command): Command {
  return command
    .option('--key <name>', 'of this key, by id or name')
    .option('--organisation <name>', 'of this organisation')
    .option('--team <name>', 'of this team')
    .option('--project <name>', 'of this project')
    .option('--user <name>', 'of this user')
    .option('--asked <model>', 'that asked for this model')
    .option('--model <model>', 'that this model answered')
    .option('--provider <name>', 'that this provider answered')
    .option('--variant <name>', 'of this variant of an A/B test')
    .option('--session <id>', 'of this session')
    .option('--trace <id>', 'of this trace')
    .option('--status <number>', 'that ended with this status', readCount)
    .addOption(new Option('--outcome <word>', 'that ended so').choices(OUTCOMES))
    .option('--error <code>', 'with this error')
    .option('--operation <name>', 'chat, embeddings …')
    .option('--cache <word>', 'hit, semantic, miss …')
    .option('--guard <word>', 'of which the guardrails said so')
    .option('--tag <name=value,...>', 'with all of these tags')
    .option('--id <part>', 'with this in the id')
    .option('--min-cost <dollars>', 'that cost at least this')
    .option('--min-duration <ms>', 'that took at least this', readCount);
}
