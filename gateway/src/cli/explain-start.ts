import { CommandFailure, EXIT } from './failure.ts';

/** Why a gateway could not be started, in one line. */
export function explainStart(error: unknown, { host, port }: { host: string; port: number }): CommandFailure {
  const { code, message } = error as NodeJS.ErrnoException;
  const address = `${host}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return failed(
        `Port ${port} on ${host} is in use. Stop the program that has it, or take another one with --port.`,
      );
    case 'EACCES':
      return failed(`There is no right to listen on ${address} (EACCES). Take a port above 1023 with --port.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return failed(`${host} is no address of this machine (${code}). Take another one with --host.`);
    default:
      return failed(message);
  }
}

function failed(message: string): CommandFailure {
  return new CommandFailure(message, EXIT.failed);
}
