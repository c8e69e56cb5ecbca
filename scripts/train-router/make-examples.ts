import { SENTENCES } from './sentences.ts';
import { SLOTS } from './slots.ts';

export interface Example {
  label: string;
  text: string;
}

/** Slots may hold slots; a sentence that would go on for ever is cut here. */
const DEEPEST = 4;

/** Written-out examples, the same for the same chance: so many for each sentence, and texts that mean nothing for `unknown`. */
export function makeExamples(random: () => number, perSentence: number, nonsense: number): Example[] {
  const examples: Example[] = [];
  for (const [label, sentences] of Object.entries(SENTENCES)) {
    for (const sentence of sentences) {
      for (let time = 0; time < perSentence; time++)
        examples.push({ label, text: vary(writeOut(sentence, random), random) });
    }
  }
  for (let time = 0; time < nonsense; time++) examples.push({ label: 'unknown', text: nonsenseText(random) });
  return examples;
}

function writeOut(sentence: string, random: () => number, depth = 0): string {
  return sentence.replace(/\{([^{}\n]*)\}/g, (whole, inside: string) => {
    const choices = Object.hasOwn(SLOTS, inside)
      ? SLOTS[inside]!
      : inside.includes('|')
        ? inside.split('|')
        : undefined;
    if (choices === undefined) return whole;
    const chosen = pick(choices, random);
    return depth < DEEPEST ? writeOut(chosen, random, depth + 1) : chosen;
  });
}

/** People write with and without capitals, full stops and greetings. */
function vary(text: string, random: () => number): string {
  let varied = text.trim();
  if (random() < 0.5) varied = varied.charAt(0).toUpperCase() + varied.slice(1);
  if (random() < 0.15) varied = `${pick(['Hi, ', 'Hello! ', 'Hey, ', '你好，'], random)}${varied}`;
  const ending = random();
  if (ending < 0.2) varied = varied.replace(/[?？.。!！]+$/, '');
  else if (ending < 0.35 && /[a-z]$/i.test(varied)) varied += '.';
  return varied;
}

function nonsenseText(random: () => number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const hex = '0123456789abcdef';
  const base64 = `${letters}${letters.toUpperCase()}0123456789+/`;
  const marks = '#@%&*~^|;:,.<>[]{}()-_=+';
  const length = 5 + Math.floor(random() * 60);
  const kinds = [
    () => run(letters, length, random),
    () =>
      Array.from({ length: 2 + Math.floor(random() * 8) }, () =>
        run(letters, 2 + Math.floor(random() * 9), random),
      ).join(' '),
    () => run(hex, length, random),
    () => `${run(base64, length, random)}==`,
    () => run(marks, length, random),
    () =>
      pick(
        ['asdf', 'qwerty', 'jkl;', 'test', 'foo', 'xxx', 'lorem ipsum dolor sit amet', 'ksdjf', '...', '???'],
        random,
      ).repeat(1 + Math.floor(random() * 4)),
    () => Array.from({ length }, () => String.fromCodePoint(0x4e00 + Math.floor(random() * 20_000))).join(''),
    () => Array.from({ length: 3 + Math.floor(random() * 10) }, () => Math.floor(random() * 100_000)).join(' '),
  ];
  return pick(kinds, random)();
}

function run(alphabet: string, length: number, random: () => number): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
}

function pick<T>(choices: readonly T[], random: () => number): T {
  return choices[Math.floor(random() * choices.length)]!;
}
