import {
  choose,
  collect,
  cutAfter,
  echo,
  errorAfter,
  header,
  reply,
  stallAfter,
  stallBefore,
  status,
} from '@xidao/testkit';
import { expect } from 'vitest';
import { type Crossing, inTurn, MODEL } from './crossing.ts';
import { LONG_TEXT } from './texts.ts';

export interface VoiceOptions {
  /** Put after the gateway's address. */
  base?: string;
  apiKey?: string;
  model?: string;
  maxRetries?: number;
  fetch?: typeof fetch;
  signal?: AbortSignal;
}

// biome-ignore lint/suspicious/noExplicitAny: the SDKs' error classes have nothing in common but being classes
export type ErrorClass = abstract new (...args: any[]) => Error;

/** The least that an SDK can do: ask and hear an answer. What it does when things go wrong is tested through this. */
export interface Voice {
  ask(content: string, options?: VoiceOptions): Promise<string>;
  /** The pieces of text of a streamed answer, as they come. */
  stream(content: string, options?: VoiceOptions): AsyncIterable<string>;
  /** What the SDK raises for each status. */
  errorClasses: readonly (readonly [status: number, kind: ErrorClass])[];
  /** What it raises when the answer's stream tells an error or breaks off. */
  streamError: ErrorClass;
  /** What it raises when its caller has aborted. */
  abortError: ErrorClass;
  /** What it raises when nobody answers. */
  connectionError: ErrorClass;
  /** False: it leaves the connection open when its caller stops reading; only an abort closes it. */
  closesWhenLeft: boolean;
  /** What people write after the gateway's address, all of which must work. */
  bases: readonly string[];
}

/** It has no 401 and no 413, and says 403 for a wrong token too, which its words tell apart. */
const toldByBedrock = new Set([400, 404, 429, 500, 503]);

/** The tests of what every client can rely on, whatever it talks about. */
export function mannersHold(crossing: Crossing, voice: Voice): void {
  const { holds, provider } = crossing;
  const errorClasses = voice.errorClasses.filter(([code]) => provider !== 'bedrock' || toldByBedrock.has(code));

  for (const [code, kind] of errorClasses) {
    holds(`raises its error class for status ${code}`, async () => {
      crossing.upstream.answer(status(code));
      const error = await voice.ask('Hello').catch((e: unknown) => e);
      expect(error).toBeInstanceOf(kind);
      expect(error).toMatchObject({ status: code, message: expect.stringMatching(/[a-z]{4}/) });
    });
  }

  holds('raises the error class of each status when a stream was asked for', async () => {
    crossing.upstream.answer(choose((asked) => status(Number(asked.lastUserText))));
    await Promise.all(
      errorClasses.map(async ([code, kind]) => {
        const error = await collect(voice.stream(`${code}`)).catch((e: unknown) => e);
        expect(error, `status ${code}`).toBeInstanceOf(kind);
      }),
    );
  });

  holds('raises the error class of a wrong key and of a model that is not there', async () => {
    const classOf = (code: number) => voice.errorClasses.find(([each]) => each === code)![1];
    const wrongKey = await voice.ask('Hello', { apiKey: 'xd-wrong' }).catch((e: unknown) => e);
    expect(wrongKey).toBeInstanceOf(classOf(401));
    const wrongModel = await voice.ask('Hello', { model: 'test-modle' }).catch((e: unknown) => e);
    expect(wrongModel).toBeInstanceOf(classOf(404));
    expect((wrongModel as Error).message).toContain(MODEL);
  });

  holds('raises its connection error when nobody answers', async () => {
    const refusing = (() => Promise.reject(new TypeError('fetch failed'))) as typeof fetch;
    await expect(voice.ask('Hello', { fetch: refusing })).rejects.toThrow(voice.connectionError);
  });

  holds('retries when the provider says, and succeeds', async () => {
    crossing.upstream.answer(inTurn(header('retry-after-ms', '3', status(429)), reply({ text: 'Now.' })));
    const seen: [number, string | null][] = [];
    const watching = (async (...args: Parameters<typeof fetch>) => {
      const response = await fetch(...args);
      seen.push([response.status, response.headers.get('retry-after-ms')]);
      return response;
    }) as typeof fetch;
    expect(await voice.ask('Hello', { maxRetries: 1, fetch: watching })).toBe('Now.');
    // Either the gateway waited in the client's stead, or it told the client how long to wait.
    expect([
      [[200, null]],
      [
        [429, '3'],
        [200, null],
      ],
    ]).toContainEqual(seen);
  });

  holds('tells the client how long to wait when that is long', async () => {
    crossing.upstream.answer(header('retry-after', '120', status(429)));
    const seen: (string | null)[] = [];
    const watching = (async (...args: Parameters<typeof fetch>) => {
      const response = await fetch(...args);
      seen.push(response.headers.get('retry-after'));
      return response;
    }) as typeof fetch;
    await expect(voice.ask('Hello', { fetch: watching })).rejects.toThrow();
    expect(seen).toEqual(['120']);
  });

  for (const [what, fault] of [
    ['breaks off', cutAfter('text 3', reply({ text: LONG_TEXT }))],
    ['tells an error', errorAfter('text 3', { status: 500, message: 'Tripped over.' }, reply({ text: LONG_TEXT }))],
  ] as const) {
    holds(`raises an error when the provider ${what} in the midst of a stream`, async () => {
      crossing.upstream.answer(fault);
      const heard: string[] = [];
      const reading = (async () => {
        for await (const piece of voice.stream('Go')) heard.push(piece);
      })();
      const error = await reading.catch((e: unknown) => e);
      expect(error).toBeInstanceOf(voice.streamError);
      if (what === 'tells an error') expect((error as Error).message).toContain('Tripped over.');
      expect(heard.join('')).not.toBe('');
      expect(LONG_TEXT.startsWith(heard.join(''))).toBe(true);
    });
  }

  if (voice.closesWhenLeft) {
    holds('leaves the provider when the client leaves a stream', async () => {
      crossing.upstream.answer(stallAfter('text 2', reply({ text: LONG_TEXT })));
      const coming = crossing.nextCall();
      for await (const piece of voice.stream('Go')) if (piece !== '') break;
      await crossing.upstream.waitForAbort(await coming);
    });
  }

  holds('leaves the provider when the client aborts a stream', async () => {
    crossing.upstream.answer(stallAfter('text 2', reply({ text: LONG_TEXT })));
    const coming = crossing.nextCall();
    const leaving = new AbortController();
    const reading = (async () => {
      for await (const piece of voice.stream('Go', { signal: leaving.signal })) if (piece !== '') leaving.abort();
    })();
    // Whether an abort of one's own is an error is a matter of each SDK.
    await reading.catch((error: unknown) => expect(error).toBeInstanceOf(voice.abortError));
    await crossing.upstream.waitForAbort(await coming);
  });

  holds('leaves the provider when the client aborts before the answer', async () => {
    crossing.upstream.answer(stallBefore('headers', echo()));
    const leaving = new AbortController();
    const coming = crossing.nextCall();
    const failed = expect(voice.ask('Hello', { signal: leaving.signal })).rejects.toThrow(voice.abortError);
    const call = await coming;
    leaving.abort();
    await failed;
    await crossing.upstream.waitForAbort(call);
  });

  holds('is found under every base URL that people write', async () => {
    for (const base of voice.bases)
      expect(await voice.ask(`at ${base}.`, { base }), `base URL ${base}`).toBe(`at ${base}.`);
  });

  holds('serves fifty streams at once without mixing them', async () => {
    const texts = Array.from({ length: 50 }, (_, index) => `Number ${index}: ${LONG_TEXT.repeat(1 + (index % 4))}`);
    const answers = await Promise.all(texts.map(async (content) => (await collect(voice.stream(content))).join('')));
    expect(answers).toEqual(texts);
  });
}
