import { squareRoot } from "../predictor/features.ts";
import type { Mixture } from "./proposer.ts";

/**
 * Mixtures far from one another (Johnson et al. 1990): from the first on, always the candidate whose nearest picked one is
 * furthest, in roots of weights, where predictors see them.
 *
 * @param picked already measured or pending; may be empty
 */
export function maximin(
  candidates: readonly Mixture[],
  picked: readonly Mixture[],
  count: number,
): Mixture[] {
  const roots = candidates.map((mixture) => mixture.map(squareRoot));
  const nearest = new Float64Array(candidates.length).fill(Infinity);
  const approach = (root: Float64Array) => {
    for (const [i, other] of roots.entries())
      nearest[i] = Math.min(nearest[i]!, squaredDistance(root, other));
  };
  for (const mixture of picked) approach(mixture.map(squareRoot));
  const chosen: Mixture[] = [];
  while (chosen.length < Math.min(count, candidates.length)) {
    let furthest = 0;
    for (let i = 1; i < nearest.length; i++) if (nearest[i]! > nearest[furthest]!) furthest = i;
    chosen.push(candidates[furthest]!);
    approach(roots[furthest]!);
    nearest[furthest] = -1;
  }
  return chosen;
}

function squaredDistance(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += (left[i]! - right[i]!) ** 2;
  return sum;
}
