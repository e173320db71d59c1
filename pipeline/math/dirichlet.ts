import type { Random } from "./random.ts";

/**
 * One draw from Dirichlet(alpha), as weights of length K.
 *
 * The gammas stay in logs until the largest is divided out: with alpha = 0.001 most of them lie below the smallest
 * double, and dividing underflowed numbers would give 0 / 0. A zero alpha gives a zero weight.
 *
 * RangeError if no alpha is positive, or one is negative or below 1e-300.
 */
export function sampleDirichlet(alpha: Float64Array, random: Random): Float64Array {
  const bad = alpha.find((shape) => !(shape === 0 || (shape >= 1e-300 && shape < Infinity)));
  if (bad !== undefined) throw new RangeError(`alpha=${bad} should be 0 or finite and >= 1e-300`);
  const logGammas = alpha.map((shape) => (shape === 0 ? -Infinity : random.logGamma(shape)));
  const largest = logGammas.reduce((left, right) => Math.max(left, right), -Infinity);
  if (largest === -Infinity) throw new RangeError(`one of ${alpha.length} alphas should be positive`);
  const weights = logGammas.map((logGamma) => Math.exp(logGamma - largest));
  const total = weights.reduce((left, right) => left + right, 0);
  return weights.map((weight) => weight / total);
}
