import { InvoiceUnreadable } from './invoice.ts';

const DAY_MS = 86_400_000;

/** The UTC day of a moment: `2026-11-20`. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** The UTC day of a stretch of time. Throws InvoiceUnreadable for one that is in two of them, as nothing can be said of either. */
export function dayOfStretch(fromMs: number, toMs: number): string {
  if (!Number.isFinite(fromMs) || !Number.isFinite(toMs)) throw new InvoiceUnreadable('A line has no time.');
  const day = dayOf(fromMs);
  if (toMs <= fromMs || dayOf(toMs - 1) === day) return day;
  throw new InvoiceUnreadable(
    `A line goes from ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}. Export by the day (UTC).`,
  );
}

/** When a day begins, and the next one. */
export function boundsOf(firstDay: string, lastDay: string): { fromMs: number; toMs: number } {
  return { fromMs: Date.parse(firstDay), toMs: Date.parse(lastDay) + DAY_MS };
}

/** The day so many days later. */
export function dayAfter(day: string, days = 1): string {
  return dayOf(Date.parse(day) + days * DAY_MS);
}
