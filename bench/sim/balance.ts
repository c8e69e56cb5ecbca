import { affinityChoosers, liveWithSessions } from './balance-affinity.ts';
import { contestants, live, OURS, type Scenario, TARGETS } from './balance-scenarios.ts';
import { scenarios } from './balance-table.ts';
import { atLeast, atMost, type Chapter, type Check, type Table } from './chapter.ts';

const SEEDS = [1, 2, 3];
const STICKY = '`latency`, sticky';

/** Which of several targets is asked: strategies against one another, with the gateway's own code for its own. */
export const chapter: Chapter = {
  title: 'Which target is asked',
  run({ quick }) {
    const seeds = quick ? SEEDS.slice(0, 1) : SEEDS;
    const promised = scenarios.filter(({ promise }) => promise !== undefined);
    const checks = [
      ...promised.flatMap((scenario) => checkScenario(scenario, seeds)),
      ...checkSessions(quick ? 600 : 900),
    ];
    return { tables: quick ? [] : [tabulateStrategies(seeds), tabulateSessions()], checks };
  },
};

function checkScenario(scenario: Scenario, seeds: number[]): Check[] {
  const { name, measures, units, promise } = scenario;
  if (promise === undefined) return [];
  const [value] = measure(scenario, OURS, seeds);
  const what = `${name}: ${measures.split(' / ')[0]}`;
  return [
    'atMost' in promise
      ? atMost(what, value!, promise.atMost, units[0]!)
      : atLeast(what, value!, promise.atLeast, units[0]!),
  ];
}

function checkSessions(seconds: number): Check[] {
  const { cached, busiest } = liveWithSessions(affinityChoosers[STICKY]!, 1, seconds);
  return [
    atLeast('Conversations: input tokens that were read before', cached, 88, '%'),
    atMost('Conversations: calls of the busiest target', busiest, 1.1, 'times the mean'),
  ];
}

/** All seeds in one: the calls are counted together. */
function measure(scenario: Scenario, contestant: string, seeds: number[]): number[] {
  return scenario.measure(seeds.flatMap((seed) => live(scenario, contestants[contestant]!, seed)));
}

function tabulateStrategies(seeds: number[]): Table {
  const names = Object.keys(contestants);
  return {
    caption: 'Strategies',
    note:
      `${TARGETS} targets, 40 calls in a second, answers of 10 to 4,000 tokens, one second try. \`latency\` is the gateway's own code; the others live in the simulation only. ` +
      'Least mean of 100 and EWMA stay with one target; where targets have room without end that costs them nothing, and where they have not (the first two rows) everything.',
    columns: ['', 'what is counted', ...names],
    rows: scenarios.map((scenario) => [
      `**${scenario.name}.** ${scenario.about}`,
      scenario.measures,
      ...names.map((name) => showCell(measure(scenario, name, seeds), scenario.units)),
    ]),
  };
}

function tabulateSessions(): Table {
  return {
    caption: 'Conversations',
    note: 'Six targets that keep what they have read for five minutes; 12 apps with system prompts of 1,500 to 2,500 tokens, about 75 conversations under way, of eight turns in the mean. What is read again costs a tenth.',
    columns: ['', 'input read before', 'cost of input', 'busiest, calls', 'most under way, p95', 'first token p95'],
    rows: Object.entries(affinityChoosers).map(([name, chooser]) => {
      const { cached, inputCost, busiest, crowding, ttft } = liveWithSessions(chooser, 1);
      return [
        name,
        `${cached.toFixed(1)} %`,
        `${inputCost.toFixed(0)} %`,
        `${busiest.toFixed(2)} x mean`,
        `${crowding.toFixed(2)} x mean`,
        `${ttft.toFixed(2)} s`,
      ];
    }),
  };
}

function showCell(values: number[], units: string[]): string {
  return values.map((value, index) => `${value.toFixed(value < 10 ? 2 : 1)} ${units[index]}`).join(' / ');
}
