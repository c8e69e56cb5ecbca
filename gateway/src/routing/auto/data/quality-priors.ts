/**
 * What is thought of models before anything was seen of them. `measured` rows rest on public leaderboards for code (Aider polyglot, in the
 * models.dev benchmark collection, snapshot 2026-07-02; SWE-bench Verified and the Artificial Analysis coding index from the same) and are
 * carried over to other abilities by judgement; `judged` rows are judgement alone, from general standing in public leaderboards (LMArena
 * text, MMLU-Pro, GPQA) as remembered in mid-2026. They count for little (`weight`) and give way to what a tenant sees.
 */
export const PRIORS_DATED = '2026-07-02';

/** What a model can be more or less good at. */
export const ABILITIES = [
  'code',
  'reasoning',
  'writing',
  'knowledge',
  'language',
  'agent',
  'reading',
  'vision',
] as const;

export type Ability = (typeof ABILITIES)[number];

export interface FamilyPrior {
  /** What the family is called in explanations. */
  family: string;
  /** Found in a model's name in lower case, without its provider. The first row that fits decides. */
  pattern: RegExp;
  /** Expected share of requests answered well, 0 to 1, over all tasks. */
  overall: number;
  /** Where an ability differs from that. */
  differs?: Partial<Record<Ability, number>>;
  source: 'measured' | 'judged';
}

/** As many judged answers as a row of each source counts for. */
export const PRIOR_WEIGHT: Record<FamilyPrior['source'], number> = { measured: 12, judged: 6 };

/** From the smaller to the greater kin, as the names of the great are the beginnings of the small ones' names. */
export const FAMILY_PRIORS: readonly FamilyPrior[] = [
  row('gpt-5 nano', /gpt-5(?:\.\d)?-nano/, 0.62, 'judged', { code: 0.5, writing: 0.58 }),
  row('gpt-5 mini', /gpt-5(?:\.\d)?-mini/, 0.76, 'judged', { code: 0.72, reasoning: 0.78 }),
  row('gpt-5 pro', /gpt-5(?:\.\d)?-pro/, 0.92, 'judged', { reasoning: 0.95 }),
  row('gpt-5 codex', /gpt-5(?:\.\d)?-codex/, 0.83, 'measured', { code: 0.92, agent: 0.9, writing: 0.74 }),
  row('gpt-5.5', /gpt-5[.-]?5/, 0.92, 'measured', { code: 0.94, agent: 0.92 }),
  row('gpt-5.4', /gpt-5\.[234]/, 0.89, 'measured', { code: 0.91, agent: 0.89 }),
  row('gpt-5', /gpt-5/, 0.86, 'measured', { code: 0.88, reasoning: 0.9, writing: 0.82 }),
  row('gpt-4.1 nano', /gpt-4\.1-nano/, 0.5, 'measured', { code: 0.22 }),
  row('gpt-4.1 mini', /gpt-4\.1-mini/, 0.63, 'measured', { code: 0.5 }),
  row('gpt-4.1', /gpt-4\.1/, 0.73, 'measured', { code: 0.68 }),
  row('gpt-4o mini', /gpt-4o-mini/, 0.56, 'measured', { code: 0.3 }),
  row('gpt-4o', /gpt-4o|chatgpt-4o/, 0.69, 'measured', { code: 0.45, writing: 0.74 }),
  row('gpt-4 turbo', /gpt-4-(?:turbo|1106|0125)/, 0.68, 'measured', { code: 0.48 }),
  row('gpt-4', /^gpt-4(?:-0\d{3})?$/, 0.64, 'measured', { code: 0.4 }),
  row('gpt-3.5', /gpt-3\.5/, 0.48, 'measured', { code: 0.28, reasoning: 0.35 }),
  row('gpt-oss small', /gpt-oss-20b/, 0.6, 'judged', { reasoning: 0.66 }),
  row('gpt-oss', /gpt-oss/, 0.68, 'measured', { code: 0.55, reasoning: 0.76 }),
  row('o-series mini', /^o[134]-mini/, 0.72, 'measured', { code: 0.74, reasoning: 0.82, writing: 0.6 }),
  row('o3', /^o3/, 0.83, 'measured', { code: 0.83, reasoning: 0.89, writing: 0.74 }),
  row('o1', /^o1/, 0.75, 'measured', { code: 0.67, reasoning: 0.82, writing: 0.7 }),

  row('claude haiku 3', /claude-3(?:-5)?-haiku|claude-(?:3\.5-)?haiku-3/, 0.56, 'measured', { code: 0.38 }),
  row('claude haiku', /claude.*haiku/, 0.76, 'measured', { code: 0.74, agent: 0.76 }),
  row('claude opus 4.5 and later', /claude-(?:opus-)?4[.-]?[5-9]|claude-opus-[5-9]/, 0.92, 'measured', {
    code: 0.95,
    agent: 0.94,
    writing: 0.92,
  }),
  row('claude sonnet 4.5 and later', /claude-sonnet-(?:4[.-]?[5-9]|[5-9])/, 0.87, 'measured', {
    code: 0.89,
    agent: 0.89,
  }),
  row('claude opus', /claude.*opus/, 0.85, 'measured', { code: 0.84, writing: 0.88, agent: 0.85 }),
  row('claude sonnet 3', /claude-3.*sonnet/, 0.73, 'measured', { code: 0.66, writing: 0.76 }),
  row('claude sonnet', /claude.*sonnet/, 0.8, 'measured', { code: 0.76, agent: 0.82 }),
  row('claude', /claude/, 0.84, 'judged', { code: 0.86, writing: 0.86 }),

  row('gemini flash lite', /gemini.*flash-?lite/, 0.6, 'measured', { code: 0.35, vision: 0.68 }),
  row('gemini 3 flash', /gemini-[3-9].*flash/, 0.81, 'measured', { code: 0.74, vision: 0.86 }),
  row('gemini flash', /gemini.*flash/, 0.71, 'measured', { code: 0.6, vision: 0.78, reading: 0.78 }),
  row('gemini 3 pro', /gemini-[3-9]/, 0.9, 'measured', { code: 0.86, reasoning: 0.93, vision: 0.94, reading: 0.93 }),
  row('gemini pro', /gemini.*(?:pro|ultra)/, 0.85, 'measured', {
    code: 0.83,
    reasoning: 0.87,
    vision: 0.9,
    reading: 0.9,
  }),
  row('gemma', /gemma/, 0.54, 'measured', { code: 0.2, vision: 0.6 }),

  row('deepseek flash', /deepseek.*flash/, 0.79, 'measured', { code: 0.82 }),
  row('deepseek v4', /deepseek-v?[4-9]/, 0.83, 'measured', { code: 0.85, language: 0.85 }),
  row('deepseek reasoner', /deepseek.*(?:reasoner|r1|r2)/, 0.79, 'measured', {
    code: 0.74,
    reasoning: 0.86,
    writing: 0.74,
  }),
  row('deepseek', /deepseek/, 0.75, 'measured', { code: 0.7, language: 0.8 }),

  row('qwen small', /qwen.*(?:^|[-.])(?:[0-9]|14)b\b/, 0.52, 'judged', { language: 0.58 }),
  row('qwen coder', /qwen.*coder/, 0.68, 'measured', { code: 0.76, agent: 0.72 }),
  row('qwen max', /qwen-?3.*max|qwen3\.[5-9]/, 0.81, 'measured', { code: 0.76, language: 0.84 }),
  row('qwen 235b', /qwen.*(?:235b|397b|480b)/, 0.76, 'measured', { code: 0.64, language: 0.82 }),
  row('qwen 32b', /qwen.*(?:27b|30b|32b|35b|72b|plus)/, 0.67, 'measured', { code: 0.5, language: 0.74 }),
  row('qwen', /qwen|qwq/, 0.66, 'judged', { language: 0.75 }),
  row('kimi', /kimi/, 0.8, 'measured', { code: 0.77, agent: 0.8, writing: 0.82 }),
  row('glm air and flash', /glm.*(?:air|flash)/, 0.66, 'measured', { code: 0.58 }),
  row('glm 5', /glm-[5-9]/, 0.82, 'measured', { code: 0.8, agent: 0.8 }),
  row('glm', /glm/, 0.74, 'measured', { code: 0.72, language: 0.78 }),
  row('minimax', /minimax/, 0.74, 'measured', { code: 0.74, agent: 0.75 }),
  row('step', /^step-/, 0.74, 'measured', { code: 0.74 }),
  row('hunyuan', /hunyuan|^hy3/, 0.73, 'judged', { language: 0.78 }),
  row('ernie', /ernie/, 0.7, 'judged', { language: 0.77 }),
  row('doubao', /doubao|seed-/, 0.76, 'judged', { language: 0.82 }),
  row('mimo', /mimo/, 0.77, 'measured', { code: 0.78 }),

  row('grok mini', /grok.*mini/, 0.67, 'measured', { code: 0.55, reasoning: 0.74 }),
  row('grok fast', /grok.*fast/, 0.74, 'judged'),
  row('grok 3', /grok-3/, 0.75, 'measured', { code: 0.62 }),
  row('grok', /grok/, 0.84, 'measured', { code: 0.82, reasoning: 0.88 }),
  row('mixtral 8x7b', /mixtral-8x7b/, 0.5, 'judged', { code: 0.3 }),
  row('mistral large', /mistral-large|mixtral-8x22b/, 0.69, 'measured', { code: 0.5, language: 0.75 }),
  row('mistral medium', /mistral-medium|devstral/, 0.74, 'measured', { code: 0.74 }),
  row('mistral small', /mistral-small|magistral|ministral|codestral/, 0.63, 'measured', { code: 0.52 }),
  row('mistral 7b', /mistral-7b|mistral-nemo/, 0.42, 'judged', { code: 0.22 }),
  row('llama 4', /llama-?4/, 0.65, 'measured', { code: 0.35, vision: 0.68 }),
  row('llama small', /llama.*(?:^|[-.])[1-9]b\b/, 0.45, 'judged', { code: 0.22, reasoning: 0.35 }),
  row('llama 70b', /llama.*(?:70b|405b|90b)|nemotron/, 0.64, 'measured', { code: 0.4 }),
  row('llama', /llama/, 0.55, 'judged', { code: 0.32 }),
  row('command', /command/, 0.6, 'measured', { code: 0.3, language: 0.7, reading: 0.68 }),
  row('sonar', /sonar/, 0.66, 'measured', { code: 0.4, knowledge: 0.78 }),
  row('nova', /nova-(?:lite|micro)/, 0.55, 'judged'),
  row('nova pro', /nova/, 0.66, 'judged'),
  row('phi', /phi-/, 0.54, 'judged', { reasoning: 0.6 }),
  row('jamba', /jamba/, 0.58, 'judged', { reading: 0.66 }),
];

function row(
  family: string,
  pattern: RegExp,
  overall: number,
  source: FamilyPrior['source'],
  differs?: Partial<Record<Ability, number>>,
): FamilyPrior {
  return { family, pattern, overall, source, ...(differs !== undefined && { differs }) };
}
