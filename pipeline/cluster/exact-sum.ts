/**
 * Sums that do not depend on their order. Every value is first rounded to a multiple of one quantum q, a
 * power of two large enough that no sum of `count` such values reaches 2^53 q: then every addition of
 * float64 is exact, so any split among workers, and any history of adding and taking away, gives the same
 * bits. (The one-bin case of Demmel & Nguyen, Parallel Reproducible Summation, 2015.)
 *
 * The price is an error of at most q/2 a value, q <= 2^-50 * count * largest: at a million unit vectors
 * about 1e-9, below the float32 rounding of the centroid made from the sum.
 */

/**
 * The constant that rounds: `(x + rounder) - rounder` is x to the nearest multiple of q, if |x| <= largest.
 * Up to `3 * count` rounded values may be added and taken away exactly.
 */
export function rounderFor(count: number, largest: number): number {
  if (largest === 0) return 0;
  const exponent = Math.ceil(Math.log2(count * largest)) - 51;
  return 1.5 * 2 ** (52 + exponent);
}

/** sums[at ..] += (data[from ..] rounded), `dim` values. */
export function addRow(
  sums: Float64Array,
  at: number,
  data: Float32Array,
  from: number,
  dim: number,
  rounder: number,
): void {
  for (let i = at, j = from, end = from + dim; j < end; i++, j++) {
    sums[i]! += data[j]! + rounder - rounder;
  }
}

/** {@link subtractRow} at `from` and {@link addRow} at `to` in one walk, which takes two thirds of the time. */
export function moveRow(
  sums: Float64Array,
  from: number,
  to: number,
  data: Float32Array,
  at: number,
  dim: number,
  rounder: number,
): void {
  for (let j = 0; j < dim; j++) {
    const value = data[at + j]! + rounder - rounder;
    sums[from + j]! -= value;
    sums[to + j]! += value;
  }
}

/** The exact inverse of {@link addRow}. */
export function subtractRow(
  sums: Float64Array,
  at: number,
  data: Float32Array,
  from: number,
  dim: number,
  rounder: number,
): void {
  for (let i = at, j = from, end = from + dim; j < end; i++, j++) {
    sums[i]! -= data[j]! + rounder - rounder;
  }
}
