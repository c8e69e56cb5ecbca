import { type Command, Option } from 'commander';
import { DATA, readCount, withJson } from './options.ts';
import type { Terminal } from './terminal.ts';

const FORMATS = ['table', 'csv', 'json'];

/** `cost`. */
export function describeCost(program: Command, terminal: Terminal): void {
  const cost = program.command('cost').description('What calls used and cost in the gateway that runs.');
  withUsageFilters(withPeriod(withFormat(cost.command('report'))))
    .description('Print what calls cost, the dearest first.')
    .option(
      '--group-by <dimensions>',
      'at most two of organisation, team, project, user, key, model, provider, variant, tag, tag:NAME',
      'model',
    )
    .addOption(new Option('--each <length>', 'a row for each hour or day, in UTC').choices(['hour', 'day']))
    .option('--limit <number>', 'most rows', readCount, 1_000)
    .option(...DATA)
    .action(async (options) => (await import('./cost-report.ts')).reportCosts(options, terminal));
  withUsageFilters(withPeriod(withJson(cost.command('savings'))))
    .description('Print what was not spent, thanks to cache, routing and prompt caching, and how that is reckoned.')
    .option(...DATA)
    .action(async (options) => (await import('./cost-report.ts')).reportSavings(options, terminal));
  withFormat(cost.command('reconcile <file...>'))
    .description("Put a provider's invoice or usage exports (OpenAI, Anthropic; CSV or JSON) beside the ledger.")
    .requiredOption(
      '--provider <names>',
      'whose ledger is meant, by its name in the configuration; several of one account with commas',
    )
    .option('--all', 'also the days and models on which both sides agree')
    .option('--max-drift <percent>', 'end with 1 where the totals differ by more', readPercent)
    .option(...DATA)
    .action(async (files, options) => (await import('./cost-reconcile.ts')).reconcileCosts(files, options, terminal));
}

function withFormat(command: Command): Command {
  return withJson(command).addOption(
    new Option('--format <format>', 'how to print it').choices(FORMATS).default('table'),
  );
}

/** The options that say when. */
export function withPeriod(command: Command): Command {
  return command
    .option('--period <time>', '24h, 7d …; day, week, month or year: the one that is running, in UTC (else 24h)')
    .option('--from <time>', 'instead of --period: 2027-01-31, 2027-01-31T00:00:00Z or -24h')
    .option('--to <time>', 'up to then; else now');
}

function withUsageFilters(command: Command): Command {
  return command
    .option('--organisation <names>', 'only these, with commas between them; "(none)": calls without one')
    .option('--team <names>', 'only these')
    .option('--project <names>', 'only these')
    .option('--user <names>', 'only these')
    .option('--key <names>', 'only these, by id or name')
    .option('--model <names>', 'only these')
    .option('--provider <names>', 'only these')
    .option('--variant <names>', 'only these, as test/model')
    .option('--tag <name=value,...>', 'only calls with all of these');
}

function readPercent(text: string): number {
  return readCount(text.replace(/\.\d+$/, '')) + Number(/\.\d+$/.exec(text)?.[0] ?? 0);
}
