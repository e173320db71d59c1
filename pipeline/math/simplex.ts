/** Weights of domains: non-negative numbers that sum to 1. */

/** Weights in proportion to `values` (length K, non-negative). RangeError if none is positive. */
export function normalise(values: ArrayLike<number>): Float64Array {
  const weights = Float64Array.from(values);
  const total = sum(weights);
  if (!(total > 0 && total < Infinity) || weights.some((weight) => weight < 0)) {
    throw new RangeError(`sum(values)=${total} should be positive and finite, and no value negative`);
  }
  return weights.map((weight) => weight / total);
}

/** The mixture with one domain's weight changed and the others scaled to make up the rest; where there is none, they share alike. */
export function withWeight(mixture: ArrayLike<number>, domain: number, weight: number): Float64Array {
  const others = 1 - mixture[domain]!;
  return Float64Array.from(mixture, (value, i) =>
    i === domain ? weight : (1 - weight) * (others > 0 ? value / others : 1 / (mixture.length - 1)),
  );
}

/**
 * The weights nearest in proportion to `weights` with none above its bound: w'_i = min(upper_i, s w_i), with the one s
 * that makes the sum 1 ("water-filling": what is over a bound goes to the others in proportion). If all positive
 * weights together cannot hold 1, the rest goes to the zero weights in proportion to their bounds.
 *
 * Both arrays have length K. RangeError if sum(upper) < 1.
 */
export function projectOntoBounds(weights: ArrayLike<number>, upper: ArrayLike<number>): Float64Array {
  const capacity = sum(upper);
  if (!(capacity >= 1 - 1e-12)) throw new RangeError(`sum(upper)=${capacity} should be >= 1`);
  const free = normalise(weights);
  const projected = new Float64Array(free.length);
  const isCapped = new Uint8Array(free.length);
  let room = 1;
  // Capping one weight leaves more to the rest, which may push others over: at most K rounds.
  for (;;) {
    const freeTotal = sum(free);
    if (freeTotal === 0) return fillZeros(projected, upper, isCapped, room);
    // Divide first: what is left free may be too small for 1 / freeTotal.
    const share = free.map((weight) => room * (weight / freeTotal));
    let cappedAnother = false;
    for (let i = 0; i < free.length; i++) {
      if (isCapped[i] === 1 || share[i]! <= upper[i]!) continue;
      projected[i] = upper[i]!;
      isCapped[i] = 1;
      free[i] = 0;
      cappedAnother = true;
    }
    if (!cappedAnother) return projected.map((capped, i) => (isCapped[i] === 1 ? capped : share[i]!));
    room = Math.max(0, 1 - sum(projected));
  }
}

/** Puts `room` into the weights that are not capped, in proportion to their bounds; in place. */
function fillZeros(
  weights: Float64Array,
  upper: ArrayLike<number>,
  isCapped: Uint8Array,
  room: number,
): Float64Array {
  const bounds = weights.map((_, i) => (isCapped[i] === 1 ? 0 : upper[i]!));
  const capacity = sum(bounds);
  if (room <= 0 || capacity === 0) return weights;
  return weights.map((weight, i) => weight + Math.min(bounds[i]!, (room * bounds[i]!) / capacity));
}

/**
 * Integers in proportion to `weights` that sum to exactly `total` (largest remainder; ties to the lower index).
 * A zero weight stays zero.
 */
export function largestRemainder(weights: ArrayLike<number>, total: number): number[] {
  const quotas = Array.from(normalise(weights), (weight) => weight * total);
  const units = quotas.map(Math.floor);
  const byRemainder = units
    .map((_, i) => i)
    .filter((i) => quotas[i]! > 0)
    .sort((i, j) => quotas[j]! - units[j]! - (quotas[i]! - units[i]!) || i - j);
  let missing = total - sum(units);
  for (let turn = 0; missing > 0; turn = (turn + 1) % byRemainder.length, missing--) {
    units[byRemainder[turn]!]!++;
  }
  // Quotas are rounded too, so the floors may be over by a few; the smallest remainders give back.
  for (const i of byRemainder.toReversed()) {
    if (missing === 0) break;
    if (units[i] === 0) continue;
    units[i]!--;
    missing++;
  }
  return units;
}

export interface RoundedWeights {
  /** Each weight in steps of 10^-decimals; the sum is exactly 10^decimals. */
  units: number[];
  /** "0.125000": what to print. */
  texts: string[];
  /** The doubles nearest the texts. */
  numbers: number[];
}

/** Weights as decimal fractions that sum to exactly 1 (`decimals` 1..15). A zero weight stays zero. */
export function roundToDecimals(weights: ArrayLike<number>, decimals: number): RoundedWeights {
  if (!(Number.isInteger(decimals) && decimals >= 1 && decimals <= 15)) {
    throw new RangeError(`decimals=${decimals} should be an integer from 1 to 15`);
  }
  const units = largestRemainder(weights, 10 ** decimals);
  const texts = units.map((unit) => {
    const digits = String(unit).padStart(decimals + 1, "0");
    return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  });
  return { units, texts, numbers: texts.map(Number) };
}

/** exp(entropy): K for equal weights, 1 for a single domain. */
export function effectiveDomains(weights: ArrayLike<number>): number {
  let entropyNats = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i]! > 0) entropyNats -= weights[i]! * Math.log(weights[i]!);
  }
  return Math.exp(entropyNats);
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
