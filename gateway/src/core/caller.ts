/** Who is calling, as far as its key tells. */
export interface Caller {
  keyId: string;
  keyName: string;
  organisation?: string;
  team?: string;
  project?: string;
  user?: string;
  /** What the call says of itself (`x-xidao-tags`), over what its key says. */
  tags?: Readonly<Record<string, string>>;
  /** The conversation that the call belongs to, in the client's words. */
  session?: string;
  tier?: string;
  /** Who waits longest where not all can be served at once. Absent: default. */
  importance?: Importance;
  /** Patterns of models that the key may use; `*` stands for any run of characters. Undefined: every model. */
  models?: readonly string[];
}

export type Importance = 'interactive' | 'default' | 'batch';
