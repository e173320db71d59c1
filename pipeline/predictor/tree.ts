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

interface Leaf {
  readonly node: number;
  readonly depth: number;
  readonly rows: Uint32Array;
  /** features * rows.length: its rows in the order of each feature; empty where it may not be split. */
  readonly order: Uint32Array;
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
  const goesHere = new Uint8Array(data.rows);
  const grow = (members: Uint32Array, among: Uint32Array, node: number, depth: number): Leaf => {
    let residual = 0;
    for (const row of members) residual += residuals[row]!;
    if (depth === options.depth || members.length < 2 * options.minRowsPerLeaf) {
      return { node, depth, rows: members, order: none, residual, split: undefined };
    }
    goesHere.fill(0);
    for (const row of members) goesHere[row] = 1;
    const order = takeRows(among, goesHere, data.features * members.length);
    const split = findSplit(data, residuals, order, members.length, residual, options);
    return { node, depth, rows: members, order, residual, split };
  };
  const leaves = [grow(rows, data.order, 0, 0)];

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
      grow(left, best.order, used, best.depth + 1),
      grow(right, best.order, used + 1, best.depth + 1),
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

/** sums[row] += scale * the tree's value, for rows * features values. */
export function addTreeOfRows(
  { feature, threshold, left, value }: Tree,
  rows: Float64Array,
  features: number,
  scale: number,
  sums: Float64Array,
): void {
  for (let row = 0, at = 0; row < sums.length; row++, at += features) {
    let node = 0;
    for (let by = feature[0]!; by >= 0; by = feature[node]!) {
      node = left[node]! + (rows[at + by]! <= threshold[node]! ? 0 : 1);
    }
    sums[row]! += scale * value[node]!;
  }
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

const none = new Uint32Array();

/** The rows with a mark, in their order; `count` of them. */
function takeRows(rows: Uint32Array, marks: Uint8Array, count: number): Uint32Array {
  const taken = new Uint32Array(count);
  let at = 0;
  for (let i = 0; at < count; i++) {
    const row = rows[i]!;
    // Written in any case and overwritten where it is not wanted: a branch here would be guessed wrong half of the time.
    taken[at] = row;
    at += marks[row]!;
  }
  return taken;
}

/**
 * The split that lowers the penalised squared loss most; the first of equals; undefined if none lowers it.
 *
 * @param order features * count: the leaf's rows by ascending bin of each feature
 */
function findSplit(
  data: BinnedFeatures,
  residuals: Float64Array,
  order: Uint32Array,
  count: number,
  total: number,
  options: TreeOptions,
): Split | undefined {
  const { bins, features, rows } = data;
  const { minRowsPerLeaf } = options;
  const parentScore = leafScore(total, count, options);
  let best: Split | undefined;
  for (let feature = 0; feature < features; feature++) {
    const column = feature * rows;
    const first = feature * count;
    let left = 0;
    let lastBin = 0;
    for (let i = 0; count - i >= minRowsPerLeaf;) {
      const bin = bins[column + order[first + i]!]!;
      if (i >= minRowsPerLeaf) {
        const gain = leafScore(left, i, options) + leafScore(total - left, count - i, options) - parentScore;
        if (gain > (best?.gain ?? 1e-12)) best = { gain, feature, bin: lastBin, nextBin: bin };
      }
      let sum = 0;
      for (; i < count && bins[column + order[first + i]!] === bin; i++) sum += residuals[order[first + i]!]!;
      left += sum;
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
