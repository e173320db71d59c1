/** What a fit has learnt: whether more runs would teach it more, and what it makes of each domain. */
import { withWeight } from "../math/simplex.ts";
import { spearman } from "../math/stats.ts";
import type { CrossValidation } from "./cross-validate.ts";
import { fitObjective, measuredObjective, takeMeasured, type MeasuredMixtures } from "./objective.ts";
import type { FitPredictor } from "./predictor.ts";

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
    const changed = new Float64Array(weights.length);
    for (let row = 0; row < rows; row++) {
      const mixture = weights.subarray(row * domains, (row + 1) * domains);
      changed.set(withWeight(mixture, domain, value), row * domains);
    }
    const predicted = predict(changed);
    return predicted.reduce((sum, prediction) => sum + prediction / rows, 0);
  });
}
