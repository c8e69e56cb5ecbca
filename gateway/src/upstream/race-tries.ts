import type { Clock } from '../core/clock.ts';
import type { Reply } from '../core/reply.ts';
import type { Try } from './try-target.ts';

/** The part of a try that a race needs. */
export type Runner = Pick<Try, 'reply' | 'answer' | 'abandon'> & { noted: Pick<Try['noted'], 'isTheAnswer'> };

/** Waits for a try; if its answer has not begun after `delayMs`, a second one may be started beside it. The first that begins wins, the other is let go. Throws the first one's failure when both fail. */
export async function raceTries(
  first: Runner,
  { delayMs, startSecond, clock }: { delayMs: number; startSecond: () => Runner | undefined; clock: Clock },
): Promise<Reply> {
  let second: Runner | undefined;
  const late = Promise.withResolvers<Reply>();
  const giveUp = () => late.reject(new Error('no second was started'));
  const timer = clock.setTimeout(() => {
    try {
      second = startSecond();
    } catch (error) {
      // Thrown from a timer it would end the process; the first may still answer.
      late.reject(error);
      return;
    }
    if (second === undefined) giveUp();
    else second.reply.then(late.resolve, late.reject);
  }, delayMs);
  // The first decides alone if it is quick, whichever way.
  first.reply.then(
    () => timer.cancel(),
    () => {
      timer.cancel();
      if (second === undefined) giveUp();
    },
  );
  try {
    const reply = await Promise.any([first.reply, late.promise]);
    const winner = first.answer === reply ? first : second!;
    (winner === first ? second : first)?.abandon('another was faster');
    winner.noted.isTheAnswer();
    return reply;
  } catch {
    return await first.reply;
  }
}
