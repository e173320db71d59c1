import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { logLinear, logLinearLoss } from "../../../pipeline/predictor/log-linear.ts";
import { drawMixtures, lawLoss, measureLaw } from "./synthetic.ts";

await test("one row by hand: squared within the Huber bound, linear beyond it", () => {
  // Prediction c + exp(b + t . w) = 1 + exp(0 + 2 * 0.5 - 1) = 2; ridge 0.1 * (2^2 + (-2)^2) / 2 = 0.4.
  const parameters = Float64Array.of(1, 0, 2, 0);
  const row = { weights: Float64Array.of(0.5, 0.5), rows: 1, domains: 2 };
  parameters[1] = -1;
  const lossAt = (target: number) =>
    logLinearLoss({ ...row, targets: Float64Array.of(target) }, { huber: 0.5, ridge: 0.1 })(
      parameters,
      new Float64Array(4),
    );
  const ridge = (0.1 * 4) / 2;
  assert.ok(Math.abs(lossAt(1.6) - (0.4 ** 2 / 2 + ridge)) < 1e-12);
  assert.ok(Math.abs(lossAt(5) - (0.5 * (3 - 0.25) + ridge)) < 1e-12);
});

await test("the gradient equals finite differences", () => {
  const input = measureLaw({ rows: 12, domains: 4, noise: 0.3 });
  const loss = logLinearLoss(input, { huber: 0.5, ridge: 0.01 });
  const random = new Random("gradient");
  for (let point = 0; point < 5; point++) {
    const parameters = new Float64Array(6).map(() => random.normal());
    const gradient = new Float64Array(6);
    loss(parameters, gradient);
    const scratch = new Float64Array(6);
    for (let i = 0; i < 6; i++) {
      const step = 1e-6;
      const above = loss(parameters.with(i, parameters[i]! + step), scratch);
      const below = loss(parameters.with(i, parameters[i]! - step), scratch);
      const slope = (above - below) / (2 * step);
      assert.ok(Math.abs(slope - gradient[i]!) < 1e-6 * (1 + Math.abs(slope)), `${gradient[i]} at ${i}`);
    }
  }
});

await test("a law without noise is found again, also away from the measured mixtures", () => {
  const predictor = logLinear({ ridge: 0, maxIterations: 2000 })(measureLaw({ rows: 40, noise: 0 }));
  const unseen = drawMixtures(20, 6, new Random("unseen"));
  for (let row = 0; row < 20; row++) {
    const weights = unseen.subarray(row * 6, row * 6 + 6);
    assert.ok(Math.abs(predictor.predict(weights) - lawLoss(weights)) < 1e-3);
  }
  const vertex = [1, 0, 0, 0, 0, 0];
  assert.ok(Math.abs(predictor.predict(vertex) - lawLoss(vertex)) < 0.02);
});

await test("a few wild measurements do not carry the law away", () => {
  const input = measureLaw({ rows: 60, noise: 0.005 });
  const wild = { ...input, targets: input.targets.map((value, row) => (row % 20 === 0 ? value + 5 : value)) };
  const predictor = logLinear()(wild);
  const errors = Array.from({ length: 60 }, (_, row) => {
    const weights = input.weights.subarray(row * 6, row * 6 + 6);
    return Math.abs(predictor.predict(weights) - lawLoss(weights));
  });
  // Least squares would put the three outliers' mean effect, 0.25, on every row.
  const median = errors.sort((left, right) => left - right)[30]!;
  assert.ok(median < 0.12, `median error ${median}`);
});

await test("112 mixtures of 20 domains take less than a second", () => {
  const input = measureLaw({ rows: 112, domains: 20 });
  const start = performance.now();
  logLinear()(input);
  const elapsed = performance.now() - start;
  assert.ok(elapsed < 1000, `${elapsed} ms`);
});
