/**
 * Batched expected improvement by kriging believer (Ginsbourger et al. 2010): after each pick the model takes its own
 * prediction there for a measurement, so that the next pick looks elsewhere.
 */
import { normalCdf, normalDensity } from "../math/normal.ts";
import { InputError } from "../core/errors.ts";
import type { ObjectivePredictor } from "../predictor/objective.ts";
import { type Mixture, toRows } from "./proposer.ts";

/** E[max(0, best - Y)] for Y ~ N(mean, deviation^2). */
export function expectedImprovement(best: number, mean: number, deviation: number): number {
  const gain = best - mean;
  if (!(deviation > 0)) return Math.max(0, gain);
  const z = gain / deviation;
  return Math.max(0, gain * normalCdf(z) + deviation * normalDensity(z));
}

export interface Candidate {
  readonly mixture: Mixture;
  readonly mean: number;
  readonly chance: number;
  /** Exact when `picks` is the number of picks so far, else a bound: believing more never adds to it. */
  improvement: number;
  picks: number;
}

/**
 * A mean costs n operations a candidate, a deviation n^2: deviations are asked for at this many of the lowest means, and
 * at each of the others in so many steps, which leaves room for what is uncertain enough to be worth a look.
 */
const lowestMeans = 1000;
const stepThroughOthers = 16;

/** No more than this many of the most promising candidates are looked at again after a pick. */
const shortlist = 1000;

/** A second look costs less beside others: the covariances of a few mixtures are computed together. */
const looksAtOnce = 8;

/**
 * @param model states deviations; has been told what is pending
 * @param measured mixtures with measurements: the incumbent is the lowest mean among them, not the luckiest measurement
 * @param probability that mixtures may be chosen at all, which their improvement is multiplied by (Gardner et al. 2014)
 * @throws InputError if the model states no deviations
 */
export function pickByImprovement(
  model: ObjectivePredictor,
  measured: readonly ArrayLike<number>[],
  candidates: readonly Mixture[],
  count: number,
  probability?: (rows: Float64Array) => Float64Array,
): Mixture[] {
  const domains = candidates[0]?.length ?? 0;
  if (domains === 0) return [];
  let best = model.predictAll(toRows(measured), domains).reduce((low, mean) => Math.min(low, mean), Infinity);
  const hopeful = byLowestMean(model, candidates, lowestMeans);
  const { mean, deviation } = stated(model, toRows(hopeful), domains);
  const chances = probability?.(toRows(hopeful)) ?? new Float64Array(hopeful.length).fill(1);
  const open: Candidate[] = hopeful
    .map((mixture, i) => ({
      mixture,
      mean: mean[i]!,
      chance: chances[i]!,
      improvement: chances[i]! * expectedImprovement(best, mean[i]!, deviation[i]!),
      picks: 0,
    }))
    .sort(byPromise)
    .slice(0, Math.max(shortlist, count));

  const picked: Mixture[] = [];
  let believing = model;
  while (picked.length < count && open.length > 0) {
    // Means stay and deviations shrink, so old figures are upper bounds and few need a second look.
    const first = indexOfMost(open);
    const candidate = open[first]!;
    if (candidate.picks < picked.length) {
      lookAgain(mostPromising(open, picked.length), believing, best, picked.length);
      continue;
    }
    open.splice(first, 1);
    picked.push(candidate.mixture);
    best = Math.min(best, candidate.mean);
    if (picked.length < count) believing = believing.believe?.(candidate.mixture, domains) ?? believing;
  }
  return picked;
}

/** So many of the lowest means, and some of the others. */
export function byLowestMean(
  model: ObjectivePredictor,
  candidates: readonly Mixture[],
  lowest: number,
): Mixture[] {
  const means = model.predictAll(toRows(candidates), candidates[0]!.length);
  const order = [...candidates.keys()].sort((left, right) => means[left]! - means[right]! || left - right);
  return order
    .filter((_, rank) => rank < lowest || rank % stepThroughOthers === 0)
    .map((i) => candidates[i]!);
}

/** Brings the improvements of a few up to the last pick. */
function lookAgain(
  few: readonly Candidate[],
  believing: ObjectivePredictor,
  best: number,
  picks: number,
): void {
  const now = stated(believing, toRows(few.map(({ mixture }) => mixture)), few[0]!.mixture.length);
  for (const [i, candidate] of few.entries()) {
    candidate.improvement = candidate.chance * expectedImprovement(best, candidate.mean, now.deviation[i]!);
    candidate.picks = picks;
  }
}

/** The most promising of those that were last looked at before the last pick. */
function mostPromising(open: readonly Candidate[], picks: number): Candidate[] {
  return open
    .filter((candidate) => candidate.picks < picks)
    .sort(byPromise)
    .slice(0, looksAtOnce);
}

/** The most promising; of equals the one of the lower mean, then the first. */
function byPromise(left: Candidate, right: Candidate): number {
  return right.improvement - left.improvement || left.mean - right.mean;
}

function indexOfMost(open: readonly Candidate[]): number {
  let most = 0;
  for (let i = 1; i < open.length; i++) if (byPromise(open[i]!, open[most]!) < 0) most = i;
  return most;
}

function stated(model: ObjectivePredictor, rows: Float64Array, domains: number) {
  const prediction = model.predictWithDeviation?.(rows, domains);
  if (prediction !== undefined) return prediction;
  throw new InputError(
    `predictor ${model.name} does not say how sure it is, which expected improvement needs`,
    "take any other for search.predictors, or search.proposer=climb",
  );
}
