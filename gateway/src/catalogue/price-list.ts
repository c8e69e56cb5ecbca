import { createHash } from 'node:crypto';
import type { Usage } from '@xidao/dialects';
import { overlayDate } from './overlay.ts';
import { costOf, nextChange, type Price, priceAt, type ScheduledPrice, scalePrice } from './price.ts';
import { matcherOf, type PriceRow, readPriceRow, type WrittenPrice } from './price-rows.ts';
import { bookSource } from './read-prices.ts';
import { serviceTiersDate } from './service-tiers.ts';

/** What a contract takes off or adds; with `team`, what that team is charged. */
export interface WrittenDiscount {
  provider?: string | undefined;
  model?: string | undefined;
  team?: string | undefined;
  percent?: number | undefined;
  multiplier?: number | undefined;
}

/** The prices of a file, as they were last read in one piece. */
export interface PriceFile {
  rows: readonly PriceRow[];
  /** Of its text. */
  digest: string;
  /** YYYY-MM-DD. */
  date: string;
}

/** All prices together, as they hold now: what is written stands before what the catalogue knows. */
export interface PriceList {
  /** `2026-11-20.3f9a1c2e`: the youngest day of its figures, and a digest of everything that it is made of. */
  version(): string;
  /**
   * Prices a provider's models: integer pico-dollars of usage, undefined where no price is known. A model is looked up once; from then on a call costs one map access, until the file
   * changes or a planned price begins.
   */
  pricing(provider: string, listed: (model: string) => readonly ScheduledPrice[]): Pricer;
  /** Integer pico-dollars that the team is charged for this cost; undefined: no rule fits, it is charged what it cost. Absent: there are no such rules. */
  charge?: (
    costPicoUsd: number,
    team: string | undefined,
    at: { provider: string; model: string },
  ) => number | undefined;
}

export type Pricer = (model: string, usage: Usage) => number | undefined;

export interface PriceListDeps {
  overrides?: readonly WrittenPrice[];
  discounts?: readonly WrittenDiscount[];
  /** Prices under `providers.*.models`, each with its provider and model. */
  written?: readonly WrittenPrice[];
  file?: () => PriceFile | undefined;
  nowMs: () => number;
}

interface KnownPrice {
  price: Price | undefined;
  file: PriceFile | undefined;
  /** Milliseconds since 1970 from which on another price may be in force. */
  until: number;
}

/** Clients may name any model of a provider; what they name is not kept without end. */
const MOST_MODELS = 5_000;
const CONFIGURATION = { source: 'configuration', date: '' };

export function createPriceList(deps: PriceListDeps): PriceList {
  const { overrides = [], discounts = [], written = [], file = () => undefined, nowMs } = deps;
  const models = written.map((row) => readPriceRow(row, CONFIGURATION));
  const firsts = overrides.map((row) => readPriceRow(row, CONFIGURATION));
  const rules = discounts.map(readRule);
  const contracts = rules.filter(({ team }) => team === undefined);
  const charges = rules.filter(({ team }) => team !== undefined);
  const versionOf = createVersions({ overrides, discounts, written });

  /** The last one in force counts, so that what is written comes last, and what holds only now and then leaves the rest to those before. */
  function schedule(provider: string, model: string, listed: readonly ScheduledPrice[]): ScheduledPrice[] {
    const own = [...(file()?.rows ?? []), ...models, ...firsts].filter(({ fits }) => fits(provider, model));
    const contract = contracts.find(({ fits }) => fits(provider, model));
    const all = [...listed, ...own.map(({ scheduled }) => scheduled)];
    if (contract === undefined) return all;
    return all.map((one) => ({ ...one, price: scalePrice(one.price, contract.multiplier) }));
  }

  return {
    version: () => versionOf(file()),
    pricing(provider, listed) {
      const known = new Map<string, KnownPrice>();

      function look(model: string): KnownPrice {
        const prices = schedule(provider, model, listed(model));
        const now = nowMs();
        const found = { price: priceAt(prices, now), file: file(), until: nextChange(prices, now) };
        if (known.size >= MOST_MODELS) known.clear();
        known.set(model, found);
        return found;
      }

      return (model, usage) => {
        let found = known.get(model);
        if (found === undefined || found.file !== file() || isOver(found, nowMs)) found = look(model);
        return found.price === undefined ? undefined : costOf(usage, found.price);
      };
    },
    ...(charges.length > 0 && {
      charge(costPicoUsd: number, team: string | undefined, { provider, model }: { provider: string; model: string }) {
        if (team === undefined) return undefined;
        const rule = charges.find((one) => one.team!(team) && one.fits(provider, model));
        return rule && scaleCost(costPicoUsd, rule.multiplier);
      },
    }),
  };
}

/** The clock is asked only where a price ever changes. */
function isOver({ until }: KnownPrice, nowMs: () => number): boolean {
  return until !== Number.POSITIVE_INFINITY && nowMs() >= until;
}

function readRule({ provider = '*', model = '*', team, percent, multiplier }: WrittenDiscount) {
  const [fitsProvider, fitsModel] = [matcherOf(provider), matcherOf(model)];
  return {
    fits: (name: string, of: string) => fitsProvider(name) && fitsModel(of),
    team: team === undefined ? undefined : matcherOf(team),
    multiplier: multiplier ?? (100 - (percent ?? 0)) / 100,
  };
}

const MILLION = 1_000_000;

/** An integer times a number that is taken to the millionth, rounded once: no digit is lost to a float below nine quadrillion. */
function scaleCost(costPicoUsd: number, multiplier: number): number {
  const millionths = Math.round(multiplier * MILLION);
  const rest = costPicoUsd % MILLION;
  return ((costPicoUsd - rest) / MILLION) * millionths + Math.round((rest * millionths) / MILLION);
}

/** Versions by file, worked out once for each. */
function createVersions(settings: unknown): (file: PriceFile | undefined) => string {
  const built = [bookSource.date, overlayDate, serviceTiersDate];
  const base = JSON.stringify([bookSource, overlayDate, serviceTiersDate, settings]);
  let last: { file: PriceFile | undefined; version: string } | undefined;
  return (file) => {
    if (last !== undefined && last.file === file) return last.version;
    const digest = createHash('sha256')
      .update(base)
      .update(file?.digest ?? '')
      .digest('hex');
    const date = [...built, file?.date ?? ''].sort().at(-1)!;
    last = { file, version: `${date}.${digest.slice(0, 8)}` };
    return last.version;
  };
}
