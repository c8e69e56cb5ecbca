import { dialects, type Message, type ModelEvent, type ModelRequest, type Usage } from '@xidao/dialects';
import type { Plan, TargetGroup } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Reply } from '../core/reply.ts';
import type { Trail } from '../core/trail.ts';
import { attempt } from '../upstream/attempt.ts';
import { findSeam } from './find-seam.ts';
import { readStream } from './read-stream.ts';
import type { Rooms } from './rooms.ts';
import { ToldSoFar } from './told-so-far.ts';

export interface Resumption {
  plan: Plan;
  prompt: Prompt;
  trail: Trail;
  rooms: Pick<Rooms, 'upstream' | 'usage'>;
}

/** Characters that the second model is asked to repeat, so that the seam can be found. */
const ANCHOR = 80;

/**
 * The events of an answer; where its provider breaks off in the middle of a text, those of another target that goes on with it, with no character lost and none told twice. Where that cannot be
 * had (half a tool call, JSON, sealed reasoning, a model that does not take up the thread), it ends as it would have ended.
 */
export async function* goOnElsewhere(
  reply: Reply,
  events: AsyncIterable<ModelEvent[]>,
  resumption: Resumption,
): AsyncGenerator<ModelEvent[]> {
  const told = new ToldSoFar();
  let failure: { batch?: ModelEvent[]; error?: unknown } = {};
  try {
    for await (const batch of events) {
      if (batch.some(({ type }) => type === 'error')) {
        failure = { batch };
        break;
      }
      told.note(batch);
      yield batch;
    }
  } catch (error) {
    failure = { error };
  }
  if (told.isOver) return;
  const rest = told.canGoOn(resumption.prompt.request()) ? await takeUp(reply, told, resumption) : undefined;
  if (rest !== undefined) {
    yield* rest;
    return;
  }
  if (failure.batch !== undefined) yield failure.batch;
  if (failure.error !== undefined) throw failure.error;
}

/** The rest of the answer, once its first words show that it is one; undefined: nobody could take it up. */
async function takeUp(
  first: Reply,
  told: ToldSoFar,
  { plan, prompt, trail, rooms }: Resumption,
): Promise<AsyncGenerator<ModelEvent[]> | undefined> {
  first.brokeOff?.('it broke off in the middle of a text');
  const anchor = told.text.slice(-ANCHOR);
  const { onContentPolicy: _, onContextOverflow: __, affinity: ___, ...usual } = plan;
  const elsewhere: Plan = { ...usual, groups: without(plan.groups, first), isHedged: false };
  const spent = spentOn(told, prompt);
  try {
    const reply = rooms.usage.meter(
      await attempt(rooms.upstream, elsewhere, askToGoOn(prompt, told.text, anchor), trail),
      trail,
    );
    if (reply.status >= 400 || !reply.streamed) return undefined;
    const batches = readStream(dialects[reply.dialect], reply.body)[Symbol.asyncIterator]();
    const seam = await readToSeam(batches, anchor);
    if (seam === undefined) {
      reply.brokeOff?.('it did not take up the thread');
      await batches.return?.(undefined);
      return undefined;
    }
    return tellRest(batches, seam, { told, spent, reply, trail });
  } catch {
    return undefined;
  }
}

function without(groups: readonly TargetGroup[], { target }: Reply): readonly TargetGroup[] {
  const others = groups.flatMap((group) => {
    const members = group.members.filter((member) => member.target !== target);
    return members.length === 0 ? [] : [{ ...group, members }];
  });
  // Where there is no other, the same one may do better at a second try.
  return others.length === 0 ? groups : others;
}

function askToGoOn(prompt: Prompt, text: string, anchor: string): Prompt {
  const asked = prompt.request();
  const messages: Message[] = [...asked.messages, said('assistant', text), said('user', instruction(anchor))];
  const request: ModelRequest = { ...asked, messages };
  return { ...prompt, request: () => request, isRewritten: true };
}

function said(role: 'assistant' | 'user', text: string): Message {
  return { role, parts: [{ type: 'text', text }] };
}

function instruction(anchor: string): string {
  return `The connection broke in the middle of your answer. Begin by repeating its last characters exactly as they stand between these marks, without the marks: ⟦${anchor}⟧ Then write on from there to the end. Say nothing of the interruption.`;
}

interface Found {
  /** What comes after the seam of what was read so far. */
  rest: string;
  /** Events of the same batch that come after the text. */
  after: ModelEvent[];
}

/** Reads until the seam is found; undefined: there is none, or the model does something else than to write. */
async function readToSeam(batches: AsyncIterator<ModelEvent[]>, anchor: string): Promise<Found | undefined> {
  let heard = '';
  for (;;) {
    const { done, value: batch } = await batches.next();
    if (done === true) return undefined;
    for (const [index, event] of batch.entries()) {
      if (event.type === 'text-delta') heard += event.text;
      else if (!PREAMBLE.has(event.type)) return undefined;
      const seam = findSeam(heard, anchor);
      if (seam.found === 'no') return undefined;
      if (seam.found === 'yes') return { rest: seam.rest, after: batch.slice(index + 1) };
    }
  }
}

/** What may come before the text. */
const PREAMBLE: ReadonlySet<ModelEvent['type']> = new Set([
  'start',
  'usage',
  'text-start',
  'reasoning-start',
  'reasoning-delta',
  'reasoning-end',
]);

interface Thread {
  told: ToldSoFar;
  spent: Usage;
  reply: Reply;
  trail: Trail;
}

/** The rest in the block that is open, with the counts of both answers together. */
async function* tellRest(
  batches: AsyncIterator<ModelEvent[]>,
  { rest, after }: Found,
  thread: Thread,
): AsyncGenerator<ModelEvent[]> {
  const { block, isBlockOpen } = thread.told;
  const beginning: ModelEvent[] = isBlockOpen ? [] : [{ type: 'text-start', choice: 0, block: block + 1 }];
  const place = { choice: 0, block: isBlockOpen ? block : block + 1 };
  if (rest !== '') beginning.push({ type: 'text-delta', ...place, text: rest });
  yield [...beginning, ...adjust(after, place, thread)];
  for (;;) {
    const { done, value } = await batches.next();
    if (done === true) return;
    yield adjust(value, place, thread);
  }
}

function adjust(
  events: ModelEvent[],
  place: { choice: number; block: number },
  { spent, trail }: Thread,
): ModelEvent[] {
  return events.flatMap((event): ModelEvent[] => {
    switch (event.type) {
      case 'text-delta':
      case 'text-end':
        return [{ ...event, ...place }];
      case 'usage': {
        const usage = sum(spent, event.usage);
        trail.told(usage);
        return [{ ...event, usage }];
      }
      case 'finish':
      case 'end':
      case 'error':
        return [event];
      default:
        return [];
    }
  });
}

/** The first provider never told what it counted: about this much it was. */
function spentOn({ text }: ToldSoFar, prompt: Prompt): Usage {
  return { inputTokens: prompt.inputTokens(), outputTokens: Math.ceil(text.length / 4) };
}

function sum(one: Usage, other: Usage): Usage {
  return {
    ...other,
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
  };
}
