import { readFile } from 'node:fs/promises';
import { type ParseConfigOptions, type ParsedConfig, parseConfig } from './load.ts';

export interface LoadedConfig extends ParsedConfig {
  /** The file's text as read, for `watchConfig`. Absent: it could not be read. */
  text?: string;
}

/** Reads and parses a configuration file. A file that cannot be read is a problem like any other. */
export async function loadConfigFile(
  options: Omit<ParseConfigOptions, 'text'> & { file: string },
): Promise<LoadedConfig> {
  try {
    const text = await readFile(options.file, 'utf8');
    return { text, ...parseConfig({ ...options, text }) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code ?? String(error)})`;
    return { problems: [{ path: [], message }], sources: new Map() };
  }
}
