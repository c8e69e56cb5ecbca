// Providers as a balancer meets them: they answer after a while, write at a pace, queue, fail, hang and refuse.
import type { Engine } from './engine.ts';
import { drawLogNormal } from './engine.ts';

/** How a backend behaves at a moment. What is absent is healthy. */
export interface Conduct {
  /** Times the usual wait for the first token. */
  ttft?: number;
  /** Times the usual time for each token. */
  pace?: number;
  /** Answers at once; the rest waits in line. */
  slots?: number;
  /** Share of calls that fail, each after `failsAfterMs`. */
  fails?: number;
  /** Takes calls and never says a word. */
  hangs?: boolean;
  /** More calls in a second than this are refused at once. */
  callsPerSecond?: number;
}

export interface SimCall {
  inputTokens: number;
  outputTokens: number;
}

/** `refused`: more was asked than the target's limit allows. */
export type Ending = 'ok' | 'failed' | 'refused';

export interface Answer {
  firstToken(): void;
  ended(ending: Ending): void;
}

export interface Backend {
  /** Gives a way to hang up. */
  ask(call: SimCall, answer: Answer): () => void;
}

const TTFT_MS = 350;
const TTFT_SIGMA = 0.4;
const MS_PER_INPUT_TOKEN = 0.02;
const MS_PER_OUTPUT_TOKEN = 15;
const FAILS_AFTER_MS = 30;

interface Visit {
  call: SimCall;
  answer: Answer;
  isGone: boolean;
}

export function createBackend(engine: Engine, random: () => number, conductAt: (ms: number) => Conduct): Backend {
  const line: Visit[] = [];
  let busy = 0;
  let permits = 0;
  let permitsAt = 0;

  function isRefused({ callsPerSecond }: Conduct): boolean {
    if (callsPerSecond === undefined) return false;
    const now = engine.clock.now();
    permits = Math.min(callsPerSecond, permits + ((now - permitsAt) / 1000) * callsPerSecond);
    permitsAt = now;
    if (permits < 1) return true;
    permits--;
    return false;
  }

  function serve(visit: Visit): void {
    const conduct = conductAt(engine.clock.now());
    busy++;
    const { inputTokens, outputTokens } = visit.call;
    const wait = drawLogNormal(random, TTFT_MS, TTFT_SIGMA) * (conduct.ttft ?? 1) + inputTokens * MS_PER_INPUT_TOKEN;
    engine.after(wait, () => {
      if (visit.isGone) return leave();
      visit.answer.firstToken();
      engine.after(outputTokens * MS_PER_OUTPUT_TOKEN * (conduct.pace ?? 1), () => {
        leave();
        visit.answer.ended('ok');
      });
    });
  }

  function leave(): void {
    busy--;
    const slots = conductAt(engine.clock.now()).slots ?? Number.POSITIVE_INFINITY;
    while (busy < slots) {
      const next = line.shift();
      if (next === undefined) return;
      if (!next.isGone) serve(next);
    }
  }

  return {
    ask(call, answer) {
      const visit: Visit = { call, answer, isGone: false };
      const conduct = conductAt(engine.clock.now());
      const refused = isRefused(conduct);
      if (refused || random() < (conduct.fails ?? 0)) {
        engine.after(FAILS_AFTER_MS, () => {
          if (!visit.isGone) answer.ended(refused ? 'refused' : 'failed');
        });
      } else if (!conduct.hangs) {
        if (busy < (conduct.slots ?? Number.POSITIVE_INFINITY)) serve(visit);
        else line.push(visit);
      }
      return () => {
        visit.isGone = true;
      };
    },
  };
}
