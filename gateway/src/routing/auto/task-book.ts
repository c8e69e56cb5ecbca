import type { AutoSettings, TaskRoute } from './settings.ts';
import { fold, namesOfTask, type Tier, taskOf, tierOf } from './tasks.ts';

/** What a client's own word for a task comes to. */
export interface Stated {
  task?: string;
  tier?: Tier;
}

/** The operator's tasks and tiers, found by any name that means them. */
export interface TaskBook {
  /** Undefined: the word means neither a task nor a tier here. */
  read(word: string): Stated | undefined;
  /** The task whose keyword is in the text; the longest keyword wins. */
  byKeyword(text: string): string | undefined;
  routeOf(task: string, difficulty: number): TaskRoute | undefined;
  /** Names of models, the preferred one first. */
  modelsOfRoute(route: TaskRoute): readonly string[];
  modelsOfTier(tier: Tier): readonly string[] | undefined;
  /** Names of providers, the preferred one first. */
  providersOf(task: string): readonly string[] | undefined;
}

/** Words that say how hard a request is, and up to which difficulty they fit, for operators who name tasks by that. */
const BY_DIFFICULTY: readonly (readonly [limit: number, words: readonly string[]])[] = [
  [0.2, ['simple', '简单']],
  [0.45, ['medium', 'standard', '中等']],
  [0.75, ['complex', '复杂']],
  [1, ['critical', '关键']],
];

export function createTaskBook({ tasks, tiers, provider_priority }: AutoSettings): TaskBook {
  const routes = new Map(Object.entries(tasks).map(([name, route]) => [fold(name), { name, route }]));
  const providers = new Map(Object.entries(provider_priority).map(([name, order]) => [fold(name), order]));
  const tierModels = new Map(Object.entries(tiers).map(([name, { models }]) => [fold(name), models]));
  const modelsByTier = new Map<Tier, readonly string[]>();
  for (const [name, { models }] of Object.entries(tiers)) {
    const tier = tierOf(name);
    if (tier !== undefined && !modelsByTier.has(tier)) modelsByTier.set(tier, models);
  }
  const keywords = keywordsOf(tasks);

  function routeByDifficulty(difficulty: number): TaskRoute | undefined {
    const words = BY_DIFFICULTY.find(([limit]) => difficulty <= limit)?.[1] ?? [];
    return firstOf(words, routes)?.route;
  }

  return {
    read(word) {
      const named = routes.get(fold(word))?.name;
      if (named !== undefined) return { task: taskOf(named) ?? named };
      const task = taskOf(word);
      if (task !== undefined) return { task };
      const tier = tierOf(word);
      return tier && { tier };
    },
    byKeyword(text) {
      const lower = text.toLowerCase();
      return keywords.find(({ isIn }) => isIn(lower))?.task;
    },
    routeOf: (task, difficulty) =>
      firstOf(namesOfTask(task), routes)?.route ?? routeByDifficulty(difficulty) ?? routes.get('general')?.route,
    modelsOfRoute({ primary, fallback, tier }) {
      const ofTier = tier === undefined ? [] : (tierModels.get(fold(tier)) ?? []);
      return [...new Set([...(primary === undefined ? [] : [primary]), ...ofTier, ...fallback])];
    },
    modelsOfTier: (tier) => modelsByTier.get(tier) ?? (tier === 'max' ? modelsByTier.get('high') : undefined),
    providersOf: (task) => firstOf([...namesOfTask(task), 'general', 'default'], providers),
  };
}

function firstOf<V>(names: readonly string[], among: ReadonlyMap<string, V>): V | undefined {
  for (const name of names) {
    const found = among.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Keyword {
  task: string;
  length: number;
  isIn(lowerText: string): boolean;
}

function keywordsOf(tasks: AutoSettings['tasks']): Keyword[] {
  return Object.entries(tasks)
    .flatMap(([name, { keywords }]) => keywords.map((word) => keywordOf(taskOf(name) ?? name, word.toLowerCase())))
    .sort((a, b) => b.length - a.length);
}

/** `code` is not in `decode`; Chinese has no spaces to go by. */
function keywordOf(task: string, word: string): Keyword {
  const isLetter = (character: string | undefined) => character !== undefined && /[a-z\d]/.test(character);
  return {
    task,
    length: word.length,
    isIn(text) {
      for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
        const isCutBefore = isLetter(word[0]) && isLetter(text[at - 1]);
        const isCutAfter = isLetter(word.at(-1)) && isLetter(text[at + word.length]);
        if (!isCutBefore && !isCutAfter) return true;
      }
      return false;
    },
  };
}
