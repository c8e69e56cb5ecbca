import type { DialectName, ModelRequest, Part } from '@xidao/dialects';
import { GatewayError } from '../core/errors.ts';
import type { Member, Plan, TargetGroup } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { ModelFacts, Target } from '../core/target.ts';

/** An estimate of tokens may be too low by so much. */
const ESTIMATE_MARGIN = 1.1;

/** Whether the targets can do different things, as far as is known of them, or speak different dialects. */
export function differInFacts(groups: readonly TargetGroup[]): boolean {
  const kinds = new Set<string>();
  for (const { members } of groups)
    for (const { target } of members) kinds.add(`${target.dialect}${JSON.stringify(target.facts)}`);
  return kinds.size > 1;
}

/**
 * The plan without the targets that are known not to be able to do what is asked: too small a context, no images, no tools. Where none is left the plan stays as it is, so that
 * the provider says in its own words what is too much.
 */
export function fitPlan(plan: Plan, prompt: Prompt): Plan {
  const needs = needsOf(prompt);
  const groups = plan.groups.flatMap((group) => {
    const able = group.members.filter(({ target }) => whyUnfit(target.facts, needs) === undefined);
    const members = preferBound(able, needs);
    if (members.length === group.members.length) return [group];
    return members.length === 0 ? [] : [{ ...group, members }];
  });
  if (groups.length === 0) return plan;
  return { ...plan, groups };
}

/** Sealed reasoning can be read by those who sealed it alone: where one of these is among the members, the others would lose it. */
function preferBound(members: readonly Member[], { boundTo }: Needs): readonly Member[] {
  if (boundTo === undefined) return members;
  const own = members.filter(({ target }) => target.dialect === boundTo);
  return own.length === 0 ? members : own;
}

/** What a call needs of a model. */
export interface Needs {
  inputTokens: number;
  maxTokens: number;
  modalities: ReadonlySet<string>;
  tools: boolean;
  /** The dialect whose providers have sealed reasoning that the conversation holds. */
  boundTo?: DialectName;
}

/** Read from the call's content. What cannot be read needs nothing: the provider will say what is wrong with it. */
export function needsOf(prompt: Prompt): Needs {
  const { operation } = prompt.call;
  if (operation !== 'chat' && operation !== 'completions') return NOTHING;
  try {
    const request = prompt.request();
    return {
      inputTokens: prompt.inputTokens(),
      maxTokens: request.maxOutputTokens ?? 0,
      modalities: modalitiesOf(request),
      tools: request.tools.length > 0,
      ...boundOf(request),
    };
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    return NOTHING;
  }
}

const NOTHING: Needs = { inputTokens: 0, maxTokens: 0, modalities: new Set(), tools: false };

/** Why a model with these facts cannot do it; undefined: it can, or nobody knows. */
export function whyUnfit(facts: ModelFacts, needs: Needs): string | undefined {
  const { contextWindow, inputModalities } = facts;
  if (contextWindow !== undefined && needs.inputTokens * ESTIMATE_MARGIN + needs.maxTokens > contextWindow)
    return `context of ${contextWindow} tokens is too small`;
  if (inputModalities !== undefined)
    for (const modality of needs.modalities)
      if (modality === 'pdf' ? !takesFiles(inputModalities) : !inputModalities.includes(modality))
        return `takes no ${modality}`;
  if (needs.tools && facts.tools === false) return 'calls no tools';
  return undefined;
}

/** Configuration says `file` where the catalogue says `pdf`; a text file can be written into the prompt of any model. */
function takesFiles(modalities: readonly string[]): boolean {
  return modalities.includes('file') || modalities.includes('pdf');
}

/** The last one that sealed something. */
function boundOf({ messages }: ModelRequest): Pick<Needs, 'boundTo'> {
  for (let index = messages.length - 1; index >= 0; index--)
    for (const part of messages[index]!.parts)
      if (part.type === 'reasoning' && part.boundTo !== undefined) return { boundTo: part.boundTo };
  return {};
}

const MODALITY: Partial<Record<Part['type'], string>> = { image: 'image', audio: 'audio', video: 'video', file: 'pdf' };

function modalitiesOf({ messages }: ModelRequest): Set<string> {
  const found = new Set<string>();
  for (const { parts } of messages)
    for (const { type } of parts) {
      const modality = MODALITY[type];
      if (modality !== undefined) found.add(modality);
    }
  return found;
}

/** For people: each target and why it cannot be asked. */
export function listUnfit(groups: readonly TargetGroup[], needs: Needs): { target: Target; why: string }[] {
  return groups.flatMap(({ members }) =>
    members.flatMap(({ target }) => {
      const why = whyUnfit(target.facts, needs);
      return why === undefined ? [] : [{ target, why }];
    }),
  );
}
