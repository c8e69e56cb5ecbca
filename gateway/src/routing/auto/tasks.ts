/** The kinds of request that are told apart when nobody names one. */
export const TASKS = [
  'code_generation',
  'code_review',
  'creative_writing',
  'data_analysis',
  'translation',
  'math_reasoning',
  'general_qa',
  'summarization',
  'classification',
  'extraction',
  'chat',
  'agent',
  'long_document',
  'multimodal',
] as const;

export type TaskName = (typeof TASKS)[number];

/** A request like nothing that is known. */
export const UNKNOWN = 'unknown';

export const TIERS = ['low', 'medium', 'high', 'max'] as const;

/** What a call may cost for being answered well: `low` looks at the price first, `max` only at quality. */
export type Tier = (typeof TIERS)[number];

/** Other words for a task, as clients and articles use them. Written as `fold` leaves them. */
const ALSO: Record<TaskName, readonly string[]> = {
  code_generation: [
    'code',
    'coding',
    'code_write',
    'code_writing',
    'programming',
    'program',
    'codegen',
    'code_debug',
    'code_debugging',
    'debugging',
    'debug',
    'bug_fix',
    'bug_fixing',
    'software_engineering',
    '代码',
    '代码生成',
    '编程',
    '写代码',
    '调试',
  ],
  code_review: ['review', 'code_explanation', 'code_audit', 'code_analysis', '代码审查', '代码评审', '代码审核'],
  creative_writing: [
    'creative',
    'writing',
    'creation',
    'copywriting',
    'content_creation',
    'story',
    '创意写作',
    '写作',
    '创作',
    '文案',
  ],
  data_analysis: ['analysis', 'data', 'analytics', 'statistics', '数据分析', '分析'],
  translation: ['translate', '翻译'],
  math_reasoning: [
    'math',
    'maths',
    'mathematics',
    'reasoning',
    'reason',
    'logic',
    'logical_reasoning',
    'complex_reasoning',
    'maths_and_reasoning',
    '数学',
    '推理',
    '数学推理',
    '逻辑推理',
  ],
  general_qa: [
    'qa',
    'q_a',
    'question',
    'question_answering',
    'general',
    'simple_qa',
    'factoid',
    'knowledge',
    '问答',
    '通用问答',
    '通用',
  ],
  summarization: ['summary', 'summarise', 'summarize', 'summarisation', 'summarizing', '摘要', '总结', '概括'],
  classification: [
    'classify',
    'labeling',
    'labelling',
    'tagging',
    'sentiment',
    'sentiment_analysis',
    '分类',
    '情感分析',
  ],
  extraction: [
    'extract',
    'data_extraction',
    'information_extraction',
    'structured_extraction',
    'ner',
    'parsing',
    '提取',
    '信息提取',
    '抽取',
  ],
  chat: ['conversation', 'chitchat', 'dialogue', 'daily_chat', '对话', '聊天', '闲聊'],
  agent: ['agentic', 'agent_tool', 'tool', 'tools', 'tool_use', 'function_calling', 'agents', '智能体', '工具调用'],
  long_document: [
    'long_context',
    'long_doc',
    'document_qa',
    'document_analysis',
    'long_document_qa',
    'rag',
    '长文档',
    '文档问答',
  ],
  multimodal: ['vision', 'image', 'image_understanding', 'ocr', 'audio', '多模态', '图像理解', '图片理解'],
};

/** Families under which operators list what is to serve several tasks (`coding`, `reasoning`, `creative`, `general`). */
const FAMILY: Record<TaskName, string> = {
  code_generation: 'coding',
  code_review: 'coding',
  creative_writing: 'creative',
  data_analysis: 'reasoning',
  translation: 'general',
  math_reasoning: 'reasoning',
  general_qa: 'general',
  summarization: 'general',
  classification: 'general',
  extraction: 'general',
  chat: 'general',
  agent: 'general',
  long_document: 'general',
  multimodal: 'general',
};

/** How hard rather than what: named where a task could be, and understood as a tier. */
const TIER_WORDS: Readonly<Record<string, Tier>> = {
  low: 'low',
  economy: 'low',
  simple: 'low',
  cheap: 'low',
  budget: 'low',
  basic: 'low',
  fast: 'low',
  经济: 'low',
  简单: 'low',
  medium: 'medium',
  standard: 'medium',
  balanced: 'medium',
  normal: 'medium',
  标准: 'medium',
  中等: 'medium',
  high: 'high',
  premium: 'high',
  complex: 'high',
  quality: 'high',
  advanced: 'high',
  高级: 'high',
  复杂: 'high',
  max: 'max',
  critical: 'max',
  flagship: 'max',
  best: 'max',
  ultimate: 'max',
  旗舰: 'max',
  关键: 'max',
};

const BY_WORD: ReadonlyMap<string, TaskName> = new Map(
  TASKS.flatMap((task) => [task, ...ALSO[task]].map((word): [string, TaskName] => [word, task])),
);

/** A task's or tier's name without case, spaces and dashes, as `Code Review`, `code-review` and `codeReview` mean one. */
export function fold(word: string): string {
  return word
    .slice(0, 100)
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
}

/** The task that a word means, if it means one. */
export function taskOf(word: string): TaskName | undefined {
  return BY_WORD.get(fold(word));
}

/** The tier that a word means (`premium`, `economy`, `auto:high`'s `high` …), if it means one. */
export function tierOf(word: string): Tier | undefined {
  const folded = fold(word);
  return Object.hasOwn(TIER_WORDS, folded) ? TIER_WORDS[folded] : undefined;
}

/** The tier in `auto:high`; undefined for plain `auto`, and for a tier that is not one. */
export function tierOfModelName(model: string): Tier | undefined {
  return model.startsWith('auto:') ? tierOf(model.slice('auto:'.length)) : undefined;
}

/** Names under which an operator may have spoken of this task, the closest first: itself, words for it, its family. */
export function namesOfTask(task: string): readonly string[] {
  const known = taskOf(task);
  if (known === undefined) return [fold(task)];
  const family = FAMILY[known];
  return [...new Set([fold(task), known, ...ALSO[known], family])];
}

/** One tier up; `max` stays. */
export function tierAbove(tier: Tier): Tier {
  return TIERS[Math.min(TIERS.indexOf(tier) + 1, TIERS.length - 1)]!;
}
