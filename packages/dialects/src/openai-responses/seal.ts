/** Reasoning that is bound to another provider, in the `encrypted_content` of the Responses API. */

import type { DialectName } from '../dialect.ts';
import type { ReasoningPart } from '../request.ts';
import { isSealed, type Sealed, unseal } from '../seal.ts';
import { given } from './fields.ts';

export interface Seal extends Sealed {
  boundTo: DialectName;
}

/** Undefined for content that is not ours (then it is the provider's own), and for what nobody can use. */
export function readSeal(encryptedContent: string): Seal | undefined {
  if (!isSealed(encryptedContent)) return undefined;
  const { boundTo, ...content } = unseal(encryptedContent);
  return boundTo === undefined || Object.keys(content).length === 0 ? undefined : { boundTo, ...content };
}

/** The reasoning that a seal holds, as it was before. */
export function unsealed(seal: Seal, id: string | undefined, shownText: string | undefined): ReasoningPart {
  return given<ReasoningPart>({
    type: 'reasoning',
    id,
    text: seal.text ?? shownText,
    signature: seal.signature,
    redacted: seal.redacted,
    encrypted: seal.encrypted,
    boundTo: seal.boundTo,
  });
}
