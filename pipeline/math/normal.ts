/** The standard normal distribution. */

/** Half of a 95 % interval. */
export const deviations95 = 1.959964;

export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** P(X <= x), relative error below 1e-9 also far out in the tails (Hart 1968, as in West 2005, "Better approximations"). */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  if (size > 37) return x > 0 ? 1 : 0;
  const tail = size < 10 / Math.SQRT2 ? rationalTail(size) : fractionTail(size);
  return x > 0 ? 1 - tail : tail;
}

const numerator = [
  3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
  221.213596169931, 220.206867912376,
];
const denominator = [
  8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
  637.333633378831, 793.826512519948, 440.413735824752,
];

function rationalTail(size: number): number {
  const polynomial = (coefficients: readonly number[]) =>
    coefficients.reduce((sum, coefficient) => sum * size + coefficient, 0);
  return (Math.exp((-size * size) / 2) * polynomial(numerator)) / polynomial(denominator);
}

function fractionTail(size: number): number {
  let fraction = size + 0.65;
  for (let k = 4; k >= 1; k--) fraction = size + k / fraction;
  return normalDensity(size) / fraction;
}

/** The x of which normalCdf is `share`, in (0, 1), by bisection. */
export function normalQuantile(share: number): number {
  if (!(share > 0 && share < 1)) throw new RangeError(`share=${share} should be above 0 and below 1`);
  let [low, high] = [-37, 37];
  for (let step = 0; step < 200 && low < high; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (normalCdf(middle) < share) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * Deviation of the largest of independent normal variables, taking the largest of the first few for normal, one after the
 * other (Clark 1961, "The greatest of a finite set of random variables"): exact for two.
 */
export function deviationOfLargest(means: ArrayLike<number>, deviations: ArrayLike<number>): number {
  let mean = -Infinity;
  let variance = 0;
  for (let i = 0; i < means.length; i++) {
    const [other, square] = [means[i]!, deviations[i]! ** 2];
    const spread = Math.sqrt(variance + square);
    if (!(spread > 0) || mean === -Infinity) {
      [mean, variance] = other > mean ? [other, square] : [mean, variance];
      continue;
    }
    const ahead = (mean - other) / spread;
    const share = normalCdf(ahead);
    const density = spread * normalDensity(ahead);
    const largest = mean * share + other * (1 - share) + density;
    const second =
      (mean ** 2 + variance) * share + (other ** 2 + square) * (1 - share) + (mean + other) * density;
    [mean, variance] = [largest, Math.max(0, second - largest ** 2)];
  }
  return Math.sqrt(variance);
}
