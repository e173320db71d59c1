/** Several models of one target as one. */
import type { Random } from "../math/random.ts";
import { rowsOutside } from "./folds.ts";
import { type FitInput, predictRows, type Predictor, type UncertainPrediction } from "./predictor.ts";
import { takeRows } from "./standardise.ts";

/** A fitted model that can be weighed by how it does on rows that were left out. */
export interface Member {
  readonly predictor: Predictor;
  /** Each row as predicted from the rows outside its fold; a member may have folds of its own. */
  leftOut(folds: readonly Uint32Array[]): Float64Array;
}

/** Each row as predicted by a refit without its fold. */
export function refitWithout(
  input: Pick<FitInput, "weights" | "rows" | "domains" | "targets">,
  folds: readonly Uint32Array[],
  refit: (seen: typeof input) => Predictor,
): Float64Array {
  const predicted = new Float64Array(input.rows);
  for (const fold of folds) {
    const refitted = refit({ ...input, ...takeRows(input, rowsOutside(fold, input.rows)) });
    const values = predictRows(refitted, takeRows(input, fold).weights, input.domains);
    fold.forEach((row, i) => (predicted[row] = values[i]!));
  }
  return predicted;
}

/** The weighted mean of the predictions. @param shares one per model, of sum 1 */
export function combine(name: string, models: readonly Predictor[], shares: readonly number[]): Predictor {
  const predictAll = (rows: Float64Array, domains: number): Float64Array =>
    weightedSum(
      models.map((model) => predictRows(model, rows, domains)),
      shares,
    );
  const combined = {
    name,
    predict: (weights: ArrayLike<number>) =>
      models.reduce((sum, model, i) => sum + shares[i]! * model.predict(weights), 0),
    predictAll,
  };
  if (models.every((model) => model.predictWithDeviation === undefined)) return combined;
  return {
    ...combined,
    predictWithDeviation: (rows, domains) => mixPredictions(models, shares, rows, domains),
    believe: (rows, domains) =>
      combine(
        name,
        models.map((model) => model.believe?.(rows, domains) ?? model),
        shares,
      ),
    sample: (rows, domains, draws, random) => sampleMixture(models, shares, rows, domains, draws, random),
  };
}

/** Draws of the mixture: each is a draw of one of the models, taken by its share; a model without doubt is its mean. */
function sampleMixture(
  models: readonly Predictor[],
  shares: readonly number[],
  rows: Float64Array,
  domains: number,
  draws: number,
  random: Random,
): Float64Array[] {
  const counts = models.map(() => 0);
  for (let draw = 0; draw < draws; draw++) {
    let left = random.uniform();
    const drawn = shares.findIndex((share) => (left -= share) < 0);
    counts[drawn < 0 ? counts.length - 1 : drawn]!++;
  }
  const sampled = models.flatMap((model, i) => {
    if (counts[i] === 0) return [];
    const sample = model.sample?.(rows, domains, counts[i]!, random.fork(`model/${i}`));
    return sample ?? Array<Float64Array>(counts[i]!).fill(predictRows(model, rows, domains));
  });
  return random.shuffle(sampled);
}

/**
 * The mixture's deviation: the mean variance of the models that state one, plus the variance of all models' means, so that
 * disagreement is doubt.
 */
function mixPredictions(
  models: readonly Predictor[],
  shares: readonly number[],
  rows: Float64Array,
  domains: number,
): UncertainPrediction {
  const stated = models.map((model) => model.predictWithDeviation?.(rows, domains));
  const means = models.map((model, i) => stated[i]?.mean ?? predictRows(model, rows, domains));
  const mean = weightedSum(means, shares);
  const knowing = knowingShares(stated, shares);
  const variance = new Float64Array(mean.length);
  let noise = 0;
  for (const [i, share] of shares.entries()) {
    means[i]!.forEach((value, row) => (variance[row]! += share * (value - mean[row]!) ** 2));
    const known = stated[i];
    if (known === undefined) continue;
    known.deviation.forEach((value, row) => (variance[row]! += knowing[i]! * value ** 2));
    noise += knowing[i]! * known.noise ** 2;
  }
  return { mean, deviation: variance.map(Math.sqrt), noise: Math.sqrt(noise) };
}

/** Of sum 1 over the models that state deviations; where none of those has a share, they count alike. */
function knowingShares(stated: readonly unknown[], shares: readonly number[]): number[] {
  const own = shares.map((share, i) => (stated[i] === undefined ? 0 : share));
  const total = own.reduce((sum, share) => sum + share, 0);
  if (total > 0) return own.map((share) => share / total);
  const count = stated.filter((known) => known !== undefined).length;
  return stated.map((known) => (known === undefined ? 0 : 1 / count));
}

function weightedSum(columns: readonly Float64Array[], shares: readonly number[]): Float64Array {
  const sum = new Float64Array(columns[0]!.length);
  for (const [i, column] of columns.entries()) {
    for (let row = 0; row < sum.length; row++) sum[row]! += shares[i]! * column[row]!;
  }
  return sum;
}
