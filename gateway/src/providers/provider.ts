/** What a provider declares about itself. Shared code asks these properties and never a provider's name. */

import type { DialectName, JsonObject, TargetTraits } from '@xidao/dialects';
import type { Operation } from '../core/operation.ts';

export interface Provider {
  /** The name in configuration and in `provider/model`. */
  name: string;
  /** Other names under which people look for it. */
  aliases?: string[];
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
  /** Which of `speaks` some of its models take, the preferred one first; the first pattern that matches decides. Others take all. */
  modelDialects?: { pattern: RegExp; dialects: DialectName[] }[];
  /** Other homes of the same service, chosen by the setting `region` (or `location`): base URLs in place of those of `speaks`. */
  regions?: Record<string, Partial<Record<DialectName, string>>>;
  /** What `{name}` stands for in URLs, paths and queries of its endpoints. */
  settings?: Record<string, Setting>;
  /** Where it tells its models, relative to the endpoint of its first dialect, or a full URL; free to ask. Default `/models`. */
  modelsPath?: string;
  /** What its models cannot do or want otherwise, for all of them. */
  traits?: Partial<TargetTraits>;
  /** The same for some of its models; the first pattern that matches adds to `traits`. */
  modelTraits?: { pattern: RegExp; traits: Partial<TargetTraits> }[];
  /** Its chapters in the price book (`@pydantic/genai-prices`), the first that knows a model deciding. Default: `name`. */
  priceBook?: string | string[];
  /** The known provider whose models it serves under the same names. Default: itself. */
  modelFacts?: string;
  /** True: which models are there only the customer knows (deployments), so the catalogue lists none. */
  listsNoModels?: boolean;
  /** Prices of the prompt cache as multiples of the input price, for models whose price entry has none. */
  cacheRates?: { read?: number; write?: number; write1h?: number };
  /** True: hanging up in mid-stream stops billing. Absent: not known. */
  cancelStopsBilling?: boolean;
  /** Changes a parsed body that the host would refuse. Absent (the usual case): bodies pass unparsed. */
  adaptRequest?: (body: JsonObject, operation: Operation) => AdaptedRequest;
  /** Addresses of media that its models open themselves, where they open no others (`traits.takesMediaUrls` is false). */
  opensMediaAt?: RegExp;
  /** How to sign in without a key, where these settings are given. */
  keyless?: { auth: Auth; settings: Record<string, Setting & { isOptional?: true }> };
  /** The setting that, where it is given, stands for the origin of every base URL, and the one that it makes needless. */
  site?: { setting: string; insteadOf: string };
  /** Where its keys and prices are documented. */
  docs?: string;
}

/** A body as the host takes it, and what was lost on the way, for the receipt. */
export interface AdaptedRequest {
  body: JsonObject;
  dropped?: string[];
}

export interface Setting {
  /** Environment variables that hold it, the usual one first. */
  env: string[];
  default?: string;
  /** For people: `the name of the Azure resource`. */
  about: string;
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
  /** False: it answers no chat, only `operations` (hosts of embeddings). */
  chat?: boolean;
  /** Headers that every request carries. */
  headers?: Record<string, string>;
  /** Query parameters that every request carries (Azure `api-version`). */
  query?: Record<string, string>;
  /**
   * The path of one operation where it differs from the dialect's own; `{model}` stands for the model's name and, in the Gemini
   * dialect, `{method}` for `generateContent`, `streamGenerateContent` and their like.
   */
  paths?: Partial<Record<Operation, string>>;
}

export type Auth =
  | { kind: 'bearer' }
  /** The key alone in a header of this name. */
  | { kind: 'header'; name: string }
  /** AWS Signature Version 4 over each request, by the settings `access_key_id`, `secret_access_key`, `session_token` and `region`. */
  | { kind: 'sigv4'; service: string }
  /** A bearer token that a token endpoint gives for a signed assertion (RFC 7523), by the setting `credentials`: a service account's JSON file or its text. */
  | { kind: 'jwt-grant'; scope: string }
  | { kind: 'none' };

export const bearer: Auth = { kind: 'bearer' };

export function defineProvider(provider: Provider): Provider {
  return provider;
}
