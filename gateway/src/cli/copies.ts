import path from 'node:path';
import { backUp, restore } from '../keep-copies.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { requireConfig } from './load-config.ts';
import { dataFolderOf, type Terminal } from './terminal.ts';

interface Options {
  config?: string;
  data?: string;
  json?: boolean;
}

/** Copies everything that an installation holds into a new folder; its gateway may be running. */
export async function runBackup(to: string, options: Options, terminal: Terminal): Promise<void> {
  const place = await placeOf(options, terminal);
  const folder = path.resolve(terminal.folder, to);
  const { files } = await orFail(backUp(place, folder));
  if (options.json) return terminal.out(JSON.stringify({ folder, files }, null, 2));
  terminal.out(`${folder} holds ${files.join(', ')}. It holds secrets: keep it as you keep the data folder.`);
}

/** Puts a backup in the place of what an installation holds; its gateway must not be running. */
export async function runRestore(from: string, options: Options, terminal: Terminal): Promise<void> {
  const place = await placeOf(options, terminal);
  const { kept } = await orFail(restore(path.resolve(terminal.folder, from), place, Date.now()));
  if (options.json) return terminal.out(JSON.stringify({ restored: place.dataFolder, kept: kept ?? null }, null, 2));
  terminal.out(
    `${place.dataFolder} holds the backup now.${kept === undefined ? '' : ` The database that was there is kept as ${kept}.`}`,
  );
}

async function placeOf(options: Options, terminal: Terminal): Promise<{ url: string; dataFolder: string }> {
  const { config } = await requireConfig(options.config, terminal);
  return { url: config.storage.url, dataFolder: path.resolve(terminal.folder, dataFolderOf(options.data, terminal)) };
}

async function orFail<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw new CommandFailure((error as Error).message, EXIT.failed);
  }
}
