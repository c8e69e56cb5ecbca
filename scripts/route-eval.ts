// `npm run route-eval`: how well `auto` tells tasks and chooses models, measured on labelled data that it was not taught with; prints it and writes docs/reference/routing.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import path from 'node:path';
import { dataFolder, readLabelled, readOutcomeSets } from '../bench/route-eval/data-sets.ts';
import { LABELLED_PROMPTS } from '../bench/route-eval/labelled-prompts.ts';
import { measureSpeed } from '../bench/route-eval/measure-speed.ts';
import {
  articleTask,
  measureTasks,
  type TaskAccuracy,
  taskOfDomain,
  taskOfVicuna,
} from '../bench/route-eval/measure-tasks.ts';
import { reportOutcomes } from '../bench/route-eval/report-outcomes.ts';
import { UNSEEN_PROMPTS } from '../bench/route-eval/unseen-prompts.ts';

const page = path.join(import.meta.dirname, '../docs/reference/routing.md');
const corpus = path.resolve(process.env['XIDAO_CORPUS'] ?? path.join(import.meta.dirname, '../../shared/corpus'));
const folder = dataFolder(corpus);

if (folder === undefined) {
  console.log('The labelled data are not there (XIDAO_CORPUS names their folder): nothing to do.');
} else {
  const text = writePage(folder);
  mkdirSync(path.dirname(page), { recursive: true });
  writeFileSync(page, text);
  console.log(text);
}

function writePage(data: string): string {
  const sets = readOutcomeSets(data);
  return `# How well \`auto\` routes

Written by \`npm run route-eval\`. Everything here is measured offline with the gateway's own code (\`gateway/src/routing/auto/\`); no model is asked. The data are for measuring only: no weight that is
shipped was fitted to them. The classifier's weights come from \`npm run train-router\`, which writes out sentences made for the purpose; difficulty is made by hand; what is thought of models beforehand is in
\`gateway/src/routing/auto/data/quality-priors.ts\` with its sources and date.

## Telling the task

| data | prompts | right | called unknown | article's keywords |
| --- | --- | --- | --- | --- |
${taskRows(data).join('\n')}

The first two sets and the mistakes in the fourth were looked at while rules and sentences were written, so they show that nothing has been lost rather than how well it generalises. The prompts of the third were written
when that was done, and nothing was changed to please them: theirs is the figure to expect. Exam questions are out of the ordinary for a gateway; a question of a science counts as right when it is called a question or a calculation.

${mistakes(data)}

## Choosing between models

${sets.length === 0 ? 'No outcomes are there.' : sets.map(reportOutcomes).join('\n\n')}

*Gap recovered* (APGR) is the mean over all shares of strong calls of how much of the way from the weak model's quality to the strong one's is gone; random routing has 0.500. *Difficulty alone* has seen no
outcome of any model. *Learned* is \`fitExemplars\` on four fifths of the prompts, asked about the last; *groups left out* keeps whole subjects from it, and calls the same share of each fold. Figures are means over five ways of dividing, ± their standard
deviation, and carry a sampling error of their own, given in the table (bootstrap). In RouteLLM's published files there are 14,042 such prompts; with the thousand at hand, four fifths of which teach, the learners add nothing to what difficulty knows. How
cautious they are was settled with these outcomes in sight; the signs of difficulty were written before and left as they were.

Other outcomes are measured as soon as they lie in the same folder as \`route_*.jsonl\`: \`{text, bench, weak_correct, strong_correct}\` or \`{question, task, scores: {model: 0..1}, prices: {model: n}}\`.

## Time for a decision

${measureSpeed([...sets.flatMap(({ outcomes }) => outcomes.map(({ text }) => text)), ...LABELLED_PROMPTS.map(([, text]) => text)], sets[0])}

On ${cpus()[0]?.model.trim() ?? arch()}, Node ${process.version}; classifying and deciding among eight candidates, with a session and a key.
`;
}

function taskRows(data: string): string[] {
  const vicuna = readLabelled(data, 'task_vicuna.jsonl');
  const domains = readLabelled(data, 'task_domain_mmlu_categories.jsonl');
  return [
    taskRow('own prompts, English and Chinese', labelled(LABELLED_PROMPTS), same),
    taskRow('Vicuna, 9 categories as tasks', vicuna, taskOfVicuna),
    taskRow('own prompts, unseen', labelled(UNSEEN_PROMPTS), same),
    taskRow('exam questions, 14 domains', domains, taskOfDomain),
  ];
}

function taskRow(
  name: string,
  prompts: readonly { text: string; label: string }[],
  rightFor: (label: string) => readonly string[],
): string {
  if (prompts.length === 0) return `| ${name} | not there | | | |`;
  const { count, right, abstained } = measureTasks(prompts, rightFor);
  const byArticle = prompts.filter(({ text, label }) => rightFor(label).includes(articleTask(text))).length;
  return `| ${name} | ${count} | ${percent(right / count)} | ${abstained} | ${percent(byArticle / count)} |`;
}

function mistakes(data: string): string {
  const told = (name: string, { mistakes }: TaskAccuracy) =>
    mistakes.length === 0
      ? ''
      : `Mistakes, ${name}: ${mistakes
          .slice(0, 12)
          .map(([what, times]) => `${what} (${times})`)
          .join(', ')}.`;
  return [
    told('unseen prompts', measureTasks(labelled(UNSEEN_PROMPTS), same)),
    told('exam questions', measureTasks(readLabelled(data, 'task_domain_mmlu_categories.jsonl'), taskOfDomain)),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function labelled(prompts: readonly (readonly [string, string])[]): { text: string; label: string }[] {
  return prompts.map(([label, text]) => ({ label, text }));
}

function same(label: string): readonly string[] {
  return [label];
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
