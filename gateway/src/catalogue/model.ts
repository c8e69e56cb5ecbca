import type { ScheduledPrice } from './price.ts';

export type Modality = 'text' | 'image' | 'audio' | 'video' | 'pdf' | 'embedding';

/** What is known of one model at one provider. Absent means not known, never no. */
export interface Model {
  /** The provider's own name of it. */
  id: string;
  /** The provider's name: in configuration for a model of the catalogue, of the preset otherwise. */
  provider: string;
  /** For people. */
  title: string;
  /** Other names that mean it. */
  aliases: string[];
  contextWindow?: number;
  maxOutputTokens?: number;
  modalities?: { input: Modality[]; output: Modality[] };
  tools?: boolean;
  reasoning?: boolean;
  /** Answers held to a JSON Schema. */
  structuredOutput?: boolean;
  /** The provider has announced its end. */
  deprecated?: boolean;
  /** YYYY-MM-DD, or YYYY-MM. */
  released?: string;
  /** Empty: unpriced. `priceAt` picks the one in force. */
  prices: ScheduledPrice[];
}
