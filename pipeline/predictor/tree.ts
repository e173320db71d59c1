/**
 * One regression tree of a boosted sum, grown leaf by leaf: the leaf whose best split gains most is split next
 * (LightGBM, Ke et al. 2017). Squared loss, so every row's second derivative is 1 and sums of them are counts.
 */
import type { BinnedFeatures } from "./binning.ts";

export interface TreeOptions {
  readonly leaves: number;
  /** Splits on the longest way from the root to a leaf. */
  readonly depth: number;
  readonly minRowsPerLeaf: number;
  readonly l1: number;
  readonly l2: number;
}

/** Nodes in the order they were made, root first; a leaf has feature -1. */
export interface Tree {
  readonly feature: Int16Array;
  readonly threshold: Float64Array;
  /** Bin of the threshold: rows in this or a lower bin go left. */
  readonly bin: Uint16Array;
  /** The left child; the right child is the next node. */
  readonly left: Uint16Array;
  readonly value: Float64Array;
}

// Scratch for findSplit, which would otherwise spend its time allocating.
const histogramSums = new Float64Array(2 ** 16);
const histogramCounts = new Uint32Array(2 ** 16);

interface Leaf {
  readonly node: number;
  readonly depth: number;
  readonly rows: Uint32Array;
  readonly residual: number;
  readonly split: Split | undefined;
}

interface Split {
  readonly gain: number;
  readonly feature: number;
  /** The last bin that goes left, and the first that holds rows of this leaf and goes right. */
  readonly bin: number;
  readonly nextBin: number;
}

/**
 * @param residuals one per row of `data`: measured minus predicted so far
 * @param rows the rows to learn from
 */
export function growTree(
  data: BinnedFeatures,
  residuals: Float64Array,
  rows: Uint32Array,
  options: TreeOptions,
): Tree {
  const nodes = Math.max(1, 2 * Math.min(options.leaves, rows.length) - 1);
  const tree: Tree = {
    feature: new Int16Array(nodes).fill(-1),
    threshold: new Float64Array(nodes),
    bin: new Uint16Array(nodes),
    left: new Uint16Array(nodes),
    value: new Float64Array(nodes),
  };
  const leaves = [makeLeaf(data, residuals, rows, 0, 0, options)];

  for (let used = 1; used < nodes; used += 2) {
    const best = leaves.reduce((most, leaf) =>
      (leaf.split?.gain ?? 0) > (most.split?.gain ?? 0) ? leaf : most,
    );
    if (best.split === undefined) break;
    const { feature, bin, nextBin } = best.split;
    tree.feature[best.node] = feature;
    tree.threshold[best.node] = (data.highest[feature]![bin]! + data.lowest[feature]![nextBin]!) / 2;
    tree.bin[best.node] = bin;
    tree.left[best.node] = used;

    const column = data.bins.subarray(feature * data.rows, (feature + 1) * data.rows);
    const left = best.rows.filter((row) => column[row]! <= bin);
    const right = best.rows.filter((row) => column[row]! > bin);
    leaves.splice(
      leaves.indexOf(best),
      1,
      makeLeaf(data, residuals, left, used, best.depth + 1, options),
      makeLeaf(data, residuals, right, used + 1, best.depth + 1, options),
    );
  }
  for (const { node, residual, rows: members } of leaves) {
    tree.value[node] = softThreshold(residual, options.l1) / (members.length + options.l2);
  }
  return tree;
}

export function predictTree(tree: Tree, weights: ArrayLike<number>): number {
  let node = 0;
  while (tree.feature[node]! >= 0) {
    node = tree.left[node]! + (weights[tree.feature[node]!]! <= tree.threshold[node]! ? 0 : 1);
  }
  return tree.value[node]!;
}

/** The tree's value for a row of the data it was grown on. */
export function predictBinned(tree: Tree, data: BinnedFeatures, row: number): number {
  let node = 0;
  while (tree.feature[node]! >= 0) {
    const bin = data.bins[tree.feature[node]! * data.rows + row]!;
    node = tree.left[node]! + (bin <= tree.bin[node]! ? 0 : 1);
  }
  return tree.value[node]!;
}

function makeLeaf(
  data: BinnedFeatures,
  residuals: Float64Array,
  rows: Uint32Array,
  node: number,
  depth: number,
  options: TreeOptions,
): Leaf {
  let residual = 0;
  for (const row of rows) residual += residuals[row]!;
  const mayHold = depth < options.depth && rows.length >= 2 * options.minRowsPerLeaf;
  const split = mayHold ? findSplit(data, residuals, rows, residual, options) : undefined;
  return { node, depth, rows, residual, split };
}

/** The split that lowers the penalised squared loss most; the first of equals; undefined if none lowers it. */
function findSplit(
  data: BinnedFeatures,
  residuals: Float64Array,
  rows: Uint32Array,
  total: number,
  options: TreeOptions,
): Split | undefined {
  const parentScore = leafScore(total, rows.length, options);
  let best: Split | undefined;
  for (let feature = 0; feature < data.features; feature++) {
    const binCount = data.highest[feature]!.length;
    if (binCount === 1) continue;
    const sums = histogramSums.fill(0, 0, binCount);
    const counts = histogramCounts.fill(0, 0, binCount);
    const offset = feature * data.rows;
    for (const row of rows) {
      const bin = data.bins[offset + row]!;
      sums[bin]! += residuals[row]!;
      counts[bin]!++;
    }
    let left = 0;
    let leftCount = 0;
    let lastBin = 0;
    for (let bin = 0; bin < binCount; bin++) {
      if (counts[bin] === 0) continue;
      const rightCount = rows.length - leftCount;
      if (rightCount < options.minRowsPerLeaf) break;
      if (leftCount >= options.minRowsPerLeaf) {
        const gain =
          leafScore(left, leftCount, options) + leafScore(total - left, rightCount, options) - parentScore;
        if (gain > (best?.gain ?? 1e-12)) best = { gain, feature, bin: lastBin, nextBin: bin };
      }
      left += sums[bin]!;
      leftCount += counts[bin]!;
      lastBin = bin;
    }
  }
  return best;
}

/** Twice the loss that a leaf of this residual sum takes away. */
function leafScore(residual: number, count: number, { l1, l2 }: TreeOptions): number {
  return softThreshold(residual, l1) ** 2 / (count + l2);
}

function softThreshold(value: number, l1: number): number {
  return Math.sign(value) * Math.max(0, Math.abs(value) - l1);
}
