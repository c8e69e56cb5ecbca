import type { Usage } from '@xidao/dialects';
import type { Catalogue } from './catalogue/catalogue.ts';
import type { Config } from './config/schema.ts';
import { lowerTier } from './core/budget.ts';
import { GatewayError } from './core/errors.ts';
import type { Member } from './core/plan.ts';
import type { Prompt } from './core/prompt.ts';
import type { Furniture } from './furniture.ts';
import { isServed } from './name-book.ts';
import type { AskedClassifier } from './routing/auto/ask-classifier.ts';
import type { AutoRouter } from './routing/auto/auto-router.ts';
import type { Candidate } from './routing/auto/candidate.ts';
import { readSignals } from './routing/auto/signals.ts';
import type { TaskSignals } from './routing/auto/task-signals.ts';
import { tierOf, tierOfModelName } from './routing/auto/tasks.ts';
import type { RoutingDeps } from './routing/choose-plan.ts';
import type { Guidance, SlowGuide } from './routing/guide.ts';
import { mayUse } from './routing/permits.ts';
import { candidatesOf, type NameBook, resolveModel } from './routing/resolve-model.ts';
import type { ServingProvider } from './upstream/serving-provider.ts';

export interface AutoGuideDeps {
  config: Config;
  providers: readonly ServingProvider[];
  catalogue: Catalogue;
  book: NameBook;
  membersOf: RoutingDeps['membersOf'];
  fleet: Furniture['fleet'];
  router: AutoRouter;
  /** The small model that is asked where words leave a task open; undefined: nobody is. */
  classifier: AskedClassifier | undefined;
}

/** A model that `auto` may choose, before a call says who is calling and what for. */
interface Choice {
  name: string;
  /** All that the name stands for, for keys that may not use every model. */
  places: ReturnType<typeof candidatesOf>;
  member: Member;
}

/** Without a list of its own `auto` looks at so many models of the catalogue at most, the newest of each provider. */
const MOST_OF_PROVIDER = 8;
const MOST_CHOICES = 40;

/** `model: "auto"` as a guide: what kind of call it is, which models could answer, and which of them should. */
export function createAutoGuide(deps: AutoGuideDeps): { auto: SlowGuide; taskOf(prompt: Prompt): string | undefined } {
  const { router, classifier, config } = deps;
  let choices: Choice[] | undefined;

  function listChoices(): Choice[] {
    choices ??= namesToChoose(deps)
      .filter((name) => isServed(name, deps.book))
      .flatMap((name): Choice[] => {
        const places = candidatesOf(resolveModel(name, deps.book));
        const member = firstMember(places[0], deps);
        return member === undefined ? [] : [{ name, places, member }];
      });
    return choices;
  }

  function candidatesFor({ caller }: Prompt): Candidate[] {
    const { fleet } = deps;
    return listChoices()
      .filter(({ name, places }) => caller.models === undefined || mayUse(caller.models, name, places))
      .map(({ name, member: { target } }) => {
        const firstTokenMs = fleet.balancer.standing(target.name)?.stream.slowMs;
        return {
          name,
          provider: target.provider,
          facts: target.facts,
          isHealthy: fleet.breakers.mayTry(target.name),
          cost: (usage: Usage) => target.cost(usage),
          ...(firstTokenMs !== undefined && { expectedFirstTokenMs: firstTokenMs }),
        };
      });
  }

  function decide(prompt: Prompt, signals: TaskSignals): Guidance {
    const { call, caller } = prompt;
    const decided = router.decide(signals, candidatesFor(prompt), {
      tier: lowerTier(tierOfModelName(call.model) ?? readTier(call.headers['x-xidao-tier']), caller.costTier),
      session: caller.session === undefined ? undefined : `${caller.keyId}\n${caller.session}`,
      key: caller.keyId,
    });
    if (decided.names.length > 0) return decided;
    const why = decided.decision.candidates
      .slice(0, 5)
      .map(({ name, excluded }) => `${name}: ${excluded ?? 'not chosen'}`)
      .join('; ');
    throw new GatewayError(
      'operation_not_supported',
      `No model that "auto" may choose can answer this call (${why || 'there is none'}). Name a model, or list more under routing.auto.models.`,
      { param: 'model' },
    );
  }

  function classify(prompt: Prompt): TaskSignals {
    const source = readSignals(prompt.request(), prompt.inputTokens());
    return router.classify(source, { task: statedTask(prompt), verdict: classifier?.recall(source.text) });
  }

  return {
    taskOf: (prompt) => classify(prompt).task,
    auto(prompt) {
      const signals = classify(prompt);
      const below = config.routing.auto.classifier?.below_confidence ?? 0;
      if (classifier === undefined || signals.by !== 'words' || signals.confidence >= below)
        return decide(prompt, signals);
      return classifier
        .ask(signals.source.text)
        .then((verdict) =>
          decide(prompt, verdict === undefined ? signals : router.classify(signals.source, { verdict })),
        );
    },
  };
}

/** The task as its client names it: header first, then the field of the body. */
function statedTask({ call }: Prompt): string | undefined {
  const header = call.headers['x-xidao-task'];
  if (typeof header === 'string' && header !== '') return header;
  const field = call.body?.values['task_type'];
  if (field === undefined) return undefined;
  const written: unknown = JSON.parse(call.bytes.toString('utf8', field.from, field.to));
  return typeof written === 'string' ? written : undefined;
}

function readTier(header: string | string[] | undefined) {
  return typeof header === 'string' ? tierOf(header) : undefined;
}

/** What may be chosen: the written list; else the models of tasks and tiers; else every name under `models:`; else the newest models that are served. */
function namesToChoose({ config, book, catalogue, providers }: AutoGuideDeps): string[] {
  const { auto, tasks, tiers } = config.routing;
  const named =
    auto.models.length > 0
      ? auto.models
      : [
          ...Object.values(tasks).flatMap(({ primary, fallback }) => [
            ...(primary === undefined ? [] : [primary]),
            ...fallback,
          ]),
          ...Object.values(tiers).flatMap(({ models }) => models),
          ...(auto.default_model === undefined ? [] : [auto.default_model]),
        ];
  const known = [...new Set(named)].filter((name) => isServed(name, book));
  if (known.length > 0) return known;
  const own = Object.keys(config.models).filter((name) => name !== '*');
  return own.length > 0 ? own : newestOf(providers, catalogue);
}

function newestOf(providers: readonly ServingProvider[], catalogue: Catalogue): string[] {
  return providers
    .flatMap(({ name }) =>
      catalogue
        .modelsOf(name)
        .filter(({ prices, deprecated, modalities }) => prices.length > 0 && deprecated !== true && writes(modalities))
        .sort((one, other) => (other.released ?? '').localeCompare(one.released ?? ''))
        .slice(0, MOST_OF_PROVIDER)
        .map(({ id }) => `${name}/${id}`),
    )
    .slice(0, MOST_CHOICES);
}

function writes(modalities: { output: readonly string[] } | undefined): boolean {
  return modalities === undefined || modalities.output.includes('text');
}

function firstMember(place: Choice['places'][number] | undefined, { membersOf }: AutoGuideDeps): Member | undefined {
  try {
    return place && membersOf(place, { dialect: 'openai-chat', operation: 'chat' })[0];
  } catch {
    // Without a key it is no choice.
    return undefined;
  }
}
