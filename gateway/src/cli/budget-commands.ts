import { type Command, InvalidArgumentError, Option } from 'commander';
import { BUDGET_PERIODS, COST_TIERS } from '../core/budget.ts';
import { DATA, readCount, withJson } from './options.ts';
import type { Terminal } from './terminal.ts';

/** `budgets`, `alerts`, and `cost alert`. After `cost` itself. */
export function describeBudgets(program: Command, terminal: Terminal): void {
  const budgets = program.command('budgets').description('Budgets of the gateway that runs.');
  withJson(budgets.command('list'))
    .description('List budgets and how they stand.')
    .option(...DATA)
    .action(async (options) => (await import('./budgets.ts')).listBudgets(options, terminal));
  withJson(budgets.command('show <id-or-name>'))
    .description('Show a budget: spent, held, remaining, how fast, and where that leads.')
    .option(...DATA)
    .action(async (budget, options) => (await import('./budgets.ts')).showBudget(budget, options, terminal));
  withScope(withJson(budgets.command('set <name>')))
    .description('Make a budget, or change what is named of the one that has the name.')
    .option('--amount <dollars>', 'US dollars in each period', readDollars)
    .addOption(new Option('--period <period>', 'how long it lasts (monthly)').choices(BUDGET_PERIODS))
    .option('--timezone <name>', 'whose days, weeks and months are meant, such as Europe/Berlin (UTC)')
    .option('--at <share=action...>', 'what happens when: 0.5 (alert), 0.8=degrade, 1=refuse, $50 …')
    .addOption(new Option('--degrade-tier <tier>', 'the dearest tier that `auto` may choose then').choices(COST_TIERS))
    .option('--degrade-max-tokens <number>', 'the longest answer then', readCount)
    .option('--channel <name...>', 'who is told: names under alerts.channels')
    .option('--webhook <url>', 'an address that is told')
    .option('--clear <field...>', 'fields to take away: degrade, channels, webhook')
    .option(...DATA)
    .action(async (name, options) => (await import('./budgets.ts')).setBudget(name, options, terminal));
  withJson(budgets.command('remove <id-or-name>'))
    .description('Remove a budget: from now on it holds nobody back.')
    .option(...DATA)
    .action(async (budget, options) => (await import('./budgets.ts')).removeBudget(budget, options, terminal));
  describeCostAlerts(program, terminal);
  describeAlerts(program.command('alerts').description('What the gateway has told people.'), terminal);
}

function describeCostAlerts(program: Command, terminal: Terminal): void {
  const cost =
    program.commands.find((command) => command.name() === 'cost') ??
    program.command('cost').description('What calls cost in the gateway that runs.');
  const alert = cost.command('alert').description('Being told when calls cost much.');
  const set = withScope(withJson(alert.command('set')))
    .description(
      'Tell of half, 80 % and all of an amount being spent. One budget for each limit; another call changes it.',
    )
    .option('--webhook <url>', 'who is told: an incoming webhook of Slack, or any address that takes a POST of JSON')
    .option('--channel <name...>', 'who is told: names under alerts.channels')
    .option('--timezone <name>', 'whose days, weeks and months are meant (UTC)')
    .option('--enforce', 'refuse calls, too, when all is spent')
    .option(...DATA);
  for (const period of ['hourly', 'daily', 'weekly', 'monthly'])
    set.option(`--${period}-limit <dollars>`, `US dollars, ${period}`, readDollars);
  set.action(async (options) => (await import('./budgets.ts')).setCostAlert(options, terminal));
}

function describeAlerts(alerts: Command, terminal: Terminal): void {
  withJson(alerts.command('list'))
    .description('List alerts, the newest first.')
    .option('--limit <number>', 'most alerts', readCount, 50)
    .option(...DATA)
    .action(async (options) => (await import('./alerts.ts')).listAlerts(options, terminal));
  withJson(alerts.command('test [channel]'))
    .description('Send a trial by one channel, or by each, and say what became of it.')
    .option(...DATA)
    .action(async (channel, options) => (await import('./alerts.ts')).testAlerts(channel, options, terminal));
}

function withScope(command: Command): Command {
  return command
    .option('--organisation <name>', 'for the calls of an organisation')
    .option('--team <name>', 'for the calls of a team')
    .option('--project <name>', 'for the calls of a project')
    .option('--user <name>', 'for the calls of a user')
    .option('--key <name>', 'for the calls of a key')
    .option('--model <name>', "for the calls to a model, by its provider's name for it, alone or as provider/model")
    .option('--tag <name=value>', 'for calls with this tag');
}

function readDollars(text: string): number {
  const dollars = Number(text.replace(/^\$/, ''));
  if (/^\$?\d+(\.\d+)?$/.test(text)) return dollars;
  throw new InvalidArgumentError('An amount in US dollars, such as 200 or 0.5.');
}
