import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { populationDeviation, rmse } from "../../../pipeline/math/stats.ts";
import { refitWithout } from "../../../pipeline/predictor/combine.ts";
import { groupedFolds } from "../../../pipeline/predictor/folds.ts";
import { powerLaw, powerLawLoss, powerLawMember } from "../../../pipeline/predictor/power-law.ts";
import { drawMixtures, measureLaw } from "./synthetic.ts";

const options = { huber: 0.5, exponentPenalty: 10, tauPenalty: 1, maxIterations: 100 };

await test("one row by hand", () => {
  // c = 1, b = 2, tau = (1, 3), w = (1/2, 1/2): 1 + 2^-2 = 1.25; penalties (10 ln2^2 + (0 + ln3^2) / 2) / 2.
  const parameters = Float64Array.of(1, Math.LN2, 0, Math.log(3));
  const row = { weights: Float64Array.of(0.5, 0.5), rows: 1, domains: 2 };
  const lossAt = (target: number) =>
    powerLawLoss({ ...row, targets: Float64Array.of(target) }, options)(parameters, new Float64Array(4));
  const penalty = (10 * Math.LN2 ** 2 + Math.log(3) ** 2 / 2) / 2;
  assert.ok(Math.abs(lossAt(1) - (0.25 ** 2 / 2 + penalty)) < 1e-5);
  assert.ok(Math.abs(lossAt(3.25) - (0.5 * (2 - 0.25) + penalty)) < 1e-5);
});

await test("the gradient equals finite differences", () => {
  const loss = powerLawLoss(measureLaw({ rows: 12, domains: 4, noise: 0.3 }), options);
  const random = new Random("gradient");
  for (let point = 0; point < 5; point++) {
    const parameters = new Float64Array(6).map(() => random.normal());
    const gradient = new Float64Array(6);
    loss(parameters, gradient);
    const scratch = new Float64Array(6);
    for (let i = 0; i < 6; i++) {
      const above = loss(parameters.with(i, parameters[i]! + 1e-6), scratch);
      const below = loss(parameters.with(i, parameters[i]! - 1e-6), scratch);
      const slope = (above - below) / 2e-6;
      assert.ok(Math.abs(slope - gradient[i]!) < 1e-6 * (1 + Math.abs(slope)), `${gradient[i]} at ${i}`);
    }
  }
});

/** 2 + (0.5 + 3 w_0 + w_1)^-0.8 */
function truth(weights: ArrayLike<number>): number {
  return 2 + (0.5 + 3 * weights[0]! + weights[1]!) ** -0.8;
}

await test("a power law without noise is found again", () => {
  const random = new Random("power law");
  const weights = drawMixtures(80, 5, random);
  const targets = new Float64Array(80).map((_, row) => truth(weights.subarray(row * 5, row * 5 + 5)));
  const input = { weights, rows: 80, domains: 5, targets, random };
  const loose = { exponentPenalty: 0, tauPenalty: 1e-6, maxIterations: 1000 };
  const predictor = powerLaw(loose)(input);
  const unseen = drawMixtures(20, 5, new Random("unseen"));
  for (let row = 0; row < 20; row++) {
    const mixture = unseen.subarray(row * 5, row * 5 + 5);
    assert.ok(Math.abs(predictor.predict(mixture) - truth(mixture)) < 2e-3);
  }
});

await test("more of any domain never hurts, and a mixture of nothing is finite", () => {
  const predictor = powerLaw()(measureLaw({ rows: 30 }));
  const weights = [0.1, 0.2, 0.1, 0.2, 0.1, 0.1];
  for (let domain = 0; domain < 6; domain++) {
    const more = weights.with(domain, weights[domain]! + 0.2);
    assert.ok(predictor.predict(more) <= predictor.predict(weights));
  }
  assert.ok(Number.isFinite(predictor.predict([0, 0, 0, 0, 0, 0])));
});

await test("left-out rows are predicted by refits without them", () => {
  const input = measureLaw({ rows: 24, noise: 0.2 });
  const folds = groupedFolds(input.weights, 24, 6, 4, new Random("folds"));
  const refitted = refitWithout(input, folds, (seen) => powerLawMember(seen).predictor);
  const error = rmse(refitted, powerLawMember(input).leftOut(folds));
  // Its own refits start from where all rows led.
  assert.ok(error < 0.02 * populationDeviation(input.targets), `${error}`);
});
