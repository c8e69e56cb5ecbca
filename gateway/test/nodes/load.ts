import { Pool } from 'undici';

/** One call, as its client saw it. */
export interface Answered {
  session: string;
  /** 0: the connection broke, or there was none. */
  status: number;
  /** When it was over, by `performance.now()`. */
  atMs: number;
}

export interface LoadSettings {
  url: string;
  secret: string;
  calls: number;
  atOnce: number;
  /** What the user says; by it the upstream knows what to answer. */
  text?: string;
  stream?: boolean;
  maxTokens?: number;
  /** Told of each call when it is over. */
  onEnd?: (answered: Answered, soFar: number) => void;
}

let sessions = 0;

/** Sends so many calls, so many at once, each with a session of its own. */
export async function load(settings: LoadSettings): Promise<Answered[]> {
  const { url, calls, atOnce, onEnd } = settings;
  const pool = new Pool(url, { connections: atOnce });
  const answered: Answered[] = [];
  let sent = 0;
  async function takeTurns(): Promise<void> {
    while (sent < calls) {
      sent += 1;
      const one = await callOnce(pool, settings);
      answered.push(one);
      onEnd?.(one, answered.length);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, takeTurns));
  await pool.destroy();
  return answered;
}

/** The status of a single call. */
export async function call(url: string, secret: string, text?: string): Promise<number> {
  const [one] = await load({ url, secret, calls: 1, atOnce: 1, ...(text !== undefined && { text }) });
  return one!.status;
}

async function callOnce(pool: Pool, { secret, text = 'Hi', stream = false, maxTokens = 60 }: LoadSettings) {
  const session = `s${sessions++}`;
  try {
    const { statusCode, body } = await pool.request({
      path: '/v1/chat/completions',
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}`, 'x-session-id': session },
      body: JSON.stringify({
        model: 'test-model',
        max_tokens: maxTokens,
        stream,
        messages: [{ role: 'user', content: text }],
      }),
    });
    await body.arrayBuffer();
    return { session, status: statusCode, atMs: performance.now() };
  } catch {
    return { session, status: 0, atMs: performance.now() };
  }
}

export function withStatus(answered: readonly Answered[], status: number): Answered[] {
  return answered.filter((one) => one.status === status);
}
