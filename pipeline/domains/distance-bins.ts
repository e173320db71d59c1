import { quantile } from "../math/stats.ts";

/** Steps of the quantile grid. */
export const quantileSteps = 1000;

/** The quantiles 0, 0.001, ..., 1 of the distances that are numbers (length 1001). RangeError if none is. */
export function distanceQuantiles(distances: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(distances)
    .filter((distance) => !Number.isNaN(distance))
    .sort();
  return Float64Array.from({ length: quantileSteps + 1 }, (_, step) =>
    quantile(sorted, step / quantileSteps),
  );
}

/**
 * How many distances lie up to each quantile and beyond the one before it; the last bin is beyond all (length 1002). NaN
 * is not counted.
 */
export function countByQuantile(quantiles: Float64Array, distances: ArrayLike<number>): Uint32Array {
  const counts = new Uint32Array(quantiles.length + 1);
  for (let i = 0; i < distances.length; i++) {
    const distance = distances[i]!;
    if (!Number.isNaN(distance)) counts[firstNotBelow(quantiles, distance)]! += 1;
  }
  return counts;
}

/** Share of the counted distances beyond the quantile of `share`. */
export function shareBeyond(counts: ArrayLike<number>, share: number): number {
  const first = Math.round(share * quantileSteps) + 1;
  let total = 0;
  let beyond = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    total += counts[bin]!;
    if (bin >= first) beyond += counts[bin]!;
  }
  return beyond / total;
}

function firstNotBelow(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
