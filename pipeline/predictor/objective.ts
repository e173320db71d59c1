/**
 * One model per target, then the weighted mean of their predictions, or the worst of them. A single model of the mean does far worse (with
 * 112 of RegMix's runs, a Spearman correlation of .77 against .98): each loss bends with other domains.
 */
import { deviationOfLargest } from "../math/normal.ts";
import { type Objective, objectiveOf } from "../math/objective.ts";
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
  /** One array per target: the loss of each row, in the target's unit. */
  readonly losses: readonly Float64Array[];
  /** One per target; normalised to sum 1. */
  readonly targetWeights: readonly number[];
  /** Losses of the natural mixture by target, where the worst target counts (see math/objective.ts). */
  readonly reference?: ArrayLike<number> | undefined;
}

/** The measured objective of each row. */
export function measuredObjective(measured: MeasuredMixtures): Float64Array {
  return togetherBy(measured).values(measured.losses, measured.rows);
}

/** The objective's predictor, with those of the targets it is made of. */
export interface ObjectivePredictor extends Predictor {
  predictAll(rows: Float64Array, domains: number): Float64Array;
  readonly targets: readonly Predictor[];
  /** The same objective of other models of its targets. */
  withTargets(models: readonly Predictor[]): ObjectivePredictor;
  believe?(rows: Float64Array, domains: number): ObjectivePredictor;
}

export function fitObjective(
  fit: FitPredictor,
  measured: MeasuredMixtures,
  random: FitInput["random"],
): ObjectivePredictor {
  const { weights, rows, domains, losses } = measured;
  const models = losses.map((targets, target) =>
    fit({ weights, rows, domains, targets, target, random: random.fork(`target/${target}`) }),
  );
  return targetsTogether(models, togetherBy(measured));
}

/** How targets make one objective. */
interface Together {
  values(columns: readonly Float64Array[], rows: number): Float64Array;
  uncertain(parts: readonly UncertainPrediction[]): UncertainPrediction;
}

function togetherBy({ targetWeights, reference }: MeasuredMixtures): Together {
  if (reference !== undefined) return worstOf({ weights: targetWeights, reference });
  const shares = normaliseShares(targetWeights);
  return {
    values: (columns, rows) => weightedMean(columns, shares, rows),
    uncertain: (parts) => sumUncertain(parts, shares),
  };
}

function targetsTogether(models: readonly Predictor[], together: Together): ObjectivePredictor {
  const predictAll = (mixtures: Float64Array, domains: number) =>
    together.values(
      models.map((model) => predictRows(model, mixtures, domains)),
      mixtures.length / domains,
    );
  const objective: ObjectivePredictor = {
    name: models[0]!.name,
    targets: models,
    withTargets: (others) => targetsTogether(others, together),
    predict: (mixture) => {
      const values = models.map((model) => Float64Array.of(model.predict(mixture)));
      return together.values(values, 1)[0]!;
    },
    predictAll,
  };
  if (models.some((model) => model.predictWithDeviation === undefined)) return objective;
  return {
    ...objective,
    predictWithDeviation: (mixtures, domains) =>
      together.uncertain(models.map((model) => model.predictWithDeviation!(mixtures, domains))),
    believe: (mixtures, domains) =>
      targetsTogether(
        models.map((model) => model.believe?.(mixtures, domains) ?? model),
        together,
      ),
    ...(models.every((model) => model.sample !== undefined) && {
      sample: (mixtures, domains, draws, random) => {
        const drawn = models.map((model, target) =>
          model.sample!(mixtures, domains, draws, random.fork(`target/${target}`)),
        );
        return Array.from({ length: draws }, (_, draw) =>
          together.values(
            drawn.map((ofTarget) => ofTarget[draw]!),
            mixtures.length / domains,
          ),
        );
      },
    }),
  };
}

/**
 * The worst target's. Its mean is that of the target predicted to be worst, which any of them may turn out to be: a little low,
 * alike for all mixtures; its deviation is that of the largest of them.
 */
function worstOf(objective: Objective): Together {
  const { weights, reference } = objective;
  const counting = weights.flatMap((weight, target) => (weight > 0 ? [target] : []));
  const values = (columns: readonly Float64Array[], rows: number) =>
    Float64Array.from({ length: rows }, (_, row) =>
      objectiveOf(
        objective,
        columns.map((column) => column[row]!),
      ),
    );
  return {
    values,
    uncertain(parts) {
      const rows = parts[0]!.mean.length;
      const deviation = Float64Array.from({ length: rows }, (_, row) =>
        deviationOfLargest(
          counting.map((target) => parts[target]!.mean[row]! - reference![target]!),
          counting.map((target) => parts[target]!.deviation[row]!),
        ),
      );
      const noises = counting.map((target) => parts[target]!.noise ** 2);
      return {
        mean: values(
          parts.map(({ mean }) => mean),
          rows,
        ),
        deviation,
        noise: Math.sqrt(noises.reduce((sum, noise) => sum + noise, 0) / noises.length),
      };
    },
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
  shares: readonly number[],
  rows: number,
): Float64Array {
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
