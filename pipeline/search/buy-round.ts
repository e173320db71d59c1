/**
 * A round of a search with proxies of several costs: what its number of trials of the search's own proxy would cost is spent on
 * trials of all of them.
 */
import type { Random } from "../math/random.ts";
import { mixtureKey } from "../mixture/key.ts";
import { acquisitionCandidates, type CandidateOptions } from "./candidates.ts";
import { buyByCost, priceOf } from "./buy-by-cost.ts";
import { guardLimits, guardProbability } from "./guards.ts";
import { isInformed, type MeasuredTrial, type Mixture, type SearchState } from "./proposer.ts";

/** Cheaper trials than the search's own, which cost 1. */
export interface CheaperTier {
  readonly cost: number;
  readonly trials: readonly MeasuredTrial[];
}

export interface Purse {
  /** The dearest first. */
  readonly cheaper: readonly CheaperTier[];
  /** In trials of the search's own proxy. */
  readonly money: number;
  /** The last round is all its own: the answer should be of mixtures that it has measured. */
  readonly isLast: boolean;
}

/** Trials of one round at the most, as a multiple of the money: a fit's cost grows with their cube. */
const mostTrialsPerMoney = 4;

/**
 * By tier, the search's own first and then `cheaper`, the mixtures that it should measure; what a tier measures, every cheaper
 * one measures too.
 *
 * @param draw the first mixtures, of which half of the money pays for the search's own trials
 */
export function buyRound(
  state: SearchState,
  { cheaper, money, isLast }: Purse,
  options: CandidateOptions,
  draw: (count: number) => Mixture[],
  random: Random,
): Mixture[][] {
  const costs = [1, ...cheaper.map(({ cost }) => cost)];
  if (!isInformed(state)) return firstRound(state.pending, costs, money, draw);
  const { predictor, space, targets, guards } = state;
  const depthOf = new Map<string, number>();
  const all: MeasuredTrial[] = [];
  for (const [depth, trials] of [state.trials, ...cheaper.map((tier) => tier.trials)].entries()) {
    for (const trial of trials) {
      const key = mixtureKey(trial.weights);
      if (depthOf.has(key)) continue;
      depthOf.set(key, depth);
      all.push(trial);
    }
  }
  const promotable = all.slice(state.trials.length).map(({ weights }) => Float64Array.from(weights));
  const limits = guardLimits(predictor.model, targets, guards, space.natural);
  const bought = buyByCost({
    model: predictor.model,
    measured: (isLast ? state.trials : all).map(({ weights }) => weights),
    candidates: [...acquisitionCandidates({ ...state, trials: all }, options, random), ...promotable],
    costs,
    depthOf,
    purse: money,
    dearOnly: isLast,
    mostTrials: Math.ceil(mostTrialsPerMoney * money),
    probability: guards.length === 0 ? undefined : (rows) => guardProbability(limits, rows, space.domains),
  });
  return costs.map((_, tier) =>
    distinct(
      bought
        .filter(
          ({ mixture, depth }) => depth <= tier && (depthOf.get(mixtureKey(mixture)) ?? Infinity) > tier,
        )
        .map(({ mixture }) => mixture),
    ),
  );
}

/** Half of the money for trials of the search's own proxy, the rest for the cheaper ones, as much for each. */
function firstRound(
  ready: readonly Mixture[],
  costs: readonly number[],
  money: number,
  draw: (count: number) => Mixture[],
): Mixture[][] {
  const own = Math.floor(money / 2);
  const left = Math.max(0, money - own * priceOf(costs, 0, costs.length)) / (costs.length - 1);
  const counts = [own];
  for (let tier = 1; tier < costs.length; tier++) {
    const more = Math.floor(left / priceOf(costs, tier, costs.length));
    counts.push(counts[tier - 1]! + Math.min(more, mostTrialsPerMoney * money));
  }
  const first = ready.slice(0, own);
  const mixtures = [...first, ...draw(counts.at(-1)! - first.length)];
  return counts.map((count) => mixtures.slice(0, count));
}

/** What the mixtures cost in all. */
export function moneyFor(bought: readonly (readonly Mixture[])[], cheaper: readonly CheaperTier[]): number {
  return bought.reduce((sum, { length }, tier) => sum + length * (cheaper[tier - 1]?.cost ?? 1), 0);
}

function distinct(mixtures: readonly Mixture[]): Mixture[] {
  return [...new Map(mixtures.map((mixture) => [mixtureKey(mixture), mixture])).values()];
}
