import type { Clock } from '../core/clock.ts';
import type { Reply } from '../core/reply.ts';
import type { Try } from './try-target.ts';

/** Waits for a try; if its answer has not begun after `delayMs`, a second one may be started beside it. The first that begins wins, the other is let go. Throws the first one's failure when both fail. */
export async function raceTries(
  first: Try,
  { delayMs, startSecond, clock }: { delayMs: number; startSecond: () => Try | undefined; clock: Clock },
): Promise<Reply> {
  let second: Try | undefined;
  let giveUp = (): void => {};
  const late = new Promise<Reply>((resolve, reject) => {
    giveUp = () => reject(new Error('no second was started'));
    const timer = clock.setTimeout(() => {
      second = startSecond();
      if (second === undefined) giveUp();
      else second.reply.then(resolve, reject);
    }, delayMs);
    // The first decides alone if it is quick, whichever way.
    first.reply.then(
      () => timer.cancel(),
      () => {
        timer.cancel();
        if (second === undefined) giveUp();
      },
    );
  });
  late.catch(() => {});
  try {
    const reply = await Promise.any([first.reply, late]);
    const winner = first.answer === reply ? first : second!;
    (winner === first ? second : first)?.abandon('another was faster');
    winner.noted.isTheAnswer();
    return reply;
  } catch {
    return await first.reply;
  }
}
