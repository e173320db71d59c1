/** Whether a predictor deserves trust: its figures on mixtures it has not seen, beside those of a plain baseline. */
import { kendall, r2, rmse, spearman } from "../math/stats.ts";
import { predictOutOfFold, predictOutOfFoldWithDeviation, type CrossValidation } from "./cross-validate.ts";
import { fitObjective, measuredObjective, takeMeasured, type MeasuredMixtures } from "./objective.ts";
import type { FitPredictor } from "./predictor.ts";
import { ridge } from "./ridge.ts";

interface Scores {
  readonly spearman: number;
  readonly kendall: number;
  readonly r2: number;
  readonly rmseBitsPerByte: number;
}

interface Coverage {
  /** What share of measurements the interval should hold. */
  readonly nominal: number;
  /** What share it held, each predicted out of fold. */
  readonly measured: number;
}

export interface Diagnosis extends Scores {
  /** Ridge regression's scores on the same folds. */
  readonly baseline: Scores;
  /** Empty where the predictor states no deviation. */
  readonly coverage: readonly Coverage[];
}

/** Two-sided normal intervals: the share of measurements they should hold, and half their width in deviations. */
const intervals = [
  { nominal: 0.68, deviations: 0.994458 },
  { nominal: 0.9, deviations: 1.644854 },
  { nominal: 0.95, deviations: 1.959964 },
] as const;

/** Cross-validated figures of the objective. @throws InputError as predictOutOfFold */
export function diagnose(fit: FitPredictor, options: CrossValidation): Diagnosis {
  const objective = measuredObjective(options.measured);
  const { mean, total } = predictOutOfFoldWithDeviation(fit, options);
  return {
    ...score(objective, mean),
    baseline: score(objective, predictOutOfFold(ridge(), options)),
    coverage:
      total === undefined
        ? []
        : intervals.map(({ nominal, deviations }) => ({
            nominal,
            measured: shareWithin(objective, mean, total, deviations),
          })),
  };
}

export interface LearningPoint {
  /** Runs fitted to. */
  readonly rows: number;
  /** Spearman correlation on the runs held back. */
  readonly spearman: number;
}

/**
 * How the order of held-back runs improves with the number of runs: more runs pay while the curve still climbs. A fifth of
 * the rows is held back; fits are to the first quarter, half and all of the rest, in a random order.
 */
export function learningCurve(
  fit: FitPredictor,
  { measured, random }: Omit<CrossValidation, "folds">,
): LearningPoint[] {
  const order = random.fork("learning").sampleWithoutReplacement(measured.rows, measured.rows);
  const heldBack = takeMeasured(measured, order.slice(0, Math.ceil(measured.rows / 5)));
  const rest = order.slice(heldBack.rows);
  const truth = measuredObjective(heldBack);
  return [1 / 4, 1 / 2, 1].map((share) => {
    const rows = Math.ceil(rest.length * share);
    const seen = takeMeasured(measured, rest.slice(0, rows));
    const fitted = fitObjective(fit, seen, random.fork(`learning/${rows}`));
    return { rows, spearman: spearman(truth, fitted.predictAll(heldBack.weights, measured.domains)) };
  });
}

/**
 * Partial dependence (Friedman 2001) on one domain: the mean prediction over the measured mixtures with this domain's weight
 * set to each value and the others scaled to make up the rest.
 */
export function partialDependence(
  predict: (rows: Float64Array) => Float64Array,
  { weights, rows, domains }: Pick<MeasuredMixtures, "weights" | "rows" | "domains">,
  domain: number,
  values: readonly number[],
): number[] {
  return values.map((value) => {
    const changed = Float64Array.from(weights);
    for (let row = 0; row < rows; row++) {
      const offset = row * domains;
      const others = 1 - weights[offset + domain]!;
      for (let other = 0; other < domains; other++) {
        // A mixture of this domain alone says nothing of the others: they share alike.
        const share = others > 0 ? weights[offset + other]! / others : 1 / (domains - 1);
        changed[offset + other] = other === domain ? value : (1 - value) * share;
      }
    }
    const predicted = predict(changed);
    return predicted.reduce((sum, prediction) => sum + prediction / rows, 0);
  });
}

function score(measured: Float64Array, predicted: Float64Array): Scores {
  return {
    spearman: spearman(measured, predicted),
    kendall: kendall(measured, predicted),
    r2: r2(measured, predicted),
    rmseBitsPerByte: rmse(measured, predicted),
  };
}

function shareWithin(
  measured: Float64Array,
  mean: Float64Array,
  deviation: Float64Array,
  deviations: number,
): number {
  const held = measured.filter((value, i) => Math.abs(value - mean[i]!) <= deviations * deviation[i]!);
  return held.length / measured.length;
}
