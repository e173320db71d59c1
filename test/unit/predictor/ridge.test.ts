import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { r2 } from "../../../pipeline/math/stats.ts";
import { predictRows, type FitInput } from "../../../pipeline/predictor/predictor.ts";
import { ridge } from "../../../pipeline/predictor/ridge.ts";
import { drawMixtures } from "./synthetic.ts";

await test("two rows of one domain each by hand: halfway from the mean with penalty 3", () => {
  // Every one of the 6 columns is -1, 1 or 1, -1 and so is the target: the coefficients are 2 / (6 * 2 + 2 * 3) each.
  const input: FitInput = {
    weights: Float64Array.of(0, 1, 1, 0),
    rows: 2,
    domains: 2,
    targets: Float64Array.of(10, 20),
    random: new Random("hand"),
  };
  const predictor = ridge({ penalties: [3] })(input);
  assert.ok(Math.abs(predictor.predict([1, 0]) - (15 + 5 * (12 / 18))) < 1e-12);
  assert.ok(Math.abs(predictor.predict([0, 1]) - (15 - 5 * (12 / 18))) < 1e-12);
});

await test("equals scikit-learn's Ridge on the same columns", () => {
  // scikit-learn 1.2.1:
  //   i = np.arange(1, 13)
  //   W = np.stack([np.modf(i * a)[0] + .01 for a in (.6180339887, .4142135624)], 1); W /= W.sum(1, keepdims=True)
  //   t = np.sin(5 * W[:, 0]); P = np.array([[.1, .9], [.5, .5], [.8, .2]])
  //   columns = lambda w: np.hstack([w, np.sqrt(w), np.log(w + 1e-3)])
  //   sc = StandardScaler().fit(columns(W))
  //   Ridge(alpha=12 * .01).fit(sc.transform(columns(W)), t).predict(sc.transform(columns(P)))
  const table = Array.from({ length: 12 }, (_, i) => {
    const [a, b] = [(((i + 1) * 0.6180339887) % 1) + 0.01, (((i + 1) * 0.4142135624) % 1) + 0.01];
    return [a / (a + b), b / (a + b)];
  });
  const input: FitInput = {
    weights: Float64Array.from(table.flat()),
    rows: 12,
    domains: 2,
    targets: Float64Array.from(table, ([a]) => Math.sin(5 * a!)),
    random: new Random("reference"),
  };
  const predicted = predictRows(
    ridge({ penalties: [0.01] })(input),
    Float64Array.of(0.1, 0.9, 0.5, 0.5, 0.8, 0.2),
    2,
  );
  const expected = [0.7384536810684239, 0.5419037536478178, -0.8786909855229976];
  expected.forEach((value, i) => assert.ok(Math.abs(predicted[i]! - value) < 1e-9, `${predicted[i]}`));
});

/** sqrt(w_0) - w_1 of each row of five domains: in the columns' reach. */
function law(mixtures: Float64Array): Float64Array {
  return Float64Array.from(
    { length: mixtures.length / 5 },
    (_, row) => Math.sqrt(mixtures[row * 5]!) - mixtures[row * 5 + 1]!,
  );
}

await test("the penalty fits the noise: large for noise alone, small for what the columns hold", () => {
  const random = new Random("penalty");
  const weights = drawMixtures(60, 5, random);
  const unseen = drawMixtures(100, 5, random);
  const input = { weights, rows: 60, domains: 5, random };
  const exact = ridge()({ ...input, targets: law(weights) });
  assert.ok(r2(law(unseen), predictRows(exact, unseen, 5)) > 0.999);
  const noise = ridge()({ ...input, targets: new Float64Array(60).map(() => random.normal()) });
  assert.ok(predictRows(noise, unseen, 5).every((value) => Math.abs(value) < 0.6));
});
