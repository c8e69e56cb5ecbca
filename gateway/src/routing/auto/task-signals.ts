import { difficultyOf } from './difficulty.ts';
import type { SignalSource } from './signals.ts';
import type { TaskBook } from './task-book.ts';
import { type Tier, UNKNOWN } from './tasks.ts';
import { classifyTask } from './text/classify-task.ts';
import { type Language, languageOf } from './text/language.ts';
import type { TaskWeights } from './text/task-weights.ts';

/** What is known of a request before any model is considered. */
export interface TaskSignals {
  /** One of `TASKS`, a task of the operator's own, or `unknown`. */
  task: string;
  /** 0 to 1. */
  confidence: number;
  /** Who said so: the client, one of the operator's keywords, a small model, or the words of the prompt. */
  by: 'client' | 'keyword' | 'model' | 'words';
  /** 0 to 1. */
  difficulty: number;
  language: Language;
  /** The tier that the client's word for the task stood for (`simple`, `critical` …). */
  tier?: Tier;
  source: SignalSource;
}

const BY_KEYWORD = 0.95;
const BY_MODEL = 0.9;

/** Words told by others: the client's own name for the task (`task_type`, `x-xidao-task`), and a small model's verdict. */
export interface Hints {
  task?: string | undefined;
  verdict?: string | undefined;
}

/** Told outright, by keyword, by a small model, or from the words of the prompt, in this order. */
export function readTaskSignals(
  source: SignalSource,
  hints: Hints,
  { book, weights }: { book: TaskBook; weights(): TaskWeights },
): TaskSignals {
  const stated = hints.task === undefined ? undefined : book.read(hints.task);
  const rest = {
    difficulty: difficultyOf(source),
    language: languageOf(source.text),
    ...(stated?.tier !== undefined && { tier: stated.tier }),
    source,
  };
  if (stated?.task !== undefined) return { ...rest, task: stated.task, confidence: 1, by: 'client' };
  const byKeyword = book.byKeyword(source.text);
  if (byKeyword !== undefined) return { ...rest, task: byKeyword, confidence: BY_KEYWORD, by: 'keyword' };
  const guess = classifyTask(source, weights());
  // What the facts show (an image, a tool's result) needs nobody's opinion.
  if (hints.verdict !== undefined && hints.verdict !== UNKNOWN && guess.confidence < 1) {
    return { ...rest, task: hints.verdict, confidence: BY_MODEL, by: 'model' };
  }
  return { ...rest, ...guess, by: 'words' };
}
