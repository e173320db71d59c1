/** How flat the optimum is: how far one domain's weight may move before the objective is worse by more than noise. */
import { withWeight } from "../math/simplex.ts";
import { toRows } from "./proposer.ts";

/** Weights looked at on either side of the found one. */
const steps = 40;

/**
 * For each domain the weights around `found` at which, the others keeping their proportions, the predicted objective
 * stays within `tolerance` of the one at `found` and no constraint is broken. What is beyond the first break is not looked at.
 *
 * @param predict objective of rows * domains weights
 */
export function flatRanges(
  found: ArrayLike<number>,
  predict: (rows: Float64Array) => Float64Array,
  contains: (weights: ArrayLike<number>) => boolean,
  tolerance: number,
): { low: number; high: number }[] {
  const [here] = predict(Float64Array.from(found));
  return Array.from(found, (weight, domain) => {
    const reach = (end: number): number => {
      const moved = Array.from({ length: steps }, (_, step) =>
        withWeight(found, domain, weight + ((end - weight) * (step + 1)) / steps),
      );
      const predicted = predict(toRows(moved));
      const breaks = moved.findIndex((mixture, i) => !contains(mixture) || predicted[i]! - here! > tolerance);
      const last = breaks < 0 ? moved.at(-1)! : moved[breaks - 1];
      return last?.[domain] ?? weight;
    };
    return { low: reach(0), high: reach(1) };
  });
}
