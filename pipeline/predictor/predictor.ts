/** What every predictor is: a fit from measured mixtures to a function of the weights. */
import { InputError } from "../core/errors.ts";
import type { Random } from "../math/random.ts";

export interface Predictor {
  readonly name: string;
  /** The target's value for one mixture, in the unit of the targets it was fitted to. */
  predict(weights: ArrayLike<number>): number;
  /** The same for many rows (rows * domains) at once, where that is cheaper than one by one. */
  predictAll?(rows: Float64Array, domains: number): Float64Array;
  /** How sure it is, for rows * domains weights, where the model knows. */
  predictWithDeviation?(rows: Float64Array, domains: number): UncertainPrediction;
  /**
   * The same predictor, had these mixtures been measured too and turned out just as predicted: means stay, deviations
   * shrink (the kriging believer of Ginsbourger et al. 2010). For choosing several mixtures at once.
   */
  believe?(rows: Float64Array, domains: number): Predictor;
  /** Functions drawn from the posterior, each as its noise-free values at these rows. */
  sample?(rows: Float64Array, domains: number, draws: number, random: Random): Float64Array[];
}

/** In the unit of the targets, one per row. */
export interface UncertainPrediction {
  readonly mean: Float64Array;
  /** Standard deviation of the value that many measurements would have as their mean. */
  readonly deviation: Float64Array;
  /** Standard deviation that one measurement adds to it. */
  readonly noise: number;
}

export interface FitInput {
  /** rows * domains, row-major. */
  readonly weights: Float64Array;
  readonly rows: number;
  readonly domains: number;
  /** One measured value per row. */
  readonly targets: Float64Array;
  readonly random: Random;
  /** Which of the objective's targets it is, where it is one of several. */
  readonly target?: number;
}

export type FitPredictor = (input: FitInput) => Predictor;

/** Predictions for rows * domains weights, all at once where the predictor can. */
export function predictRows(predictor: Predictor, rows: Float64Array, domains: number): Float64Array {
  if (predictor.predictAll !== undefined) return predictor.predictAll(rows, domains);
  const predictions = new Float64Array(rows.length / domains);
  for (let row = 0; row < predictions.length; row++) {
    predictions[row] = predictor.predict(rows.subarray(row * domains, (row + 1) * domains));
  }
  return predictions;
}

/** @throws InputError if the shapes disagree, there are no rows, or a value is not finite */
export function requireFitInput({ weights, rows, domains, targets }: FitInput): void {
  if (rows < 1 || weights.length !== rows * domains || targets.length !== rows) {
    throw new InputError(
      `weights.length=${weights.length} and targets.length=${targets.length} should be ` +
        `rows * domains=${rows * domains} and rows=${rows}, with rows >= 1`,
    );
  }
  const badWeight = weights.findIndex((weight) => !Number.isFinite(weight));
  const badRow =
    badWeight >= 0 ? Math.floor(badWeight / domains) : targets.findIndex((y) => !Number.isFinite(y));
  if (badRow >= 0) {
    throw new InputError(
      `measured mixture ${badRow} of ${rows} holds a weight or loss that is not finite`,
      "remove that trial from the ledger and run again",
    );
  }
}
