import {
  type Cue,
  choose,
  cutAfter,
  delay,
  type RecordedCall,
  reply,
  resetBeforeHeaders,
  startUpstream,
  status,
} from '@xidao/testkit';
import { type Lot, lotOf, wordsOf } from './lot.ts';

/** The testkit's upstream, and its own count of every call of the soak. */
export interface CountingUpstream extends AsyncDisposable {
  readonly url: string;
  /** Requests that were read in full, by the number of the call. */
  readonly asked: Uint8Array;
  /** Of these, answers that were sent to their last byte with their usage. */
  readonly whole: Uint8Array;
  /** Takes what has ended into the count. */
  tally(): void;
}

const TALLY_EVERY_MS = 250;

export async function startCountingUpstream(calls: number): Promise<CountingUpstream> {
  const asked = new Uint8Array(calls);
  const whole = new Uint8Array(calls);
  let open: { number: number; call: RecordedCall }[] = [];
  const upstream = await startUpstream({
    answer: choose((request) => {
      const number = Number(request.lastUserText.split(' ', 1)[0]);
      const lot = lotOf(number);
      asked[number]! += 1;
      const isFaulty = asked[number] === 1 && lot.fault !== 'none';
      if (!isFaulty) open.push({ number, call: request.call });
      return isFaulty ? faultyCue(lot, number) : cueOf(lot, number);
    }),
  });

  function tally(): void {
    const still: typeof open = [];
    for (const one of open) {
      const { closed } = one.call;
      if (closed === undefined) still.push(one);
      else if (closed.how === 'finished') whole[one.number]! += 1;
    }
    open = still;
    // The testkit remembers every call with its bytes; so many would not fit into memory.
    (upstream.calls as RecordedCall[]).length = 0;
  }
  const timer = setInterval(tally, TALLY_EVERY_MS);

  return {
    url: upstream.url,
    asked,
    whole,
    tally,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await upstream.close();
    },
  };
}

function cueOf({ input, output, pauseMs }: Lot, number: number): Cue {
  const answer = reply({ text: wordsOf(number), chunks: 'words', usage: { input, output } });
  return pauseMs === 0 ? answer : delay(pauseMs, answer);
}

function faultyCue(lot: Lot, number: number): Cue {
  switch (lot.fault) {
    case 'status 503':
      return status(503);
    case 'status 500':
      return status(500);
    case 'reset':
      return resetBeforeHeaders();
    default:
      return cutAfter('text 2', cueOf(lot, number));
  }
}
