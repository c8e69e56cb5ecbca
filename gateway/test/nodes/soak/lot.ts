/** What falls to a call of the soak, by its number alone: client, upstream and reckoning all know it without a word. */
export interface Lot {
  key: string;
  dialect: 'openai-chat' | 'anthropic-messages';
  stream: boolean;
  /** The client hangs up before the end. */
  leaves: boolean;
  /** What the upstream does to its first request for the call. */
  fault: 'none' | 'status 503' | 'status 500' | 'reset' | 'cut';
  /** Milliseconds between the pieces of the answer. */
  pauseMs: number;
  /** What the upstream tells, in tokens. */
  input: number;
  output: number;
}

/** Keys whose limits are wide, so that what they count can be compared with the ledger. */
export const WIDE_KEYS = ['wide-0', 'wide-1', 'wide-2', 'wide-3'] as const;
/** The key whose limit is met. */
export const TIGHT_KEY = 'tight';

/** Pico-dollars a token. */
const INPUT_PRICE = 2_000_000;
const OUTPUT_PRICE = 10_000_000;
export const PRICES = { input: INPUT_PRICE / 1e6, output: OUTPUT_PRICE / 1e6 };
export const MOST_OUTPUT = 8;

export function lotOf(number: number): Lot {
  const random = fromSeed(Math.imul(number, 2_654_435_761));
  const isTight = random() < 0.1;
  const stream = random() < 0.6;
  return {
    key: isTight ? TIGHT_KEY : WIDE_KEYS[number % WIDE_KEYS.length]!,
    dialect: random() < 0.7 ? 'openai-chat' : 'anthropic-messages',
    stream,
    leaves: random() < 0.04,
    fault: faultOf(random(), stream),
    pauseMs: random() < 0.05 ? 4 : 0,
    input: 3 + Math.floor(random() * 5),
    output: 1 + Math.floor(random() * 6),
  };
}

export function costOf({ input, output }: Pick<Lot, 'input' | 'output'>): number {
  return input * INPUT_PRICE + output * OUTPUT_PRICE;
}

/** The answer, which names its call. */
export function wordsOf(number: number): string {
  return `answer ${number} of the soak`;
}

function faultOf(chance: number, stream: boolean): Lot['fault'] {
  if (chance < 0.02) return 'status 503';
  if (chance < 0.03) return 'status 500';
  if (chance < 0.04) return 'reset';
  return chance < 0.05 && stream ? 'cut' : 'none';
}

/** Numbers from 0 to 1, the same each time (mulberry32). */
export function fromSeed(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
