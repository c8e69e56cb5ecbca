/** What a provider says was used on a day: one line of its invoice or of an export of its usage. */
export interface InvoiceLine {
  /** `2026-11-20`, in UTC. */
  day: string;
  /** As the provider writes it. Absent: the line is not about one model. */
  model?: string;
  /** All input, what came from a cache or went into one included. Absent: the line tells no tokens. */
  inputTokens?: number;
  outputTokens?: number;
  requests?: number;
  /** Integer pico-dollars (1e-12 USD). Absent: the line tells no money. */
  costPico?: bigint;
}

/** What one file tells. */
export interface Invoice {
  /** The format, for people. */
  format: string;
  lines: InvoiceLine[];
  /** The days it is about, in UTC; those without a line too. */
  days: string[];
  /** What each amount is rounded to, in pico-dollars; 0: it is exact. */
  roundedToPico: bigint;
  /** True: it is a page of a longer answer, and others follow. */
  hasMore: boolean;
}

/** A file as far as it can be read without knowing whose it is. */
export type InvoiceFile =
  | { kind: 'csv'; header: readonly string[]; rows: readonly Readonly<Record<string, string>>[] }
  | { kind: 'json'; document: Record<string, unknown> };

/** Reads the exports of one provider. */
export interface InvoiceReader {
  /** Undefined: the file is in none of this provider's formats. Throws InvoiceUnreadable for one that is, and is broken. */
  read(file: InvoiceFile): Invoice | undefined;
  /** What a model's names on both sides have in common: without the date of a snapshot, in one spelling. */
  commonName(model: string): string;
}

/** What is wrong with a file, in one sentence. */
export class InvoiceUnreadable extends Error {}
