/** What a call wants done. `chat` is every dialect's way of asking a model to answer; the others are told by their OpenAI path. */
export type Operation =
  | 'chat'
  | 'count-tokens'
  | 'completions'
  | 'embeddings'
  /** Gemini's own method for several texts at once. */
  | 'batch-embeddings'
  | 'moderations'
  | 'images/generations'
  | 'images/edits'
  | 'images/variations'
  | 'audio/speech'
  | 'audio/transcriptions'
  | 'audio/translations';
