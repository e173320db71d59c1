/** How far one mixture is from another. Both have length K and sum to 1. */

/** KL(weights || from) in nats; infinite where `from` has nothing of what `weights` has. */
export function klDivergence(weights: ArrayLike<number>, from: ArrayLike<number>): number {
  let nats = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i]! > 0) nats += weights[i]! * Math.log(weights[i]! / from[i]!);
  }
  return Math.max(0, nats);
}

/** The share of the tokens that would have to move from one domain to another, 0 to 1. */
export function totalVariation(weights: ArrayLike<number>, from: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += Math.abs(weights[i]! - from[i]!);
  return sum / 2;
}
