import { pino } from 'pino';
import type { LineSink } from './call-log.ts';
import { createLog, type Logger } from './log.ts';

/** A file, or whatever takes lines (tests). */
export type LogOutput = { file: string } | { write(line: string): unknown };

export interface OpenLog {
  logger: Logger;
  /** The same destination, for lines that are already written. */
  lines: LineSink;
  close(): Promise<void>;
}

/** Lines wait for each other up to this many bytes, and at most this long: a write per call would cost more than the call. */
const GATHER_BYTES = 64 * 1024;
const GATHER_MS = 200;

/** Opens the log on standard output, or where `output` says. Lines are gathered and written off the path of calls. */
export function openLog({ config, output }: { config: { level: string }; output?: LogOutput | undefined }): OpenLog {
  if (output !== undefined && 'write' in output) {
    const lines = { write: (line: string) => output.write(line) };
    return {
      logger: createLog({ level: config.level, destination: lines as { write(line: string): void } }),
      lines,
      close: async () => {},
    };
  }
  const destination = pino.destination({
    dest: output?.file ?? 1,
    sync: false,
    minLength: GATHER_BYTES,
    maxWrite: 4 * GATHER_BYTES,
    periodicFlush: GATHER_MS,
    mkdir: true,
  });
  return {
    logger: createLog({ level: config.level, destination }),
    lines: destination,
    close: () =>
      new Promise((resolve) => {
        destination.flush(() => resolve());
      }),
  };
}
