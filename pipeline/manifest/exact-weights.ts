import { normalise, roundToDecimals } from "../math/simplex.ts";

/** Tries before the doubles may stay an ulp off 1. */
const maxAttempts = 20_000;

/**
 * Weights as multiples of 10^-decimals (1..12) that sum to exactly 1.
 *
 * "Exactly" is meant in decimals: the printed numbers, added on paper, give 1. Where moving a unit or two from one weight
 * to another allows it (nearly always, from 6 decimals on), the doubles give exactly 1 too when added in list order, so
 * that `sum(weights) == 1` holds in a program. A zero weight stays zero. No weight is rounded up over its bound in
 * `upper` while another one has room.
 *
 * Both arrays have length K.
 */
export function exactWeights(
  weights: ArrayLike<number>,
  decimals: number,
  upper?: ArrayLike<number>,
): number[] {
  const scale = 10 ** decimals;
  const { units } = roundToDecimals(weights, decimals);
  const quotas = normalise(weights).map((weight) => weight * scale);
  // A weight that is over its bound before rounding stays there: only what rounding adds is given back.
  const bounds = units.map((_, i) => Math.floor(Math.max((upper?.[i] ?? 1) * scale, quotas[i]!)));
  giveBackExcess(units, quotas, bounds);
  return addUpToOne(units, quotas, bounds, scale).map((unit) => unit / scale);
}

/** True if the weights sum to 1 as decimals of at most 15 digits. */
export function sumsToExactlyOne(weights: readonly number[]): boolean {
  // A product below 2^50 is off by less than 1/8, so rounding restores the integer.
  return weights.reduce((sum, weight) => sum + Math.round(weight * 1e15), 0) === 1e15;
}

/** Move units that rounding put over a bound to the weights that were rounded down the most; in place. */
function giveBackExcess(units: number[], quotas: Float64Array, bounds: readonly number[]): void {
  for (const [i, bound] of bounds.entries()) {
    while (units[i]! > bound) {
      const taker = byRoundedDown(units, quotas).find((j) => units[j]! < bounds[j]!);
      if (taker === undefined) return;
      units[i]!--;
      units[taker]!++;
    }
  }
}

/** The units, or the nearest ones up to two moved units away, whose doubles add up to 1 in list order. */
function addUpToOne(
  units: readonly number[],
  quotas: Float64Array,
  bounds: readonly number[],
  scale: number,
): readonly number[] {
  if (floatingSum(units, scale) === 1) return units;
  const takers = byRoundedDown(units, quotas);
  const moves = takers.toReversed().flatMap((giver) => takers.map((taker) => [giver, taker] as const));
  let attempts = 0;
  for (const first of [undefined, ...moves]) {
    const start = first === undefined ? units : moveUnit(units, first, bounds);
    if (start === undefined) continue;
    for (const second of moves) {
      const moved = moveUnit(start, second, bounds);
      if (moved !== undefined && floatingSum(moved, scale) === 1) return moved;
      if (++attempts === maxAttempts) return units;
    }
  }
  return units;
}

function moveUnit(
  units: readonly number[],
  [giver, taker]: readonly [number, number],
  bounds: readonly number[],
): number[] | undefined {
  if (giver === taker || units[giver]! <= 1 || units[taker]! >= bounds[taker]!) return undefined;
  const moved = [...units];
  moved[giver]!--;
  moved[taker]!++;
  return moved;
}

/** Indices of the positive weights, those that lost most to rounding first. */
function byRoundedDown(units: readonly number[], quotas: Float64Array): number[] {
  return [...units.keys()]
    .filter((i) => units[i]! > 0)
    .sort((i, j) => quotas[j]! - units[j]! - (quotas[i]! - units[i]!) || i - j);
}

function floatingSum(units: readonly number[], scale: number): number {
  return units.reduce((sum, unit) => sum + unit / scale, 0);
}
