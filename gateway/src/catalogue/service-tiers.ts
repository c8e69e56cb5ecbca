/**
 * What providers charge in their service tiers, as multiples of their usual price: the price book tells only the usual one. The words are those that the provider's answers tell
 * (`service_tier` and its like); batch is told by nobody and set by whoever sends the batch. The pages that each entry names are where to check
 * them: read in a public source were Gemini's batch and flex and the range of its priority, and the priority of GPT-5 and GPT-5.4; the others are written down as they are remembered. Configuration (`prices.overrides`) goes before all of them.
 */

interface ServiceTierRule {
  /** The models for which it holds; the first rule that fits counts. Absent: all. */
  pattern?: RegExp;
  tiers: Record<string, number>;
}

/** The day on which the figures were written down. */
export const serviceTiersDate = '2026-11-20';

const half = { batch: 0.5, flex: 0.5 };

/** By the provider's name. */
const rules: Record<string, ServiceTierRule[]> = {
  // https://developers.openai.com/api/docs/pricing: flex costs what batch costs; what priority adds differs by model.
  openai: [
    { pattern: /^gpt-5(\.\d+)?-mini/, tiers: { ...half, priority: 1.8 } },
    { pattern: /^gpt-4o-mini/, tiers: { ...half, priority: 5 / 3 } },
    { pattern: /^gpt-4o/, tiers: { ...half, priority: 1.7 } },
    { pattern: /^gpt-4\.1-nano/, tiers: { ...half, priority: 2 } },
    { pattern: /^(gpt-4\.1|o3)/, tiers: { ...half, priority: 1.75 } },
    { pattern: /^o4-mini/, tiers: { ...half, priority: 20 / 11 } },
    { tiers: { ...half, priority: 2 } },
  ],
  // https://docs.claude.com/en/docs/about-claude/pricing: what priority costs is in each customer's own contract.
  anthropic: [{ tiers: { batch: 0.5 } }],
  // https://ai.google.dev/gemini-api/docs/optimization: flex and batch half, priority 75 to 100 % more, 80 % on the models listed.
  gemini: [{ tiers: { ...half, priority: 1.8 } }],
  // https://aws.amazon.com/bedrock/pricing: flex and batch half, priority 75 % more.
  bedrock: [{ tiers: { ...half, priority: 1.75 } }],
  // https://console.groq.com/docs/batch; its flex tier costs the usual price.
  groq: [{ tiers: { batch: 0.5 } }],
  // https://docs.mistral.ai/capabilities/batch
  mistral: [{ tiers: { batch: 0.5 } }],
};

/** The multiples for one model of a provider; undefined: every tier costs the same. */
export function serviceTiersOf(provider: string, model: string): Record<string, number> | undefined {
  const own = Object.hasOwn(rules, provider) ? rules[provider]! : [];
  return own.find(({ pattern }) => pattern === undefined || pattern.test(model))?.tiers;
}
