/** How much each of several models should count: what would have predicted left-out rows best (Wolpert 1992, Breiman 1996). */
import { dotAt } from "../math/cholesky.ts";
import { quantile } from "../math/stats.ts";

export interface StackOptions {
  /** Least share of each model; of sum at most 1. */
  readonly least: readonly number[];
  /** How much each row counts. */
  readonly rowWeights: Float64Array;
  /** How strongly shares are drawn to equal ones, in mean squared errors of the best model. */
  readonly ridge: number;
}

const sweeps = 200;

/**
 * Shares of sum 1, none below its least, of the lowest weighted mean squared error of the mean of `predictions` plus
 * ridge * best * sum of (share - 1 / models)^2, where best is the lowest mean squared error of a single model.
 *
 * @param predictions one array a model: each row predicted from others
 */
export function stackShares(
  predictions: readonly Float64Array[],
  targets: Float64Array,
  { least, rowWeights, ridge }: StackOptions,
): number[] {
  const models = predictions.length;
  const rows = targets.length;
  const total = rowWeights.reduce((sum, weight) => sum + weight, 0);
  const errors = predictions.map((values) =>
    values.map((value, row) => (value - targets[row]!) * Math.sqrt(rowWeights[row]! / total)),
  );
  const products = errors.map((left) => errors.map((right) => dotAt(left, 0, right, 0, rows)));
  const best = products.reduce((lowest, row, i) => Math.min(lowest, row[i]!), Infinity);
  // Shares sum to 1, so the error of the mean is the mean of the errors: a quadratic form in the shares.
  for (let i = 0; i < models; i++) products[i]![i]! += ridge * best + 1e-12;
  const free = 1 - least.reduce((sum, share) => sum + share, 0);
  const shares = least.map((share) => share + free / models);
  const slopes = products.map((row) => row.reduce((sum, value, j) => sum + value * shares[j]!, 0));
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let moved = 0;
    for (let to = 0; to < models; to++) {
      for (let from = 0; from < models; from++) {
        // The exact minimum along an exchange between two models.
        const curvature = products[to]![to]! + products[from]![from]! - 2 * products[to]![from]!;
        const wanted = (slopes[from]! - slopes[to]!) / curvature;
        const move = Math.min(wanted, shares[from]! - least[from]!);
        if (to === from || !(move > 1e-12)) continue;
        shares[to]! += move;
        shares[from]! -= move;
        for (let i = 0; i < models; i++) slopes[i]! += move * (products[i]![to]! - products[i]![from]!);
        moved += move;
      }
    }
    if (moved < 1e-9) break;
  }
  return shares;
}

/**
 * Weights of rows by how good they are: half for a value one deviation above the median, less and less beyond, the deviation
 * being the median distance to it, as in a normal sample. Searches see many nearly best mixtures and a few poor ones, whose
 * errors are large and matter little: which of two poor mixtures is the better one decides nothing.
 */
export function weighGood(targets: Float64Array): Float64Array {
  const median = quantile(targets, 0.5);
  const unit =
    quantile(
      targets.map((value) => Math.abs(value - median)),
      0.5,
    ) / 0.6745 || 1;
  return targets.map((value) => 1 / (1 + Math.max(0, (value - median) / unit) ** 2));
}
