import { isDeepStrictEqual } from 'node:util';
import type { DialectName, Receipt } from '@xidao/dialects';
import type { Difference } from './compare.ts';
import type { RequestItem, RequestMeaning } from './request-meaning.ts';
import { requestRules } from './request-rules.ts';

/** The way of a request: what its client was told of the translation, and from where to where it went. */
export interface RequestWay {
  from: DialectName;
  to: DialectName;
  receipt: Receipt;
}

/** Everything in which a request means something else to its provider, each with the line of the receipt or the reason that explains it. */
export function compareRequests(asked: RequestMeaning, told: RequestMeaning, way: RequestWay): Difference[] {
  const differences = [
    ...compareInstructions(asked, told),
    ...compareItems(asked.items, told.items),
    ...compareTools(asked, told),
    ...compareSettings(asked, told),
  ];
  return differences.map((difference) => {
    const because = explain(difference, way, { asked, told });
    return because === undefined ? difference : { ...difference, because };
  });
}

function explain(
  difference: Difference,
  way: RequestWay,
  meanings: { asked: RequestMeaning; told: RequestMeaning },
): string | undefined {
  const rule = requestRules.find(({ explains }) => explains(difference, way, meanings));
  return rule?.because;
}

function compareInstructions(asked: RequestMeaning, told: RequestMeaning): Difference[] {
  return [
    ...(asked.system === told.system ? [] : [{ what: 'instructions', before: asked.system, after: told.system }]),
    ...(asked.hasLateSystem === told.hasLateSystem
      ? []
      : [{ what: 'late instructions', before: asked.hasLateSystem, after: told.hasLateSystem }]),
  ];
}

/** What was lost, what was added, and whether the rest comes in the same order, with the same words between. */
function compareItems(asked: RequestItem[], told: RequestItem[]): Difference[] {
  const lost = without(asked.filter(isThing), told.filter(isThing));
  const added = without(told.filter(isThing), asked.filter(isThing));
  const [before, after] = [inOrder(without(asked, lost)), inOrder(without(told, added))];
  return [
    ...lost.map((item) => ({ what: `${item.what} of the ${item.who} lost`, before: item.says, after: undefined })),
    ...added.map((item) => ({ what: `${item.what} of the ${item.who} added`, before: undefined, after: item.says })),
    ...(isDeepStrictEqual(before, after) ? [] : [firstOther(before, after)]),
  ];
}

function isThing({ what }: RequestItem): boolean {
  return what !== 'text';
}

/** The items of the first list that the second has not, each counted as often as it occurs. */
function without(items: RequestItem[], others: RequestItem[]): RequestItem[] {
  const rest = others.map(keyOf);
  return items.filter((item) => {
    const at = rest.indexOf(keyOf(item));
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
}

function keyOf({ who, what, says }: RequestItem): string {
  return `${who} ${what} ${says}`;
}

/** One line for each thing and each run of words: how texts are cut into parts and messages says nothing. */
function inOrder(items: RequestItem[]): string[] {
  const lines: string[] = [];
  let speaker = '';
  for (const item of items) {
    const goesOn = item.what === 'text' && speaker === item.who;
    if (goesOn) lines[lines.length - 1] += item.says;
    else lines.push(keyOf(item));
    speaker = item.what === 'text' ? item.who : '';
  }
  return lines;
}

function firstOther(before: string[], after: string[]): Difference {
  const at = before.findIndex((line, index) => line !== after[index]);
  const from = at === -1 ? before.length : at;
  return { what: 'conversation', before: before[from], after: after[from] };
}

function compareTools(asked: RequestMeaning, told: RequestMeaning): Difference[] {
  const names = new Set([...asked.tools.keys(), ...told.tools.keys()]);
  return [...names].flatMap((name): Difference[] => {
    const [was, is] = [asked.tools.get(name), told.tools.get(name)];
    if (was === undefined || is === undefined)
      return [{ what: was === undefined ? 'tool added' : 'tool lost', before: was && name, after: is && name }];
    return (['type', 'description', 'schema', 'strict'] as const).flatMap((what) =>
      isDeepStrictEqual(was[what], is[what]) ? [] : [{ what: `tool ${what}`, before: was[what], after: is[what] }],
    );
  });
}

function compareSettings(asked: RequestMeaning, told: RequestMeaning): Difference[] {
  const names = new Set([...Object.keys(asked.settings), ...Object.keys(told.settings)]);
  return [...names].flatMap((what) => {
    const [before, after] = [asked.settings[what], told.settings[what]];
    return isDeepStrictEqual(before, after) ? [] : [{ what, before, after }];
  });
}
