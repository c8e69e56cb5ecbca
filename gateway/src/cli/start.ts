import { EXIT } from './failure.ts';
import { runCli } from './run.ts';
import { processTerminal } from './terminal.ts';

/** The command, as the process's own: its arguments, its streams, its exit code. */
export async function start(): Promise<void> {
  const terminal = processTerminal();
  try {
    process.exitCode = await runCli(process.argv.slice(2), terminal);
  } catch (error) {
    terminal.err(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = EXIT.failed;
  }
}
