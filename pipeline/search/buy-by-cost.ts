/**
 * Which mixtures to measure next, and by which of several proxies: those whose measurement promises the largest improvement for
 * what it costs (as Huang et al. 2006, sequential kriging on several fidelities). A trial promises no more than it can settle: the
 * improvement is that of the dearest proxy's predicted mean, were the trial known, over the lowest mean of all now.
 */
import { mixtureKey } from "../mixture/key.ts";
import type { ObjectivePredictor } from "../predictor/objective.ts";
import { believeBelow, settledBy } from "../predictor/tiers.ts";
import { byLowestMean, type Candidate, expectedImprovement } from "./expected-improvement.ts";
import { type Mixture, toRows } from "./proposer.ts";

export interface Purchase {
  readonly mixture: Mixture;
  /** The tier that measures it, and every cheaper one that has not yet: 0 is the search's own proxy, 1 the next cheaper. */
  readonly depth: number;
}

export interface Offer {
  /** Of the objective by the search's own proxy, perhaps on the trend of cheaper ones; states deviations. */
  readonly model: ObjectivePredictor;
  /** Mixtures that some tier has measured; the search's own proxy, where that alone is for sale. */
  readonly measured: readonly ArrayLike<number>[];
  readonly candidates: readonly Mixture[];
  /** Of a trial at each depth, the cheaper tiers' not counted. */
  readonly costs: readonly number[];
  /** Of a mixture's key, the least depth that has measured it. */
  readonly depthOf: ReadonlyMap<string, number>;
  /** Most that may be spent. */
  readonly purse: number;
  /** Only the search's own proxy is for sale. */
  readonly dearOnly: boolean;
  readonly mostTrials: number;
  /** That mixtures may be chosen at all, which their improvement is multiplied by. */
  readonly probability?: ((rows: Float64Array) => Float64Array) | undefined;
}

/** Its improvement is worth the price. */
interface Lot extends Candidate, Purchase {
  readonly price: number;
}

/** Deviations are asked for at this many of the lowest means, for each tier. */
const lowestMeans = 500;

/** The most promising lots, and how many of them are looked at again at once. */
const shortlist = 1000;
const looksAtOnce = 8;

/**
 * Purchases until none promises anything, there are enough, or the best is beyond what is left of the purse: saved for, but in a
 * search's last round, which takes the best it can pay. After each the
 * model takes its own prediction for a measurement (the kriging believer of Ginsbourger et al. 2010).
 */
export function buyByCost(offer: Offer): Purchase[] {
  const { measured, costs, depthOf, probability } = offer;
  const domains = measured[0]!.length;
  let { model, purse } = offer;
  if (offer.candidates.length === 0) return [];
  const candidates = byLowestMean(model, offer.candidates, lowestMeans);
  const rows = toRows(candidates);
  const means = model.predictAll(rows, domains);
  // What is predicted to be better needs no measurement to be the answer, but for the last look, which an answer should have had.
  const rivals = [...model.predictAll(toRows(measured), domains), ...(offer.dearOnly ? [] : means)];
  let best = Math.min(...rivals);
  const chances = probability?.(rows) ?? new Float64Array(candidates.length).fill(1);
  const depths = offer.dearOnly ? [0] : [...costs.keys()];
  let lots = depths.flatMap((depth) =>
    candidates.flatMap((mixture, i): Lot[] => {
      const known = depthOf.get(mixtureKey(mixture)) ?? costs.length;
      if (depth >= known) return [];
      const price = priceOf(costs, depth, known);
      return [{ mixture, depth, price, mean: means[i]!, chance: chances[i]!, improvement: 0, picks: 0 }];
    }),
  );
  look(lots, model, best, 0, domains);
  lots = lots
    .filter(({ improvement }) => improvement > 0)
    .sort(byPromise)
    .slice(0, shortlist);

  const bought: Purchase[] = [];
  while (bought.length < offer.mostTrials && lots.length > 0) {
    lots.sort(byPromise);
    const first = lots[0]!;
    if (first.picks < bought.length) {
      const stale = lots.filter(({ picks }) => picks < bought.length).slice(0, looksAtOnce);
      look(stale, model, best, bought.length, domains);
      continue;
    }
    if (first.improvement <= 0) break;
    if (first.price > purse) {
      if (!offer.dearOnly) break;
      lots.shift();
      continue;
    }
    const { mixture, depth } = first;
    bought.push({ mixture, depth });
    purse -= first.price;
    best = Math.min(best, first.mean);
    model = model.withTargets(model.targets.map((target) => believeBelow(target, depth, mixture, domains)));
    // Of the same mixture only dearer tiers are left, and what the cheaper ones ask is paid.
    lots = lots.flatMap((lot) => {
      if (lot.mixture !== mixture) return [lot];
      return lot.depth < depth ? [{ ...lot, price: priceOf(costs, lot.depth, depth) }] : [];
    });
  }
  return bought;
}

/** What measuring costs at this depth and at all cheaper tiers above `known`, the first that has measured already. */
export function priceOf(costs: readonly number[], depth: number, known: number): number {
  return costs.slice(depth, known).reduce((sum, cost) => sum + cost, 0);
}

/** Brings the improvements of these lots up to the last pick. */
function look(
  lots: readonly Lot[],
  model: ObjectivePredictor,
  best: number,
  picks: number,
  domains: number,
): void {
  for (const depth of new Set(lots.map((lot) => lot.depth))) {
    const own = lots.filter((lot) => lot.depth === depth);
    const rows = toRows(own.map(({ mixture }) => mixture));
    const settled = model.withTargets(model.targets.map((target) => settledBy(target, depth)));
    const { deviation } = settled.predictWithDeviation!(rows, domains);
    for (const [i, lot] of own.entries()) {
      lot.improvement = lot.chance * expectedImprovement(best, lot.mean, deviation[i]!);
      lot.picks = picks;
    }
  }
}

/** The most for its price; of equals the one of the lower mean, then the first. */
function byPromise(left: Lot, right: Lot): number {
  return right.improvement / right.price - left.improvement / left.price || left.mean - right.mean;
}
