import type { Command } from 'commander';
import { DATA, readCount, withJson } from './options.ts';
import type { Terminal } from './terminal.ts';

/** `audit` and `openapi`. */
export function describeAudit(program: Command, terminal: Terminal): void {
  const audit = program.command('audit').description('Who changed what in the gateway that runs.');
  withJson(audit.command('list'))
    .description('List changes, the newest first.')
    .option('--noun <word>', 'key, organisation, team, project or user')
    .option('--name <name>', 'of what was changed')
    .option('--action <word>', 'create, update, rotate, revoke, archive or restore')
    .option('--actor <name>', 'who did it, such as "admin key" or the name of a management key')
    .option('--since <time>', 'such as 7d or 2027-01-31T00:00:00Z')
    .option('--limit <number>', 'most entries', readCount, 50)
    .option(...DATA)
    .action(async (options) => (await import('./audit.ts')).listAudit(options, terminal));
  withJson(audit.command('verify'))
    .description('Go through the chain of hashes; ends with 1 where an entry was changed or is missing.')
    .option(...DATA)
    .action(async (options) => (await import('./audit.ts')).verifyAudit(options, terminal));
  withJson(program.command('openapi'))
    .description('Print the OpenAPI document of the management API, which is JSON anyway.')
    .action(async () => {
      const { openApiDocument } = await import('../openapi-document.ts');
      terminal.out(JSON.stringify(openApiDocument(), null, 2));
    });
}
