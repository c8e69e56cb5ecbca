import { type DialectName, dialects, type JsonObject, type Usage } from '@xidao/dialects';
import type { Call } from '../core/call.ts';
import type { Reply } from '../core/reply.ts';
import type { Trail } from '../core/trail.ts';
import { estimateInput } from './estimate-input.ts';
import { type EstimatedOutput, estimateOutput, weighAnswer } from './estimate-output.ts';
import { findLastUsage, findServiceTier, readUsage } from './find-usage.ts';
import { createLearned, type Learned } from './learned.ts';
import { SeenEnds } from './seen-ends.ts';
import { watchBody } from './watch-body.ts';

export interface Meter {
  /** The same reply, watched: what it cost is on the trail when its last byte has been read, or at once for a document. */
  meter(reply: Reply, trail: Trail): Reply;
  /** About how many tokens the body of a call is. */
  estimateInput(call: Call): number;
  /** Puts on the trail what the provider did not tell. */
  estimate(usage: Usage, reply: Reply, trail: Trail): void;
}

/** What is read of a document to estimate it. */
const MOST_WEIGHED = 64 * 1024;

/** `learned` is what estimates are corrected by; handed from one meter to the next, it outlives a reload. */
export function createMeter({ learned = createLearned() }: { learned?: Learned } = {}): Meter {
  function measure(usage: Usage, reply: Reply, trail: Trail, answer: () => EstimatedOutput | undefined): void {
    const { target } = reply;
    if (target === undefined) return;
    trail.measured(usage, target.cost(usage));
    learned.maybeLearn(usage, { target, prompt: trail.prompt, answer });
  }

  function estimate(told: Usage | undefined, answer: EstimatedOutput, reply: Reply, trail: Trail): void {
    const { target } = reply;
    const inputTokens = told?.inputTokens || trail.prompt?.inputTokens();
    if (target === undefined || inputTokens === undefined) return;
    const written = learned.correctOutput(target.name, answer);
    const usage = { ...told, inputTokens, outputTokens: Math.max(told?.outputTokens ?? 0, written) };
    trail.estimated(usage, target.cost(usage));
  }

  function noteDocument(whole: Buffer, reply: Reply, trail: Trail): void {
    const told = withTier(
      readUsage(undefined, findLastUsage(whole, reply.dialect), reply.dialect),
      whole,
      reply.dialect,
    );
    const answer = () => weighDocument(whole, reply.dialect);
    if (told !== undefined) return measure(told, reply, trail, answer);
    const weighed = reply.target?.operation === 'chat' ? answer() : undefined;
    if (weighed !== undefined) estimate(undefined, weighed, reply, trail);
  }

  /** A stream that was read to its end has told all that it will; of one that broke off, or whose client left, the rest is estimated. */
  function noteStream(seen: SeenEnds, isWhole: boolean, reply: Reply, trail: Trail): void {
    const told = seen.usage(reply.dialect);
    const answer = () => (seen.isWhole ? estimateOutput(seen.kept(), reply.dialect) : undefined);
    if (told !== undefined && isWhole) return measure(told, reply, trail, answer);
    if (reply.target?.operation !== 'chat') return;
    const written = estimateOutput(seen.kept(), reply.dialect);
    if (told !== undefined && written.isOver) return measure(told, reply, trail, answer);
    estimate(told, written, reply, trail);
  }

  return {
    estimateInput: (call) => learned.correctInput(call.model, estimateInput(call)),
    estimate(usage, reply, trail) {
      trail.estimated(usage, reply.target?.cost(usage));
    },
    meter(reply, trail) {
      if (reply.status >= 400 || reply.target === undefined) return reply;
      if (reply.whole !== undefined) {
        noteDocument(reply.whole, reply, trail);
        return reply;
      }
      if (!reply.streamed) return reply;
      const seen = new SeenEnds();
      const body = watchBody(reply.body, {
        seen,
        ended: (isWhole) => noteStream(seen, isWhole, reply, trail),
        bytesToDrain: () => (isToBeDrained(reply, trail) ? seen.bytesFor(DRAINED_TOKENS, reply.dialect) : 0),
      });
      return { ...reply, body };
    },
  };
}

/** Tokens that are still waited for after the client has left. */
const DRAINED_TOKENS = 4_096;

/** The client has left, and the provider bills the whole answer whether it is read or not: its end tells what it cost. */
function isToBeDrained({ target }: Reply, { prompt }: Trail): boolean {
  return target?.preset.cancelStopsBilling === false && prompt?.call.isGone === true;
}

function withTier(usage: Usage | undefined, bytes: Buffer, dialect: DialectName): Usage | undefined {
  if (usage === undefined || usage.serviceTier !== undefined) return usage;
  const tier = findServiceTier(bytes, dialect);
  if (tier !== undefined) usage.serviceTier = tier;
  return usage;
}

function weighDocument(whole: Buffer, dialect: DialectName): EstimatedOutput | undefined {
  if (whole.length > MOST_WEIGHED || whole[0] !== 0x7b) return undefined;
  try {
    return weighAnswer(dialects[dialect].readDocument(JSON.parse(whole.toString('utf8')) as JsonObject));
  } catch {
    return undefined;
  }
}
