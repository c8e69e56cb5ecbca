import { Pool } from 'undici';
import type { NodeProcess } from '../node-process.ts';
import { fromSeed, type Lot, lotOf, MOST_OUTPUT, wordsOf } from './lot.ts';

/**
 * What a client saw of its call. `answered`: whole and right. `refused`: an error status. `told`: an error at the end of a stream. `left`: it hung up itself.
 * `cut`: the connection broke. `turned-away`: no connection came to be. `wrong`: an answer that was not the one.
 */
export type Seen = 'answered' | 'refused' | 'told' | 'left' | 'cut' | 'turned-away' | 'wrong';

export interface ClientView {
  seen: Seen;
  /** `x-request-id`, where there was an answer. */
  id?: string;
  /** The place of the node in the list. */
  node: number;
  /** When it was over, by `performance.now()`. */
  atMs: number;
}

export interface Clients {
  /** Sends the calls from one number up to another, which is not among them. Resolves when all are over. */
  send(from: number, to: number, onSent?: (number: number) => void): Promise<void>;
  readonly views: readonly (ClientView | undefined)[];
  close(): Promise<void>;
}

export interface ClientSettings {
  nodes: readonly NodeProcess[];
  atOnce: number;
  secretOf(key: string): string;
}

export const SOAK_MODEL = 'soak';

/** Clients that send one call after the other to any node that lives, and never send one again: each call is told apart. */
export function createClients({ nodes, atOnce, secretOf }: ClientSettings): Clients {
  const pools = nodes.map(({ url }) => new Pool(url, { connections: atOnce }));
  const views: ClientView[] = [];
  const random = fromSeed(7);

  function pickNode(): number {
    const first = Math.floor(random() * nodes.length);
    const living = nodes.findIndex((_, step) => nodes[(first + step) % nodes.length]!.isUp);
    return living === -1 ? first : (first + living) % nodes.length;
  }

  async function sendOne(number: number): Promise<void> {
    const node = pickNode();
    const lot = lotOf(number);
    const told = await ask(pools[node]!, number, lot, secretOf(lot.key));
    views[number] = { ...told, node, atMs: performance.now() };
  }

  return {
    views,
    async send(from, to, onSent) {
      let next = from;
      async function takeTurns(): Promise<void> {
        while (next < to) {
          const number = next++;
          onSent?.(number);
          await sendOne(number);
        }
      }
      await Promise.all(Array.from({ length: atOnce }, takeTurns));
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

async function ask(pool: Pool, number: number, lot: Lot, secret: string): Promise<Pick<ClientView, 'seen' | 'id'>> {
  const leaving = new AbortController();
  // A document comes in one piece: who leaves it leaves at some moment.
  const timer = lot.leaves && !lot.stream ? setTimeout(() => leaving.abort(), number % 9) : undefined;
  let id: string | undefined;
  const saw = (seen: Seen) => ({ seen, ...(id !== undefined && { id }) });
  try {
    const { statusCode, headers, body } = await pool.request({
      ...requestOf(number, lot, secret),
      method: 'POST',
      signal: leaving.signal,
    });
    id = String(headers['x-request-id']);
    const pieces: Buffer[] = [];
    for await (const piece of body) {
      pieces.push(piece as Buffer);
      if (lot.leaves && lot.stream) return saw('left');
    }
    return saw(judge(statusCode, Buffer.concat(pieces).toString(), number, lot));
  } catch (error) {
    if (leaving.signal.aborted) return saw('left');
    return saw((error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'turned-away' : 'cut');
  } finally {
    clearTimeout(timer);
  }
}

function requestOf(number: number, { dialect, stream }: Lot, secret: string) {
  const isAnthropic = dialect === 'anthropic-messages';
  return {
    path: isAnthropic ? '/v1/messages' : '/v1/chat/completions',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${secret}`,
      // By it the ledger knows the call again, also one whose answer never came.
      'x-session-id': String(number),
    },
    body: JSON.stringify({
      model: SOAK_MODEL,
      max_tokens: MOST_OUTPUT,
      stream,
      messages: [{ role: 'user', content: `${number} is the number of this call` }],
    }),
  };
}

function judge(status: number, text: string, number: number, { stream, dialect }: Lot): Seen {
  if (status >= 400) return 'refused';
  if (!stream) return text.includes(`"${wordsOf(number)}"`) ? 'answered' : 'wrong';
  if (/"error":\s*\{/.test(text)) return 'told';
  const said = [...text.matchAll(/"(?:content|text)":\s*"([^"]*)"/g)].map(([, piece]) => piece).join('');
  const end = dialect === 'openai-chat' ? 'data: [DONE]' : '"message_stop"';
  return text.includes(end) && said === wordsOf(number) ? 'answered' : 'wrong';
}
