import type { Command } from 'commander';
import { DATA, withJson } from './options.ts';
import type { Terminal } from './terminal.ts';

/** `models list|explain` and `providers list|reset`. */
export function describeRoutes(program: Command, terminal: Terminal): void {
  const models = program.command('models').description('Models of the gateway that runs.');
  withJson(models.command('list'))
    .description('List what is served.')
    .option(...DATA)
    .action(async (options) => (await import('./models.ts')).listModels(options, terminal));
  withJson(models.command('explain'))
    .description('Say where a call for a model would go now, and why. No call is made.')
    .argument('<model>', 'the model as a client would name it: a name, provider/model, auto')
    .option('--prompt <text>', 'what the call asks', 'Hello!')
    .option('--team <name>', 'the team that calls')
    .option('--project <name>', 'the project')
    .option('--user <name>', 'the user')
    .option('--key <name>', 'the name of the key')
    .option('--tier <name>', 'the tier of the key')
    .option('--task <name>', 'the task, as x-xidao-task tells it')
    .option('--max-tokens <number>', 'the longest answer', Number)
    .option(...DATA)
    .action(async (model, options) => (await import('./routes.ts')).explainModel(model, options, terminal));
  const providers = program.command('providers').description('Targets of the gateway that runs.');
  withJson(providers.command('list'))
    .description('List every target that was called: breaker, failures, waits, limits.')
    .option(...DATA)
    .action(async (options) => (await import('./routes.ts')).listTargets(options, terminal));
  withJson(providers.command('reset'))
    .description('Forget the failures and limits of a target that was mended.')
    .argument('<target>', 'as `providers list` names it')
    .option(...DATA)
    .action(async (target, options) => (await import('./routes.ts')).resetTarget(target, options, terminal));
}
