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

/** Lines wait for each other up to this many characters, and at most this long: a write per call would cost more than the call. */
const GATHER_CHARACTERS = 32 * 1024;
const GATHER_MS = 200;
/** What waits for the disk leaves in writes of this many bytes. */
const MOST_WRITTEN = 256 * 1024;

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
  const gathered = gatherLines((text) => destination.write(text));
  // Before pino's own, which writes at the end of the process what its destination still has.
  process.on('exit', gathered.release);
  const destination = pino.destination({
    dest: output?.file ?? 1,
    sync: false,
    // None at all, and `flush` would not wait for what is being written.
    minLength: 1,
    maxWrite: MOST_WRITTEN,
    mkdir: true,
  });
  return {
    logger: createLog({ level: config.level, destination: gathered }),
    lines: gathered,
    close: () =>
      new Promise((resolve) => {
        process.off('exit', gathered.release);
        gathered.release();
        destination.flush(() => resolve());
      }),
  };
}

/** In front of the destination, which looks through all that it has gathered at every single line (15 KB of garbage a call). */
function gatherLines(write: (text: string) => unknown): { write(line: string): void; release(): void } {
  let text = '';
  let timer: NodeJS.Timeout | undefined;
  const release = () => {
    clearTimeout(timer);
    timer = undefined;
    if (text === '') return;
    const whole = text;
    text = '';
    write(whole);
  };
  return {
    write(line) {
      text += line;
      if (text.length >= GATHER_CHARACTERS) return release();
      if (timer !== undefined) return;
      timer = setTimeout(release, GATHER_MS);
      timer.unref();
    },
    release,
  };
}
