import type { DialectName } from '@xidao/dialects';
import { type Cue, type Exchange, replayUpstream } from '@xidao/testkit';
import { aGateway } from '../a-gateway.ts';
import { compareMeanings, type Difference } from './compare.ts';
import { dialectOfRecording } from './kinds.ts';
import { inRows, loadExchanges, replayProviders } from './recordings.ts';
import { type ClientDialect, clientDialects, type Gate, hearAnswer, meaningBefore } from './translated.ts';

/** What became of one recorded answer on its way to a client of another dialect. */
export interface AnswerFinding {
  exchange: Exchange;
  from: DialectName;
  to: ClientDialect;
  streamed: boolean;
  differences: Difference[];
  /** Of the bytes in which it was told; absent where they cannot be read. */
  print?: string;
}

const ROWS = 12;

/**
 * Every recorded answer, told to clients of each other dialect, streamed and whole, and compared with what it was. `fault` spoils the way from the
 * provider: what it says must not change. `among` tells which of them; all where nothing is said.
 */
export async function surveyAnswers(
  fault?: (cue: Cue) => Cue,
  among: (exchange: Exchange) => boolean = () => true,
): Promise<AnswerFinding[]> {
  const exchanges = loadExchanges().filter(among);
  const upstream = await replayUpstream(exchanges, fault === undefined ? {} : { fault });
  const gateway = await aGateway(replayProviders(upstream));
  const gate = { port: gateway.port, key: gateway.key };
  const findings: AnswerFinding[] = [];
  await inRows(exchanges, ROWS, async (exchange) => {
    const from = dialectOfRecording(exchange);
    if (from === undefined) return;
    for (const to of clientDialects) {
      if (to === from) continue;
      for (const streamed of [false, true]) {
        findings.push({
          exchange,
          from,
          to,
          streamed,
          ...(await findDifferences(exchange, { gate, from, to, streamed })),
        });
      }
    }
  });
  await gateway[Symbol.asyncDispose]();
  await upstream.close();
  return findings;
}

async function findDifferences(
  exchange: Exchange,
  way: { gate: Gate; from: DialectName; to: ClientDialect; streamed: boolean },
): Promise<Pick<AnswerFinding, 'differences' | 'print'>> {
  try {
    const { meaning, print } = await hearAnswer(exchange, way);
    return { differences: compareMeanings(meaningBefore(exchange, way.from), meaning), print };
  } catch (error) {
    return { differences: [{ what: 'cannot be read', before: undefined, after: (error as Error).message }] };
  }
}
