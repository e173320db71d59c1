import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { spearman } from "../../../pipeline/math/stats.ts";
import { gp } from "../../../pipeline/predictor/gp.ts";
import { fitObjective } from "../../../pipeline/predictor/objective.ts";
import { type Predictor, predictRows } from "../../../pipeline/predictor/predictor.ts";
import { believeBelow, onCheapTier, settledBy } from "../../../pipeline/predictor/tiers.ts";
import { drawMixtures, lawLoss, measureLaw } from "./synthetic.ts";

const domains = 6;
const unseen = drawMixtures(200, domains, new Random("unseen"));
const rowsOf = (weights: Float64Array) =>
  Array.from({ length: weights.length / domains }, (_, row) =>
    weights.subarray(row * domains, (row + 1) * domains),
  );
/** Follows the law, and adds a bend of its own. */
const dear = (mixture: ArrayLike<number>) => 0.5 + 0.7 * lawLoss(mixture) + 0.2 * mixture[4]! ** 2;
const truth = Float64Array.from(rowsOf(unseen), dear);

await test("ten dear runs on a trend of two hundred cheap ones order better than ten alone", () => {
  const cheap = gp()(measureLaw({ rows: 200, noise: 0.01, name: "cheap" }));
  const { weights, random } = measureLaw({ rows: 10, name: "dear" });
  const input = { weights, rows: 10, domains, targets: Float64Array.from(rowsOf(weights), dear), random };
  const alone = spearman(truth, predictRows(gp()(input), unseen, domains));
  const tiered = onCheapTier("gp on cheap", gp(), [cheap])(input);
  const together = spearman(truth, predictRows(tiered, unseen, domains));
  assert.ok(together > alone + 0.02 && together > 0.97, `${alone} alone, ${together} together`);
  assert.equal(tiered.name, "gp on cheap");
  assert.ok(
    Math.abs(tiered.predict(unseen.slice(0, domains)) - predictRows(tiered, unseen, domains)[0]!) < 1e-9,
  );
  const believed = tiered.believe!(unseen.slice(0, domains), domains).predictWithDeviation!(unseen, domains);
  const before = tiered.predictWithDeviation!(unseen, domains);
  assert.ok(believed.deviation[0]! < before.deviation[0]!);
  assert.ok(Math.abs(believed.mean[3]! - before.mean[3]!) < 1e-9);
});

await test("a cheap tier that runs backwards is left out; each target has its own", () => {
  const backwards = { name: "backwards", predict: (mixture: ArrayLike<number>) => -lawLoss(mixture) };
  const same = { name: "same", predict: lawLoss };
  const { weights, targets, random } = measureLaw({ rows: 24 });
  const measured = { weights, rows: 24, domains, losses: [targets, targets], targetWeights: [1, 1] };
  const { targets: models } = fitObjective(onCheapTier("tiers", gp(), [backwards, same]), measured, random);
  const plain = fitObjective(gp(), measured, random).targets[0]!;
  assert.ok(
    Math.abs(models[0]!.predict(unseen.slice(0, domains)) - plain.predict(unseen.slice(0, domains))) < 1e-9,
  );
  assert.ok(spearman(truth, predictRows(models[1]!, unseen, domains)) > 0.95);
});

/** Says so at every row. */
const sure = (mean: number, deviation: number, noise: number): Predictor => ({
  name: "sure",
  predict: () => mean,
  predictWithDeviation: (rows, width) => ({
    mean: new Float64Array(rows.length / width).fill(mean),
    deviation: new Float64Array(rows.length / width).fill(deviation),
    noise,
  }),
  believe: () => sure(mean, 0, noise),
});

function near(actual: number, variance: number): void {
  assert.ok(Math.abs(actual - Math.sqrt(variance)) < 1e-12, `${actual ** 2} ${variance}`);
}

await test("doubt of three tiers by hand: what each would settle, and what believing leaves", () => {
  // Slopes: the losses fall with w_0 as the linear trend does, twice as fast in each dearer tier.
  const weights = Float64Array.of(1, 0, 0, 1);
  const input = (targets: number[]) => ({
    weights,
    rows: 2,
    domains: 2,
    targets: Float64Array.from(targets),
    random: new Random("tiers"),
  });
  const lowest = { ...sure(0, 0.1, 0), predict: (mixture: ArrayLike<number>) => mixture[0]! };
  const middle = onCheapTier("middle", () => sure(0, 0.3, 0), [lowest])(input([2, 0]));
  const dear = onCheapTier("dear", () => sure(0, 0.6, 0.6), [middle])(input([4, 0]));
  const deviation = (predictor: Predictor) => predictor.predictWithDeviation!(weights, 2).deviation[0]!;
  assert.equal(dear.predict([1, 0]), 4);
  near(deviation(dear), 0.36 + 4 * (0.09 + 4 * 0.01));
  near(deviation(settledBy(dear, 2)), 16 * 0.01);
  near(deviation(settledBy(dear, 1)), 4 * 0.09 + 16 * 0.01);
  // Half of the rest's variance, for it is measured with as much noise.
  near(deviation(settledBy(dear, 0)), 0.18 + 4 * 0.09 + 16 * 0.01);
  near(deviation(settledBy(dear, 3)), 0);
  near(deviation(believeBelow(dear, 2, weights, 2)), 0.36 + 4 * 0.09);
  near(deviation(believeBelow(dear, 1, weights, 2)), 0.36);
  near(deviation(dear.believe!(weights, 2)), 0);
});
