import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import type { PriceFile } from './catalogue/price-list.ts';
import { readPriceRow } from './catalogue/price-rows.ts';
import { priceFileSchema } from './config/schema/prices.ts';
import { type ConfigWatch, watchConfig } from './config/watch.ts';
import type { Logger } from './telemetry/log.ts';

/** The file of prices that is in force. Furniture: a reload of the configuration does not lose the last good one. */
export interface PriceKeeper {
  /** Reads this file and watches it from now on, instead of the one before; undefined: none. */
  watch(file: string | undefined): void;
  /** The last good one; undefined: there is none. */
  current(): PriceFile | undefined;
  /** Looks at once whether the file has changed. */
  check(): Promise<void>;
  close(): void;
}

/** `tell` hears whether the file, as it stands now, could be read: undefined where none is configured. */
export function createPriceKeeper({
  log,
  tell = () => {},
}: {
  log: Pick<Logger, 'info' | 'error'>;
  tell?: (isOk: boolean) => void;
}): PriceKeeper {
  let watched: { file: string; watch: ConfigWatch } | undefined;
  let inForce: PriceFile | undefined;

  function use(text: string, file: string): void {
    try {
      inForce = readPriceFile(text, file);
      tell(true);
      log.info({ file, prices: inForce.rows.length }, 'the price file is in force');
    } catch (error) {
      refuse(file, error);
    }
  }

  function refuse(file: string, error: unknown): void {
    tell(false);
    const stays = inForce === undefined ? 'the prices of the catalogue hold' : 'the last good one stays in force';
    log.error({ file, why: (error as Error).message }, `the price file cannot be read; ${stays}`);
  }

  function open(file: string): void {
    let text: string | undefined;
    try {
      text = readFileSync(file, 'utf8');
      use(text, file);
    } catch (error) {
      refuse(file, error);
    }
    const watch = watchConfig({
      file,
      text: text ?? '',
      onChange: (changed) => use(changed, file),
      onError: (error) => refuse(file, error),
    });
    watched = { file, watch };
  }

  function close(): void {
    watched?.watch.close();
    watched = undefined;
  }

  return {
    watch(written) {
      const file = written === undefined ? undefined : resolve(written);
      if (file === watched?.file) return;
      close();
      inForce = undefined;
      if (file !== undefined) open(file);
    },
    current: () => inForce,
    async check() {
      await watched?.watch.check();
    },
    close,
  };
}

/** Reads a file of prices, YAML or JSON, whole or not at all. Throws what is wrong with it, all of it at once. */
export function readPriceFile(text: string, file: string): PriceFile {
  const read = priceFileSchema.safeParse(parse(text));
  if (!read.success)
    throw new Error(
      read.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`).join('; '),
    );
  const { prices, date = '', source = file } = read.data;
  const rows = prices.map((row) => readPriceRow(row, { source, date }));
  return { rows, date, digest: createHash('sha256').update(text).digest('hex') };
}
