/** Who is calling, as far as its key tells. */
export interface Caller {
  keyId: string;
  keyName: string;
  team?: string;
  project?: string;
  user?: string;
  tier?: string;
  /** Patterns of models that the key may use; `*` stands for any run of characters. Undefined: every model. */
  models?: readonly string[];
}
