import type { Usage } from '@xidao/dialects';
import type { ModelFacts } from '../../core/target.ts';

/** A model that could be asked. */
export interface Candidate {
  /** As a client could name it. */
  readonly name: string;
  /** The provider's name in configuration. */
  readonly provider: string;
  /** Absent means not known, never no. */
  readonly facts: ModelFacts;
  /** False: the provider is failing, or out of quota. It is asked only when no other is left. */
  readonly isHealthy: boolean;
  /** Integer pico-dollars at the prices of now; undefined where no price is known. */
  cost(usage: Usage): number | undefined;
  /** Milliseconds, as measured of late. */
  readonly expectedFirstTokenMs?: number;
}
