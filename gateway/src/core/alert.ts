/** Something that people should hear of, at once and once. */
export interface Alert {
  readonly id: string;
  /** The same happening has the same key, on every node and after every start. */
  readonly key: string;
  readonly kind: string;
  readonly severity: 'info' | 'warning' | 'critical';
  /** One line for people. */
  readonly title: string;
  readonly text: string;
  /** The same for machines; holds no secret. */
  readonly facts: Readonly<Record<string, string | number | null>>;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Names of channels; an address that was given instead is told without what is secret in it. */
  readonly channels: readonly string[];
}

/** What became of an alert on one channel. */
export interface Delivery {
  readonly channel: string;
  readonly state: 'sent' | 'failed';
  readonly attempts: number;
  readonly atMs: number;
  /** Why it failed, in one sentence without secrets. */
  readonly why?: string;
}

export interface KeptAlert extends Alert {
  readonly deliveries: readonly Delivery[];
}

/** The alerts that were raised, the newest so many of them. */
export interface AlertStore {
  /** Keeps an alert. False: one with this key is there already, and nothing is to be done. */
  open(alert: Alert): Promise<boolean>;
  delivered(id: string, delivery: Delivery): Promise<void>;
  /** The newest first; `beforeMs` and `beforeId` are those of the last one of the page before. */
  list(page: { limit: number; before?: { atMs: number; id: string } }): Promise<KeptAlert[]>;
  /** Takes away all but the newest so many. */
  trim(most: number): Promise<void>;
}
