import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ConfigInput } from '../src/config/schema.ts';
import { Gateway } from '../src/gateway.ts';

/** A running gateway on loopback, with a data folder of its own. */
export interface RunningGateway extends AsyncDisposable {
  url: string;
  port: number;
  /** An app key that may use every model. */
  key: string;
  gateway: Gateway;
  /** Every log line so far, parsed. */
  lines: LogLine[];
  /** The record of the call with this id, once it is there: calls are recorded after their last byte. */
  record(id: string): Promise<LogLine>;
  /** The next record that fits, also one that is there already. */
  recordWhere(fits: (line: LogLine) => boolean): Promise<LogLine>;
  dataFolder: string;
}

export type LogLine = Record<string, unknown> & { message?: string; id?: string };

export const KEY = 'xd-test-key-000000000000000000000000000000000000000';

/** Starts a gateway with this configuration (the same object as the YAML) and one key. */
export async function aGateway(config: ConfigInput = {}, env: Record<string, string> = {}): Promise<RunningGateway> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'xidao-'));
  const lines: LogLine[] = [];
  const news = new EventEmitter();
  news.setMaxListeners(0);
  const log = {
    write(text: string) {
      for (const line of text.split('\n')) if (line !== '') lines.push(JSON.parse(line) as LogLine);
      news.emit('line');
    },
  };
  const gateway = await Gateway.create({ keys: [{ name: 'app', key: KEY }], ...config }, { dataFolder, env, log });
  const { port } = await gateway.run({ host: '127.0.0.1', port: 0 });
  const recordWhere = async (fits: (line: LogLine) => boolean): Promise<LogLine> => {
    for (;;) {
      const found = lines.find((line) => line.message === 'call' && fits(line));
      if (found !== undefined) return found;
      await once(news, 'line');
    }
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    key: KEY,
    gateway,
    lines,
    dataFolder,
    record: (id) => recordWhere((line) => line.id === id),
    recordWhere,
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
