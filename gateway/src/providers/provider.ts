/** What a provider declares about itself. Shared code asks these properties and never a provider's name. */

import type { DialectName, JsonObject, TargetTraits } from '@xidao/dialects';
import type { Operation } from '../core/operation.ts';

export interface Provider {
  /** The name in configuration and in `provider/model`. */
  name: string;
  /** For people: `Google Gemini`. */
  title: string;
  /** Environment variables that hold its key, the usual one first. None: the host needs no key. */
  env: string[];
  /** False: works without any key (Ollama, LM Studio …). Default true. */
  needsKey?: boolean;
  /** How its key travels, unless an endpoint says otherwise. */
  auth: Auth;
  /** The dialects that it speaks, the preferred one first, with where. */
  speaks: Partial<Record<DialectName, Endpoint>>;
  /** Where it tells its models, relative to the endpoint of its first dialect; free to ask. Default `/models`. */
  modelsPath?: string;
  /** What its models cannot do or want otherwise, for all of them. */
  traits?: Partial<TargetTraits>;
  /** The same for some of its models; the first pattern that matches adds to `traits`. */
  modelTraits?: { pattern: RegExp; traits: Partial<TargetTraits> }[];
  /** The id in the price book (`@pydantic/genai-prices`), where it differs from `name`. */
  priceBook?: string;
  /** True: hanging up in mid-stream stops billing. Absent: not known. */
  cancelStopsBilling?: boolean;
  /** Changes a parsed body that the host would refuse. Absent (the usual case): bodies pass unparsed. */
  adaptRequest?: (body: JsonObject, operation: Operation) => JsonObject;
  /** Where its keys and prices are documented. */
  docs?: string;
}

export interface Endpoint {
  /**
   * As the official SDK of that dialect takes it: OpenAI with its version segment, Anthropic and Gemini without. `{name}` stands for
   * a setting that configuration must give (Azure `{resource}`, Vertex `{project}`).
   */
  baseUrl: string;
  auth?: Auth;
  /** What it does besides `chat`. */
  operations?: Operation[];
  /** Headers that every request carries. */
  headers?: Record<string, string>;
  /** Query parameters that every request carries (Azure `api-version`). */
  query?: Record<string, string>;
  /** The path of one operation where it differs from the dialect's own; `{model}` stands for the model's name. */
  paths?: Partial<Record<Operation, string>>;
}

export type Auth =
  | { kind: 'bearer' }
  /** The key alone in a header of this name. */
  | { kind: 'header'; name: string }
  | { kind: 'none' };

export const bearer: Auth = { kind: 'bearer' };

export function defineProvider(provider: Provider): Provider {
  return provider;
}
