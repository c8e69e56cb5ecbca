import { type DialectName, dialects, type ReplyContext } from '@xidao/dialects';
import { bodyOf, type Exchange } from '@xidao/testkit';
import { cutAt, randomCuts } from './cuts.ts';
import { dialectOfRecording } from './kinds.ts';
import { loadExchanges } from './recordings.ts';
import { clientDialects } from './translated.ts';

/** What became of one recorded stream in every dialect when its bytes came in other pieces. */
export interface CutFinding {
  exchange: Exchange;
  from: DialectName;
  /** `every byte`, or the seed of the cuts. */
  way: string;
  /** The client dialects in which it is told in other bytes than when it came whole. */
  differs: DialectName[];
  /** Characters that were told in all of them. */
  length: number;
}

/** A few streams of each dialect, short enough to send byte by byte over the network. */
export function sampleStreams(): Set<string> {
  const short = loadExchanges().filter(
    (exchange) => exchange.stream && exchange.status < 400 && bodyOf(exchange).length < LONGEST_SAMPLE,
  );
  const groups = Object.groupBy(short, (exchange) => `${dialectOfRecording(exchange)} ${exchange.provider}`);
  const samples = Object.values(groups).flatMap((group = []) =>
    group.filter((exchange) => dialectOfRecording(exchange) !== undefined).slice(0, SAMPLES),
  );
  return new Set(samples.map(({ id }) => id));
}

const LONGEST_SAMPLE = 2500;
const SAMPLES = 2;
const EVERY_BYTE = 'every byte';
const ROUNDS = 4;

/** Every recorded stream through its reader and each client dialect's writer: byte by byte, and cut at random several times over. */
export function surveyCuts(): CutFinding[] {
  return loadExchanges()
    .filter(({ stream, status }) => stream && status < 400)
    .flatMap((exchange) => {
      const from = dialectOfRecording(exchange);
      return from === undefined ? [] : surveyStream(exchange, from);
    });
}

function surveyStream(exchange: Exchange, from: DialectName): CutFinding[] {
  const bytes = bodyOf(exchange);
  const whole = tellAll(from, [bytes]);
  const ways = [EVERY_BYTE, ...Array.from({ length: ROUNDS }, (_, round) => `${exchange.id} ${round}`)];
  return ways.map((way) => {
    const cuts =
      way === EVERY_BYTE ? Array.from({ length: bytes.length - 1 }, (_, at) => at + 1) : randomCuts(way, bytes.length);
    const told = tellAll(from, cutAt(bytes, cuts));
    const length = told.join('').length;
    return { exchange, from, way, length, differs: clientDialects.filter((_, index) => told[index] !== whole[index]) };
  });
}

/** The stream in the words of each client dialect. */
function tellAll(from: DialectName, pieces: readonly Uint8Array[]): string[] {
  const reader = dialects[from].createReader();
  const events = [...pieces.flatMap((piece) => reader.push(piece)), ...reader.finish()];
  return clientDialects.map((to) => {
    const writer = dialects[to].createWriter(context);
    return events.map((event) => writer.write(event)).join('') + writer.finish();
  });
}

const context: ReplyContext = { model: 'm', id: 'call_1', nowSeconds: 1_700_000_000, wantsUsage: true };
