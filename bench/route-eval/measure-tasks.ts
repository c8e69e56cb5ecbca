import { signalsOfText } from '../../gateway/src/routing/auto/signals.ts';
import { UNKNOWN } from '../../gateway/src/routing/auto/tasks.ts';
import { classifyTask } from '../../gateway/src/routing/auto/text/classify-task.ts';
import { shippedTaskWeights } from '../../gateway/src/routing/auto/text/task-weights.ts';

export interface TaskAccuracy {
  count: number;
  right: number;
  /** Called unknown though they are not: the default answers. */
  abstained: number;
  /** `label -> task`, how often, the most frequent first. */
  mistakes: [string, number][];
}

const weights = shippedTaskWeights();

/** How often the classifier says one of the tasks that are right for the label. */
export function measureTasks(
  prompts: readonly { text: string; label: string }[],
  rightFor: (label: string) => readonly string[],
): TaskAccuracy {
  const mistakes = new Map<string, number>();
  let right = 0;
  let abstained = 0;
  for (const { text, label } of prompts) {
    const { task } = classifyTask(signalsOfText(text), weights());
    if (rightFor(label).includes(task)) {
      right++;
      continue;
    }
    if (task === UNKNOWN) abstained++;
    const mistake = `${label} → ${task}`;
    mistakes.set(mistake, (mistakes.get(mistake) ?? 0) + 1);
  }
  return { count: prompts.length, right, abstained, mistakes: [...mistakes].sort(([, a], [, b]) => b - a) };
}

/** Categories of Vicuna's questions as tasks. */
export function taskOfVicuna(label: string): readonly string[] {
  switch (label) {
    case 'coding':
      return ['code_generation'];
    case 'math':
    case 'fermi':
      return ['math_reasoning'];
    case 'writing':
    case 'roleplay':
      return ['creative_writing'];
    default:
      return ['general_qa'];
  }
}

const RECKONS = new Set([
  'math',
  'physics',
  'chemistry',
  'engineering',
  'economics',
  'business',
  'computer science',
  'biology',
  'health',
  'other',
]);

/** Domains of exam questions: mathematics is reasoning; in the sciences a question may be either; elsewhere it is a question. */
export function taskOfDomain(label: string): readonly string[] {
  if (label === 'math') return ['math_reasoning'];
  return RECKONS.has(label) ? ['general_qa', 'math_reasoning'] : ['general_qa'];
}

/** The keyword classifier of the articles, for comparison: the first list with a word in the text. */
export function articleTask(text: string): string {
  const lower = text.toLowerCase();
  return ARTICLE.find(([, words]) => words.some((word) => lower.includes(word)))?.[0] ?? 'creative_writing';
}

const ARTICLE: readonly (readonly [string, readonly string[]])[] = [
  ['code_generation', ['code', 'function', 'bug', 'implement', 'program']],
  ['summarization', ['summary', 'summarize', 'overview', 'extract']],
  ['creative_writing', ['write', 'create', 'story', 'copy']],
  ['data_analysis', ['analyze', 'data', 'statistics', 'trend']],
  ['translation', ['translate', '翻译']],
];
