import { InputError } from "../core/errors.ts";
import { normalise } from "../math/simplex.ts";

/** RegMix's published rows sum to 0.996 to 1.003, for their weights are printed with three decimals; olmix allows this much. */
const sumTolerance = 0.01;

/** Below this a sum is 1 as far as doubles go. */
const exactness = 1e-9;

/**
 * Weights that sum to 1, and whether they had to be changed for it.
 *
 * @param where "file:line" or a file, for the message
 * @throws InputError if a weight is negative, or the sum is further from 1 than rounding explains
 */
export function checkedWeights(
  weights: readonly number[],
  where: string,
): { weights: number[]; changed: boolean } {
  const negative = weights.find((weight) => weight < 0);
  if (negative !== undefined) throw new InputError(`${where}: the weight ${negative} is negative`);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (!(Math.abs(sum - 1) <= sumTolerance)) {
    throw new InputError(
      `${where}: the weights sum to ${sum}, which should be 1 (give or take ${sumTolerance} for rounding)`,
      "check that every weight of the run is there and no other number is among them",
    );
  }
  return { weights: [...normalise(weights)], changed: Math.abs(sum - 1) > exactness };
}
