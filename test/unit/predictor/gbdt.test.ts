import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { populationDeviation } from "../../../pipeline/math/stats.ts";
import { gbdt, type GbdtOptions } from "../../../pipeline/predictor/gbdt.ts";
import { predictRows, type FitInput } from "../../../pipeline/predictor/predictor.ts";
import { measureLaw } from "./synthetic.ts";

const exact: Partial<GbdtOptions> = {
  leaves: 31,
  minRowsPerLeaf: 1,
  l1: 0,
  l2: 0,
  learningRate: 0.1,
  maxTrees: 20,
  validationFolds: 0,
};

// The same 40 rows of three features as in the Python programs below:
//   i = np.arange(1, 41)
//   X = np.stack([np.modf(i * a)[0] for a in (0.6180339887, 0.4142135624, 0.7320508076)], 1) + .01
//   y = np.sin(5 * X[:, 0]) + 2 * (X[:, 1] - .5) ** 2 + .3 * X[:, 2] * X[:, 0]
//   s = (y - y.mean()) / y.std()
//   Z = np.array([[.2, .3, .4], [.9, .1, .5], [.5, .8, .05], [.35, .6, .95]])
const features = [0.6180339887, 0.4142135624, 0.7320508076];
const table = Array.from({ length: 40 }, (_, i) => features.map((step) => (((i + 1) * step) % 1) + 0.01));
const input: FitInput = {
  weights: Float64Array.from(table.flat()),
  rows: 40,
  domains: 3,
  targets: Float64Array.from(table, ([a, b, c]) => Math.sin(5 * a!) + 2 * (b! - 0.5) ** 2 + 0.3 * c! * a!),
  random: new Random("reference"),
};
const unseen = Float64Array.of(0.2, 0.3, 0.4, 0.9, 0.1, 0.5, 0.5, 0.8, 0.05, 0.35, 0.6, 0.95);

function assertPredicts(
  options: Partial<GbdtOptions>,
  mixtures: Float64Array,
  expected: readonly number[],
  tolerance: number,
): void {
  const predicted = predictRows(gbdt({ ...exact, ...options })(input), mixtures, 3);
  expected.forEach((value, row) =>
    assert.ok(Math.abs(predicted[row]! - value) < tolerance, `${predicted[row]} should be ${value}`),
  );
}

await test("two rows by hand: one tree of one split, half of the way", () => {
  const two: FitInput = {
    weights: Float64Array.of(0, 1, 1, 0),
    rows: 2,
    domains: 2,
    targets: Float64Array.of(10, 20),
    random: new Random("hand"),
  };
  const predictor = gbdt({ ...exact, maxTrees: 1, learningRate: 0.5 })(two);
  assert.equal(predictor.predict([0, 1]), 12.5);
  assert.equal(predictor.predict([1, 0]), 17.5);
});

await test("equals scikit-learn's GradientBoostingRegressor without penalties", () => {
  // scikit-learn 1.2.1:
  //   GradientBoostingRegressor(n_estimators=20, learning_rate=.1, max_depth=d, criterion="squared_error",
  //                             random_state=0).fit(X, y).predict(Z), d = 1 and 2
  const stumps = [0.8046292845001805, -0.42509955560545204, 0.8046292845001805, 0.8046292845001805];
  assertPredicts({ depth: 1 }, unseen, stumps, 1e-9);
  const pairs = [0.9091700779665652, -0.5334972549596617, 0.8845296249266958, 0.9091700779665652];
  assertPredicts({ depth: 2 }, unseen, pairs, 1e-9);
});

await test("equals XGBoost's exact trees with L1, L2 and a smallest leaf", () => {
  // xgboost 1.7.4, 32-bit floats: train(dict(max_depth=3, eta=.1, alpha=1, lambda=1, min_child_weight=5,
  //   tree_method="exact", base_score=0), DMatrix(X, s), 20).predict(DMatrix(Z)) * y.std() + y.mean()
  const expected = [0.9449984829331124, -0.4047084004864821, 0.8476560095194307, 0.9326947000762698];
  assertPredicts({ depth: 3, minRowsPerLeaf: 5, l1: 1, l2: 1 }, unseen, expected, 1e-6);
});

await test("equals LightGBM with its penalties and leaf-wise growth", () => {
  // lightgbm 4.7.0: train(dict(num_leaves, max_depth, lambda_l1, lambda_l2, learning_rate=.1, min_data_in_leaf=5,
  //   min_data_in_bin=1, max_bin=255, min_sum_hessian_in_leaf=0, deterministic=True, num_threads=1),
  //   Dataset(X, s), rounds).predict(X[[0, 9, 19, 39]]) * y.std() + y.mean()
  // On rows it was fitted to, since its thresholds lie elsewhere in the gap between them; and for as many rounds as its
  // short cut does not matter (a domain that gains nothing in a node is not tried again below it).
  const fitted = Float64Array.from([0, 9, 19, 39].flatMap((row) => table[row]!));
  const deep = { depth: 4, minRowsPerLeaf: 5 };
  const plain = [0.16229396889602452, 0.9661514189690472, 1.016145738447328, -0.2620929252101178];
  assertPredicts(deep, fitted, plain, 1e-7);
  const penalised = [0.24451434957086277, 0.8781901028515253, 0.8781901028515253, -0.2281637686711921];
  assertPredicts({ ...deep, l1: 1, l2: 1, maxTrees: 15 }, fitted, penalised, 1e-7);
  const leafWise = [0.16987067426744887, 0.9936119826349603, 1.0204607725701378, -0.30505163093002613];
  assertPredicts(
    { leaves: 5, depth: 40, minRowsPerLeaf: 5, l1: 0.5, l2: 2, maxTrees: 25 },
    fitted,
    leafWise,
    1e-7,
  );
});

await test("L1 = 1 makes no constant of losses that differ by a thousandth, nor of 16 rows", () => {
  const law = measureLaw({ rows: 16 });
  const spread = populationDeviation(law.targets);
  const tiny = { ...law, targets: law.targets.map((value) => 2 + (value - 2) * (0.001 / spread)) };
  const predicted = predictRows(gbdt({ l1: 1 })(tiny), law.weights, 6);
  assert.ok(populationDeviation(predicted) > 2e-4, `${populationDeviation(predicted)}`);
});

await test("boosting stops early on noise, and goes on where there is something to learn", () => {
  const law = measureLaw({ rows: 60, noise: 0 });
  const random = new Random("noise");
  const noise = { ...law, targets: law.targets.map(() => random.normal()) };
  const spreadOf = (fitted: FitInput) =>
    populationDeviation(predictRows(gbdt()(fitted), law.weights, 6)) / populationDeviation(fitted.targets);
  assert.ok(spreadOf(noise) < 0.5 && spreadOf(law) > 0.9, `${spreadOf(noise)} ${spreadOf(law)}`);
});
