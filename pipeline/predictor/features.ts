/**
 * Weights as models see them. A share of 1 % more means much to a domain that had none and little to one that had half,
 * so the models look at roots and logs of weights.
 */

export type WeightTransform = (weight: number) => number;

export const squareRoot: WeightTransform = (weight) => Math.sqrt(Math.max(0, weight));

/** The floor keeps the log of a zero weight finite, and near those of the smallest weights worth telling apart. */
export const logarithm: WeightTransform = (weight) => Math.log(Math.max(0, weight) + 1e-3);

export interface Features {
  /** rows * domains, row-major: transformed, minus the column means, over one scale for all columns. */
  readonly x: Float64Array;
  /** The same map for other mixtures (count * domains). */
  map(weights: ArrayLike<number>): Float64Array;
}

/**
 * One scale, the root of the mean column variance, leaves a domain that hardly varied with hardly any effect.
 *
 * @param weights rows * domains, row-major
 */
export function standardiseFeatures(
  transform: WeightTransform,
  weights: Float64Array,
  rows: number,
  domains: number,
): Features {
  const centres = new Float64Array(domains);
  const standardise = (values: ArrayLike<number>, perScale: number): Float64Array => {
    const standardised = new Float64Array(values.length);
    for (let start = 0; start < values.length; start += domains) {
      for (let domain = 0; domain < domains; domain++) {
        standardised[start + domain] = (transform(values[start + domain]!) - centres[domain]!) * perScale;
      }
    }
    return standardised;
  };
  weights.forEach((weight, i) => (centres[i % domains]! += transform(weight) / rows));
  const squares = standardise(weights, 1).reduce((sum, value) => sum + value * value, 0);
  const perScale = 1 / (Math.sqrt(squares / (rows * domains)) || 1);
  return { x: standardise(weights, perScale), map: (others) => standardise(others, perScale) };
}
