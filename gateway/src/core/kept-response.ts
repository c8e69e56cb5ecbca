import type { JsonObject } from '@xidao/dialects';

/** An answer that the gateway keeps for its client, as OpenAI keeps responses: to be read again, and to be gone on from. */
export interface KeptResponse {
  /** `resp_call_…`; by its beginning it is known from a provider's own. */
  id: string;
  /** Only this key may read it. */
  keyId: string;
  /** The response before it, kept here too. */
  previousId?: string;
  /** As the client asked. */
  model: string;
  /** Who answered, by its name in configuration. */
  provider: string;
  createdAtMs: number;
  expiresAtMs: number;
  /** The response object, with the encrypted reasoning that going on needs. */
  response: JsonObject;
  /** The client's `input`, as JSON text. */
  input: string;
}
