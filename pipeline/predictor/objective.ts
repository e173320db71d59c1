/**
 * One model per target, then the weighted mean of their predictions. A single model of the mean does far worse (with
 * 112 of RegMix's runs, a Spearman correlation of .77 against .98): each loss bends with other domains.
 */
import {
  predictRows,
  type FitInput,
  type FitPredictor,
  type Predictor,
  type UncertainPrediction,
} from "./predictor.ts";
import { takeRows } from "./standardise.ts";

export interface MeasuredMixtures {
  /** rows * domains, row-major. */
  readonly weights: Float64Array;
  readonly rows: number;
  readonly domains: number;
  /** One array per target: the loss in bits per byte of each row. */
  readonly losses: readonly Float64Array[];
  /** One per target; normalised to sum 1. */
  readonly targetWeights: readonly number[];
}

/** The measured objective of each row: the weighted mean of its losses. */
export function measuredObjective({ rows, losses, targetWeights }: MeasuredMixtures): Float64Array {
  return weightedMean(losses, targetWeights, rows);
}

/** The objective's predictor, with those of the targets it is the mean of. */
export interface ObjectivePredictor extends Predictor {
  predictAll(rows: Float64Array, domains: number): Float64Array;
  readonly targets: readonly Predictor[];
  believe?(rows: Float64Array, domains: number): ObjectivePredictor;
}

export function fitObjective(
  fit: FitPredictor,
  { weights, rows, domains, losses, targetWeights }: MeasuredMixtures,
  random: FitInput["random"],
): ObjectivePredictor {
  const models = losses.map((targets, target) =>
    fit({ weights, rows, domains, targets, target, random: random.fork(`target/${target}`) }),
  );
  return meanOfTargets(models, normaliseShares(targetWeights));
}

function meanOfTargets(models: readonly Predictor[], shares: readonly number[]): ObjectivePredictor {
  const objective: ObjectivePredictor = {
    name: models[0]!.name,
    targets: models,
    predict: (mixture) =>
      models.reduce((sum, model, target) => sum + shares[target]! * model.predict(mixture), 0),
    predictAll: (mixtures, domains) =>
      weightedMean(
        models.map((model) => predictRows(model, mixtures, domains)),
        shares,
        mixtures.length / domains,
      ),
  };
  if (models.some((model) => model.predictWithDeviation === undefined)) return objective;
  return {
    ...objective,
    predictWithDeviation: (mixtures, domains) =>
      sumUncertain(
        models.map((model) => model.predictWithDeviation!(mixtures, domains)),
        shares,
      ),
    believe: (mixtures, domains) =>
      meanOfTargets(
        models.map((model) => model.believe?.(mixtures, domains) ?? model),
        shares,
      ),
    ...(models.every((model) => model.sample !== undefined) && {
      sample: (mixtures, domains, draws, random) => {
        const drawn = models.map((model, target) =>
          model.sample!(mixtures, domains, draws, random.fork(`target/${target}`)),
        );
        return Array.from({ length: draws }, (_, draw) =>
          weightedMean(
            drawn.map((ofTarget) => ofTarget[draw]!),
            shares,
            mixtures.length / domains,
          ),
        );
      },
    }),
  };
}

/** The targets' errors count as independent: each has a model of its own. */
function sumUncertain(parts: readonly UncertainPrediction[], shares: readonly number[]): UncertainPrediction {
  const count = parts[0]!.mean.length;
  const mean = weightedMean(
    parts.map((part) => part.mean),
    shares,
    count,
  );
  const variance = new Float64Array(count);
  let noise = 0;
  for (const [target, part] of parts.entries()) {
    const share = shares[target]! ** 2;
    for (let row = 0; row < count; row++) variance[row]! += share * part.deviation[row]! ** 2;
    noise += share * part.noise ** 2;
  }
  return { mean, deviation: variance.map(Math.sqrt), noise: Math.sqrt(noise) };
}

/** The rows with these indices, in that order. */
export function takeMeasured(measured: MeasuredMixtures, indices: ArrayLike<number>): MeasuredMixtures {
  const parts = measured.losses.map((targets) => takeRows({ ...measured, targets }, indices));
  return {
    ...measured,
    weights: parts[0]!.weights,
    rows: indices.length,
    losses: parts.map(({ targets }) => targets),
  };
}

function weightedMean(
  columns: readonly Float64Array[],
  targetWeights: readonly number[],
  rows: number,
): Float64Array {
  const shares = normaliseShares(targetWeights);
  const means = new Float64Array(rows);
  for (const [target, column] of columns.entries()) {
    for (let row = 0; row < rows; row++) means[row]! += shares[target]! * column[row]!;
  }
  return means;
}

function normaliseShares(targetWeights: readonly number[]): number[] {
  const total = targetWeights.reduce((sum, weight) => sum + weight, 0);
  return targetWeights.map((weight) => weight / total);
}
