/** What the thread that books journals needs to know. */
export interface ImportPlace {
  /** `storage.url`. */
  url: string;
  dataFolder: string;
  /** Where the journal's files lie. */
  folder: string;
  /** Whose journal it is: unlike that of every other node. */
  journal: string;
  /** How often it looks for new lines. */
  everyMs: number;
  /** Files that are booked are kept for so many days. */
  keepDays: number;
}

/** Book what is there now; the last one also closes. */
export interface ImportOrder {
  id: number;
  isLast: boolean;
}

export type ImportNews =
  | { name: 'booked'; calls: number; behindBytes: number }
  | { name: 'failed'; why: string }
  | { name: 'unfit'; file: string; offset: number; why: string }
  | { name: 'done'; order: number };
