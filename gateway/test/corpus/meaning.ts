import type { ModelError, ModelEvent, Usage } from '@xidao/dialects';

/** What an answer says, whatever dialect says it and however its stream is cut. */
export interface Meaning {
  choices: ChoiceMeaning[];
  usage: Usage | undefined;
  error: Pick<ModelError, 'kind' | 'status' | 'message'> | undefined;
  /** False: it broke off, or nothing told its end. */
  isComplete: boolean;
}

export interface ChoiceMeaning {
  text: string;
  reasoning: string;
  refusal: string;
  /** Arguments that are JSON as a value, so that spaces and the order of keys do not count; others as they are. */
  calls: { name: string; arguments: unknown }[];
  /** Kinds of what it made beside text: images, sounds. */
  media: string[];
  finish: string | undefined;
}

/** Several thoughts are one text in some dialects. */
const BETWEEN_THOUGHTS = '\n\n';

/** Puts the pieces together. */
export function meaningOf(events: Iterable<ModelEvent>): Meaning {
  const choices = new Map<number, ChoiceMeaning>();
  const pieces = new Map<string, string[]>();
  const thinking = new Map<number, number>();
  const meaning: Meaning = { choices: [], usage: undefined, error: undefined, isComplete: false };
  const choiceOf = (index: number) => {
    const known = choices.get(index) ?? emptyChoice();
    choices.set(index, known);
    return known;
  };
  for (const event of events) {
    switch (event.type) {
      case 'text-delta':
        choiceOf(event.choice).text += event.text;
        break;
      case 'reasoning-delta': {
        const choice = choiceOf(event.choice);
        if (choice.reasoning !== '' && event.text !== '' && thinking.get(event.choice) !== event.block)
          choice.reasoning += BETWEEN_THOUGHTS;
        choice.reasoning += event.text;
        if (event.text !== '') thinking.set(event.choice, event.block);
        break;
      }
      case 'refusal-delta':
        choiceOf(event.choice).refusal += event.text;
        break;
      case 'tool-call-start':
        pieces.set(`${event.choice} ${event.block}`, []);
        choiceOf(event.choice).calls.push({ name: event.name, arguments: `${event.choice} ${event.block}` });
        break;
      case 'tool-call-delta':
        pieces.get(`${event.choice} ${event.block}`)?.push(event.arguments);
        break;
      case 'media':
        choiceOf(event.choice).media.push(event.kind);
        break;
      case 'finish':
        choiceOf(event.choice).finish = event.reason;
        break;
      case 'usage':
        meaning.usage = { ...meaning.usage, ...event.usage };
        break;
      case 'error':
        meaning.error = { kind: event.error.kind, status: event.error.status, message: event.error.message };
        break;
      case 'end':
        meaning.isComplete = true;
        break;
      default:
    }
  }
  for (const choice of choices.values()) {
    for (const call of choice.calls) call.arguments = readArguments(pieces.get(String(call.arguments))?.join('') ?? '');
  }
  meaning.choices = [...choices.entries()].sort(([a], [b]) => a - b).map(([, choice]) => choice);
  return meaning;
}

/** Arguments of any shape as a value that can be compared. */
function readArguments(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return sorted(JSON.parse(text));
  } catch {
    return text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function emptyChoice(): ChoiceMeaning {
  return { text: '', reasoning: '', refusal: '', calls: [], media: [], finish: undefined };
}
