/**
 * Token counts of one answer, in one convention for all dialects: `inputTokens` is everything the model read, cached
 * reads and cache writes included; `outputTokens` is everything it wrote, reasoning included. The other counts are
 * parts of those two. Undefined means that the provider did not say; zero means zero.
 */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens?: number;
  /** Written to the prompt cache, every time to live together. */
  cacheWriteTokens?: number;
  /** The part of `cacheWriteTokens` written for one hour. */
  cacheWrite1hTokens?: number;
  reasoningTokens?: number;
  audioInputTokens?: number;
  audioOutputTokens?: number;
  imageInputTokens?: number;
  imageOutputTokens?: number;
  /** Accepted and rejected tokens of OpenAI predicted outputs. */
  acceptedPredictionTokens?: number;
  rejectedPredictionTokens?: number;
  /** Requests to tools that the provider runs and bills (web search). */
  serverToolRequests?: number;
  serviceTier?: string;
}
