/** Canonical text of a mixture, in billionths: mixtures equal to 1e-9 in every weight are one mixture. */
export function mixtureKey(weights: ArrayLike<number>): string {
  return Array.from(weights, (weight) => String(Math.round(weight * 1e9))).join(" ");
}
