import { type Environment, readEnvironment } from '../config/environment.ts';

/** The outside of a command: data goes to `out`, messages for people to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether a person reads `out`. */
  isTerminal: boolean;
  env: Environment;
  /** The working folder. */
  folder: string;
}

export function processTerminal(): Terminal {
  // `xidao keys list | head` closes the pipe early; that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    isTerminal: process.stdout.isTTY === true,
    env: readEnvironment(),
    folder: process.cwd(),
  };
}

/** `--data`, else `XIDAO_DATA`, else `./data`. */
export function dataFolderOf(flag: string | undefined, { env }: Terminal): string {
  return flag ?? (env['XIDAO_DATA'] || './data');
}
