/** What a translation could not carry over as it was. Empty lists: nothing was lost. */
export interface Receipt {
  /** Paths of fields that the target has no word for: `logit_bias`, `messages[3].content[1] (audio)`. In the client's own wording. */
  dropped: string[];
  /** Changes of meaning or value: `temperature 1.7→1.0`, `reasoning_effort high→budget_tokens 24576`. */
  changed: string[];
}

export function emptyReceipt(): Receipt {
  return { dropped: [], changed: [] };
}
