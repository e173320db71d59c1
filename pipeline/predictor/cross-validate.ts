/** How well a fit predicts mixtures it has not seen. */
import { InputError } from "../core/errors.ts";
import type { Random } from "../math/random.ts";
import { kendall, r2, rmse, spearman } from "../math/stats.ts";
import type { PredictorScore } from "../schema/search.ts";
import { intervalCoverage } from "./coverage.ts";
import { groupedFolds, rowsOutside } from "./folds.ts";
import { fitObjective, measuredObjective, takeMeasured, type MeasuredMixtures } from "./objective.ts";
import type { FitPredictor } from "./predictor.ts";

const minimumRows = 4;

export interface CrossValidation {
  readonly measured: MeasuredMixtures;
  /** Fewer where there are fewer rows, or fewer groups of near-duplicate mixtures. */
  readonly folds: number;
  /** The same stream gives every fit the same folds. */
  readonly random: Random;
}

/** Scores of the out-of-fold predictions of the objective. @throws InputError as predictOutOfFold */
export function crossValidate(
  predictor: string,
  fit: FitPredictor,
  options: CrossValidation,
): PredictorScore {
  const objective = measuredObjective(options.measured);
  const { mean, total } = predictOutOfFold(fit, options);
  return {
    predictor,
    spearman: spearman(objective, mean),
    kendall: kendall(objective, mean),
    r2: r2(objective, mean),
    rmse: rmse(objective, mean),
    coverage: total === undefined ? [] : intervalCoverage(objective, mean, total),
  };
}

/**
 * The objective of every row, predicted by models that saw neither it nor a near duplicate of it; with the deviation of a
 * measurement, the model's own and the noise's, undefined where it states none.
 *
 * @throws InputError for fewer than 4 rows, or if all rows are near duplicates
 */
export function predictOutOfFold(
  fit: FitPredictor,
  options: CrossValidation,
): { mean: Float64Array; total: Float64Array | undefined } {
  const mean = new Float64Array(options.measured.rows);
  const total = new Float64Array(options.measured.rows);
  let stated = true;
  for (const { fold, model, unseen } of fitFolds(fit, options)) {
    const uncertain = model.predictWithDeviation?.(unseen.weights, unseen.domains);
    const means = uncertain?.mean ?? model.predictAll(unseen.weights, unseen.domains);
    stated &&= uncertain !== undefined;
    for (const [i, row] of fold.entries()) {
      mean[row] = means[i]!;
      total[row] = uncertain === undefined ? 0 : Math.hypot(uncertain.deviation[i]!, uncertain.noise);
    }
  }
  return { mean, total: stated ? total : undefined };
}

/** A model for each fold, fitted to the rows outside it. */
function* fitFolds(fit: FitPredictor, { measured, folds, random }: CrossValidation) {
  const { weights, rows, domains } = measured;
  if (rows < minimumRows) {
    throw new InputError(
      `measured mixtures=${rows} should be >= ${minimumRows} to cross-validate a predictor`,
      "raise the first number of search.rounds",
    );
  }
  const groups = groupedFolds(weights, rows, domains, folds, random.fork("folds"));
  if (groups.length < 2) {
    throw new InputError(
      `distinct mixtures=${groups.length} among ${rows} measured should be >= 2`,
      "widen the sampler (search.sampler) or raise budget.maxEpochs: the constraints leave one mixture",
    );
  }
  for (const [index, fold] of groups.entries()) {
    const seen = takeMeasured(measured, rowsOutside(fold, rows));
    const unseen = takeMeasured(measured, fold);
    yield { fold, unseen, model: fitObjective(fit, seen, random.fork(`fold/${index}`)) };
  }
}
