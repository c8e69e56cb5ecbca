import type { Command } from 'commander';
import { DATA, withJson, withLimits } from './options.ts';
import type { TenantNoun } from './tenants.ts';
import type { Terminal } from './terminal.ts';

const NOUNS: Record<string, { noun: TenantNoun; about: string }> = {
  orgs: { noun: 'organisation', about: 'Organisations of the gateway that runs.' },
  teams: { noun: 'team', about: 'Teams of the gateway that runs.' },
  projects: { noun: 'project', about: 'Projects of the gateway that runs.' },
  users: { noun: 'user', about: 'Users of the gateway that runs.' },
};

/** `orgs`, `teams`, `projects` and `users`. */
export function describeTenants(program: Command, terminal: Terminal): void {
  for (const [word, { noun, about }] of Object.entries(NOUNS)) {
    describe(program.command(word).description(about), noun, terminal);
  }
}

function describe(command: Command, noun: TenantNoun, terminal: Terminal): void {
  const a = noun === 'organisation' ? 'an' : 'a';
  const create = withLimits(withFields(withJson(command.command('create <name>')), noun));
  if (noun === 'project') create.requiredOption('--team <name>', 'the team that it belongs to');
  create
    .description(`Make ${a} ${noun} and print its id.`)
    .option(...DATA)
    .action(async (name, options) => (await import('./tenants.ts')).createTenant(noun, name, options, terminal));
  withJson(command.command('list'))
    .description(`List ${noun}s.`)
    .option('--all', 'archived ones too')
    .option(...DATA)
    .action(async (options) => (await import('./tenants.ts')).listTenants(noun, options, terminal));
  withLimits(withFields(withJson(command.command('update <id-or-name>')), noun))
    .description('Change what is named, and leave the rest.')
    .option('--clear <field...>', 'fields to take away, such as limits or title')
    .option(...DATA)
    .action(async (name, options) => (await import('./tenants.ts')).updateTenant(noun, name, options, terminal));
  for (const [action, about] of [
    ['archive', `Archive ${a} ${noun}: from now on, nothing that belongs to it may call.`],
    ['restore', `Put ${a} ${noun} that was archived back in force.`],
  ] as const) {
    withJson(command.command(`${action} <id-or-name>`))
      .description(about)
      .option(...DATA)
      .action(async (name, options) =>
        (await import('./tenants.ts')).endTenant(noun, name, { action, options, terminal }),
      );
  }
}

/** The options that a noun has of its own; where a project belongs is told when it is made, and stays. */
function withFields(command: Command, noun: TenantNoun): Command {
  command.option('--title <text>', 'a title for people');
  if (noun === 'team')
    command
      .option('--organisation <name>', 'the organisation that it belongs to')
      .option('--tier <name>', 'the tier of limits for those of its keys that have none')
      .option('--model <pattern...>', 'models that its keys may use, such as "gpt-5*"');
  if (noun === 'user')
    command
      .option('--team <name>', 'the team that the user belongs to')
      .option('--email <address>', "the user's e-mail address");
  return command;
}
