import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { crossValidate } from "../../../pipeline/predictor/cross-validate.ts";
import { learningCurve, partialDependence } from "../../../pipeline/predictor/diagnose.ts";
import { recipeGbdt } from "../../../pipeline/predictor/gbdt.ts";
import { gp } from "../../../pipeline/predictor/gp.ts";
import { fitObjective, type MeasuredMixtures } from "../../../pipeline/predictor/objective.ts";
import type { FitPredictor } from "../../../pipeline/predictor/predictor.ts";
import { ridge } from "../../../pipeline/predictor/ridge.ts";
import { measureLaw } from "./synthetic.ts";

function measured(rows: number, noise = 0.02): MeasuredMixtures {
  const { weights, domains, targets } = measureLaw({ rows, noise });
  return { weights, rows, domains, losses: [targets], targetWeights: [1] };
}

/** States one deviation for everything: that of the targets it saw. */
const widths =
  (deviation: number, noise: number): FitPredictor =>
  () => ({
    name: "widths",
    predict: () => 0,
    predictWithDeviation: (rows, domains) => ({
      mean: new Float64Array(rows.length / domains),
      deviation: new Float64Array(rows.length / domains).fill(deviation),
      noise,
    }),
  });

await test("coverage by hand: how many measurements lie within the stated widths of 0", () => {
  // 0.5, -1.5, 1.8 and 3 against a deviation of hypot(0.6, 0.8) = 1.
  const four: MeasuredMixtures = {
    weights: Float64Array.of(0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.4, 0.6),
    rows: 4,
    domains: 2,
    losses: [Float64Array.of(0.5, -1.5, 1.8, 3)],
    targetWeights: [1],
  };
  const options = { measured: four, folds: 2, random: new Random("hand") };
  const { coverage } = crossValidate("widths", widths(0.6, 0.8), options);
  assert.deepEqual(coverage, [
    { nominal: 0.68, measured: 0.25 },
    { nominal: 0.9, measured: 0.5 },
    { nominal: 0.95, measured: 0.75 },
  ]);
});

await test("a good model's figures on mixtures it has not seen; no coverage where no deviation is stated", () => {
  const options = { measured: measured(40), folds: 5, random: new Random("figures") };
  const score = crossValidate("gp", gp(), options);
  assert.ok(score.kendall > 0.7 && score.kendall < score.spearman);
  assert.ok(score.coverage.every(({ nominal, measured: share }) => Math.abs(share - nominal) < 0.2));
  assert.deepEqual(crossValidate("recipe-gbdt", recipeGbdt(), options).coverage, []);
});

await test("the learning curve has three points, and climbs", () => {
  const curve = learningCurve(ridge(), { measured: measured(100), random: new Random("curve") });
  assert.deepEqual(
    curve.map(({ rows }) => rows),
    [20, 40, 80],
  );
  assert.ok(curve[2]!.spearman > 0.95 && curve[2]!.spearman >= curve[0]!.spearman);
});

/** w_0 + 10 w_1 of two rows of three domains. */
function firstTwo(rows: Float64Array): Float64Array {
  return Float64Array.of(rows[0]! + 10 * rows[1]!, rows[3]! + 10 * rows[4]!);
}

await test("partial dependence by hand: the others keep their proportions", () => {
  // At w_0 = 0.5, (0.2, 0.6, 0.2) becomes (0.5, 0.375, 0.125) and (1, 0, 0) (0.5, 0.25, 0.25).
  const two = { weights: Float64Array.of(0.2, 0.6, 0.2, 1, 0, 0), rows: 2, domains: 3 };
  const [at] = partialDependence(firstTwo, two, 0, [0.5]);
  assert.ok(Math.abs(at! - (4.25 + 3) / 2) < 1e-12);

  const law = measured(60);
  const fitted = fitObjective(gp(), law, new Random("dependence"));
  const [none, half] = partialDependence((rows) => fitted.predictAll(rows, 6), law, 0, [0, 0.5]);
  assert.ok(half! < none! - 0.3, "the law's first domain lowers the loss");
});

await test("the objective's deviation adds the targets' as independent", () => {
  const { weights, rows, domains } = measured(4);
  const two = {
    weights,
    rows,
    domains,
    losses: [new Float64Array(4), new Float64Array(4)],
    targetWeights: [3, 1],
  };
  const { deviation, noise } = fitObjective(widths(4, 8), two, new Random("sum")).predictWithDeviation!(
    weights,
    domains,
  );
  const factor = Math.hypot(0.75, 0.25);
  assert.ok(Math.abs(deviation[3]! - 4 * factor) < 1e-12 && Math.abs(noise - 8 * factor) < 1e-12);
  assert.equal("predictWithDeviation" in fitObjective(recipeGbdt(), two, new Random("sum")), false);
});
