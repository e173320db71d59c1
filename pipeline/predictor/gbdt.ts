/**
 * Gradient-boosted regression trees with LightGBM's meanings (Ke et al. 2017), for the paper's predictor (section 3.2:
 * depth 4, at least 5 samples in a leaf, L1 and L2, early stopping).
 */
import { binFeatures, type BinnedFeatures } from "./binning.ts";
import { bootstrapped } from "./bootstrap.ts";
import type { Member } from "./combine.ts";
import { groupedFolds, rowsOutside } from "./folds.ts";
import type { FitInput, FitPredictor, Predictor } from "./predictor.ts";
import { onStandardisedTargets } from "./standardise.ts";
import { addTreeOfRows, growTree, predictBinned, predictTree, type Tree, type TreeOptions } from "./tree.ts";

export interface GbdtOptions extends TreeOptions {
  readonly learningRate: number;
  readonly maxTrees: number;
  /** Boosting stops when the validation loss has not improved for this many trees. */
  readonly patience: number;
  /** Every row validates once, in one of this many folds; 0 grows maxTrees trees without validating. */
  readonly validationFolds: number;
  /** Only the first fold validates, and the trees are those that did not see it: no refit, as in the recipe. */
  readonly holdOut: boolean;
}

const defaults: GbdtOptions = {
  leaves: 15,
  depth: 4,
  minRowsPerLeaf: 5,
  l1: 1,
  l2: 1,
  learningRate: 0.1,
  maxTrees: 400,
  patience: 20,
  validationFolds: 5,
  holdOut: false,
};

/**
 * The recipe's settings (`8_predict.py` of NeMo Curator's CLIMB): a tenth of the rows, 7 of the first round's 64, decides
 * when to stop, and is not learnt from. Its loss is 100 times an accuracy; here targets are standardised, which spares it
 * the constant model that an L1 of 1 makes of small targets.
 */
const recipe: Partial<GbdtOptions> = {
  leaves: 31,
  learningRate: 0.01,
  maxTrees: 1000,
  validationFolds: 10,
  holdOut: true,
};

/** Fewer rows than this per smallest leaf leave nothing to split: 16 rows get leaves of 2 instead of 5. */
const rowsPerSmallestLeaf = 8;

export function gbdt(options: Partial<GbdtOptions> = {}): FitPredictor {
  return onStandardisedTargets(
    bootstrapped((input) => {
      const { predictor, count, settings } = fitGbdt(input, options);
      return {
        predictor,
        refit: (other) => {
          const data = binFeatures(other.weights, other.rows, other.domains);
          return boost(
            new Boosting(data, other.targets, rowsOutside(new Uint32Array(), other.rows), settings),
            count,
          );
        },
      };
    }),
  );
}

export function recipeGbdt(): FitPredictor {
  return onStandardisedTargets((input) => {
    const patience = Math.min(20, Math.ceil(input.rows / recipe.validationFolds!));
    return { ...gbdtMember(input, { ...recipe, patience }).predictor, name: "recipe-gbdt" };
  });
}

/** For standardised targets. Left-out rows are those of its own folds, by which it stops. */
export function gbdtMember(input: FitInput, options: Partial<GbdtOptions> = {}): Member {
  const { predictor, leftOut } = fitGbdt(input, options);
  return { predictor, leftOut: () => leftOut };
}

function fitGbdt(input: FitInput, options: Partial<GbdtOptions>) {
  const most = Math.floor(input.rows / rowsPerSmallestLeaf);
  const asked = { ...defaults, ...options };
  const settings = { ...asked, minRowsPerLeaf: Math.max(1, Math.min(asked.minRowsPerLeaf, most)) };
  const data = binFeatures(input.weights, input.rows, input.domains);
  const { count, leftOut, held } = countTrees(data, input, settings);
  const boosting = new Boosting(data, input.targets, rowsOutside(held, input.rows), settings);
  return { predictor: boost(boosting, count), count, leftOut, settings };
}

function boost(boosting: Boosting, count: number): Predictor {
  const trees = Array.from({ length: count }, () => boosting.addTree());
  const { base, learningRate } = boosting;
  return {
    name: "gbdt",
    predict(weights) {
      let sum = base;
      for (const tree of trees) sum += learningRate * predictTree(tree, weights);
      return sum;
    },
    predictAll(rows, domains) {
      const sums = new Float64Array(rows.length / domains).fill(base);
      for (const tree of trees) addTreeOfRows(tree, rows, domains, learningRate, sums);
      return sums;
    },
  };
}

/**
 * The number of trees with the lowest squared error on rows that were left out, over all folds together: one fold of
 * seven rows would decide by chance. At least one tree, since a constant ranks nothing.
 */
function countTrees(
  data: BinnedFeatures,
  input: FitInput,
  options: GbdtOptions,
): { count: number; leftOut: Float64Array; held: Uint32Array } {
  const { weights, rows, domains, targets, random } = input;
  const none = { leftOut: new Float64Array(rows).fill(Number.NaN), held: new Uint32Array() };
  if (options.validationFolds === 0) return { count: options.maxTrees, ...none };
  const all = groupedFolds(weights, rows, domains, options.validationFolds, random);
  if (all.length < 2) return { count: 1, ...none };
  const folds = options.holdOut ? all.slice(0, 1) : all;
  const boostings = folds.map((fold) => new Boosting(data, targets, rowsOutside(fold, rows), options));
  let best = 1;
  let lowest = Infinity;
  const leftOut = none.leftOut.slice();
  for (let count = 1; count <= options.maxTrees && count - best <= options.patience; count++) {
    let squares = 0;
    for (const [index, fold] of folds.entries()) {
      const boosting = boostings[index]!;
      boosting.addTree();
      for (const row of fold) squares += boosting.residuals[row]! ** 2;
    }
    if (squares < lowest) {
      lowest = squares;
      best = count;
      for (const [index, fold] of folds.entries()) {
        for (const row of fold) leftOut[row] = targets[row]! - boostings[index]!.residuals[row]!;
      }
    }
  }
  return { count: best, leftOut, held: options.holdOut ? folds[0]! : none.held };
}

/** A growing sum of trees that learns from some of the rows and keeps the residuals of all. */
class Boosting {
  readonly #data: BinnedFeatures;
  readonly #rows: Uint32Array;
  readonly #options: GbdtOptions;
  /** What is predicted before the first tree: the mean of the rows learnt from. */
  readonly base: number;
  /** Measured minus predicted so far, for every row. */
  readonly residuals: Float64Array;

  get learningRate(): number {
    return this.#options.learningRate;
  }

  constructor(data: BinnedFeatures, targets: Float64Array, rows: Uint32Array, options: GbdtOptions) {
    this.#data = data;
    this.#rows = rows;
    this.#options = options;
    let total = 0;
    for (const row of rows) total += targets[row]!;
    const base = total / rows.length;
    this.base = base;
    this.residuals = targets.map((value) => value - base);
  }

  addTree(): Tree {
    const tree = growTree(this.#data, this.residuals, this.#rows, this.#options);
    for (let row = 0; row < this.residuals.length; row++) {
      this.residuals[row]! -= this.#options.learningRate * predictBinned(tree, this.#data, row);
    }
    return tree;
  }
}
