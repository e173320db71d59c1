/** What a search lowers: one number of several targets' losses. */

export interface Objective {
  /** One a target; a target of weight 0 does not count. */
  readonly weights: readonly number[];
  /** Losses of the natural mixture, one a target, where the worst target counts; without, the weighted mean does. */
  readonly reference?: ArrayLike<number>;
}

/**
 * The weighted mean of the losses. Or, with a reference, its weighted mean plus the largest of the differences to it among the
 * targets that count: the reference has the same value by both, and what lowers the second lowers the target that gains least.
 */
export function objectiveOf({ weights, reference }: Objective, losses: ArrayLike<number>): number {
  if (reference === undefined) return weightedMean(weights, losses);
  let most = -Infinity;
  for (let target = 0; target < weights.length; target++) {
    if (weights[target]! > 0) most = Math.max(most, losses[target]! - reference[target]!);
  }
  return weightedMean(weights, reference) + most;
}

function weightedMean(weights: readonly number[], losses: ArrayLike<number>): number {
  let sum = 0;
  let total = 0;
  for (let target = 0; target < weights.length; target++) {
    sum += weights[target]! * losses[target]!;
    total += weights[target]!;
  }
  return sum / total;
}
