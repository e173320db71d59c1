/** Features as small integers, so that a tree looks for its splits in histograms. */

export interface BinnedFeatures {
  readonly rows: number;
  readonly features: number;
  /** features * rows, feature-major: the bin of each value. */
  readonly bins: Uint16Array;
  /** features * rows: of each feature, the rows by ascending bin, those of one bin in their own order. */
  readonly order: Uint32Array;
  /** Per feature and bin, ascending: the lowest and the highest value in it. */
  readonly lowest: readonly Float64Array[];
  readonly highest: readonly Float64Array[];
}

/**
 * One bin per distinct value, so that a split is exact; only where there are more than `maxBins` distinct values do
 * neighbours share a bin, in about equal counts.
 *
 * @param values rows * features, row-major
 */
export function binFeatures(
  values: Float64Array,
  rows: number,
  features: number,
  maxBins = 255,
): BinnedFeatures {
  const bins = new Uint16Array(features * rows);
  const order = new Uint32Array(features * rows);
  const lowest: Float64Array[] = [];
  const highest: Float64Array[] = [];
  for (let feature = 0; feature < features; feature++) {
    const column = Float64Array.from({ length: rows }, (_, row) => values[row * features + feature]!);
    const edges = findEdges(column.toSorted(), maxBins);
    lowest.push(edges.lowest);
    highest.push(edges.highest);
    const at = feature * rows;
    for (let row = 0; row < rows; row++) bins[at + row] = binOf(column[row]!, edges.highest);
    const ofFeature = order.subarray(at, at + rows).map((_, row) => row);
    order.set(
      ofFeature.sort((left, right) => bins[at + left]! - bins[at + right]! || left - right),
      at,
    );
  }
  return { rows, features, bins, order, lowest, highest };
}

function findEdges(sorted: Float64Array, maxBins: number): { lowest: Float64Array; highest: Float64Array } {
  const distinct = sorted.reduce((count, value, i) => count + (i > 0 && value === sorted[i - 1] ? 0 : 1), 0);
  const rowsPerBin = distinct <= maxBins ? 1 : sorted.length / maxBins;
  const lowest = [sorted[0]!];
  const highest: number[] = [];
  let start = 0;
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i] === sorted[i - 1] || i - start < rowsPerBin) continue;
    highest.push(sorted[i - 1]!);
    lowest.push(sorted[i]!);
    start = i;
  }
  highest.push(sorted.at(-1)!);
  return { lowest: Float64Array.from(lowest), highest: Float64Array.from(highest) };
}

/** The first bin that reaches up to `value`, by bisection. */
function binOf(value: number, highest: Float64Array): number {
  let low = 0;
  let high = highest.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= highest[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}
