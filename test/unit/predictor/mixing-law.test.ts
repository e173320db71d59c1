import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { mean, populationDeviation, rmse } from "../../../pipeline/math/stats.ts";
import { logLinear } from "../../../pipeline/predictor/log-linear.ts";
import { fitMixingLaw, mixingLaw, mixingLawLoss } from "../../../pipeline/predictor/mixing-law.ts";
import { predictRows } from "../../../pipeline/predictor/predictor.ts";
import { drawMixtures, lawLoss, measureLaw } from "./synthetic.ts";

await test("one row by hand: squared within the Huber bound, linear beyond it, and the prior", () => {
  // Prediction 1 + exp(-1 + 2 / 2) = 2. Prior: .1 (1e-4 (1^2 + 1^2) / 2 + ln(1 + (2 / 2)^2)).
  const row = { weights: Float64Array.of(0.5, 0.5), rows: 1, domains: 2 };
  const lossAt = (target: number) =>
    mixingLawLoss({ ...row, targets: Float64Array.of(target) }, 0.1, 2).value(Float64Array.of(1, -1, 2, 0));
  const prior = 0.1 * (1e-4 + Math.LN2);
  assert.ok(Math.abs(lossAt(1.6) - (0.4 ** 2 / 2 + prior)) < 1e-12);
  assert.ok(Math.abs(lossAt(5) - (0.5 * (3 - 0.25) + prior)) < 1e-12);
});

await test("the gradient equals finite differences", () => {
  const { value, slopes } = mixingLawLoss(measureLaw({ rows: 12, domains: 4, noise: 0.3 }), 0.2, 2);
  const random = new Random("gradient");
  for (let point = 0; point < 5; point++) {
    const parameters = new Float64Array(6).map(() => random.normal());
    const { gradient } = slopes(parameters);
    for (let i = 0; i < 6; i++) {
      const step = 1e-6;
      const slope =
        (value(parameters.with(i, parameters[i]! + step)) -
          value(parameters.with(i, parameters[i]! - step))) /
        (2 * step);
      assert.ok(Math.abs(slope - gradient[i]!) < 1e-6 * (1 + Math.abs(slope)), `${gradient[i]} at ${i}`);
    }
  }
});

/** One of 12 domains is all that matters, and it saturates soon. */
const steepLoss = (weights: ArrayLike<number>) => 3 + Math.exp(1 - 25 * weights[0]!);

function measureSteep(rows: number, noise: number) {
  const domains = 12;
  const weights = drawMixtures(rows, domains, new Random("steep"));
  const random = new Random("steep/noise");
  const targets = new Float64Array(rows).map(
    (_, row) => steepLoss(weights.subarray(row * domains, (row + 1) * domains)) + noise * random.normal(),
  );
  return { weights, rows, domains, targets, random: new Random("fit") };
}

await test("few steep domains among many that are alike are found in noise, unshrunk", () => {
  const steep = measureSteep(24, 0.1);
  const unseen = drawMixtures(200, 12, new Random("unseen"));
  const truth = Float64Array.from({ length: 200 }, (_, row) =>
    steepLoss(unseen.subarray(row * 12, (row + 1) * 12)),
  );
  const errorOf = (fit: typeof mixingLaw) => rmse(truth, predictRows(fit()(steep), unseen, 12));
  assert.ok(errorOf(mixingLaw) < 0.7 * errorOf(logLinear), `${errorOf(mixingLaw)}, ${errorOf(logLinear)}`);
  const { mean: means, deviation, noise } = mixingLaw()(steep).predictWithDeviation!(unseen, 12);
  assert.ok(noise > 0.05 && noise < 0.15, `noise ${noise} should be near .1`);
  const within = truth.filter((value, row) => Math.abs(value - means[row]!) < 2 * deviation[row]!);
  assert.ok(within.length >= 0.85 * 200, `${within.length} of 200 within two deviations`);
});

await test("a law without noise is found again, also away from the measured mixtures", () => {
  const predictor = mixingLaw()(measureLaw({ rows: 40, noise: 0 }));
  const vertex = [1, 0, 0, 0, 0, 0];
  assert.ok(Math.abs(predictor.predict(vertex) - lawLoss(vertex)) < 0.05, `${predictor.predict(vertex)}`);
});

await test("a domain that was never measured is in doubt", () => {
  const seen = measureLaw({ rows: 40, domains: 5 });
  const weights = new Float64Array(40 * 6).map((_, i) =>
    i % 6 === 5 ? 0 : seen.weights[Math.floor(i / 6) * 5 + (i % 6)]!,
  );
  const { deviation } = mixingLaw()({ ...seen, weights, domains: 6 }).predictWithDeviation!(
    Float64Array.of(0.5, 0.2, 0.1, 0.1, 0.1, 0, 0.25, 0.1, 0.05, 0.05, 0.05, 0.5),
    6,
  );
  assert.ok(deviation[1]! > 10 * deviation[0]!, deviation.join(", "));
});

await test("believing by hand: variance v and noise n become v n / (v + n), means stay", () => {
  const predictor = mixingLaw()(measureLaw({ rows: 30, noise: 0.2 }));
  const mixture = Float64Array.of(0.3, 0.3, 0.1, 0.1, 0.1, 0.1);
  const before = predictor.predictWithDeviation!(mixture, 6);
  const after = predictor.believe!(mixture, 6).predictWithDeviation!(mixture, 6);
  const [v, n] = [before.deviation[0]! ** 2, before.noise ** 2];
  assert.equal(after.mean[0], before.mean[0]);
  assert.ok(Math.abs(after.deviation[0]! ** 2 - (v * n) / (v + n)) < 1e-9 * v);
});

await test("draws have the mean and the deviation that are stated", () => {
  const predictor = mixingLaw()(measureLaw({ rows: 30, noise: 0.2 }));
  const mixtures = drawMixtures(3, 6, new Random("mixtures"));
  const stated = predictor.predictWithDeviation!(mixtures, 6);
  const draws = predictor.sample!(mixtures, 6, 2000, new Random("draws"));
  for (let row = 0; row < 3; row++) {
    const values = draws.map((values) => values[row]!);
    const deviation = stated.deviation[row]!;
    assert.ok(Math.abs(mean(values) - stated.mean[row]!) < 0.1 * deviation);
    assert.ok(Math.abs(populationDeviation(values) - deviation) < 0.1 * deviation);
  }
});

await test("fewer rows than parameters still make a law", () => {
  const law = fitMixingLaw({ ...measureLaw({ rows: 3 }), targets: Float64Array.of(-1, 0, 1) });
  assert.ok(law.parameters.every(Number.isFinite) && law.covariance.every(Number.isFinite));
});

await test("a step where nothing was measured is no reason for astronomic figures", () => {
  const domains = 6;
  for (const name of ["step/0", "step/1", "step/2", "step/3"]) {
    const weights = drawMixtures(16, domains, new Random(name));
    const targets = Float64Array.from({ length: 16 }, (_, row) => (weights[row * domains]! < 0.02 ? 5 : 0));
    if (new Set(targets).size < 2) targets[0] = 5;
    const fitted = mixingLaw()({ weights, rows: 16, domains, targets, random: new Random("fit") });
    const vertices = Float64Array.from({ length: 36 }, (_, i) => Number(i % 7 === 0));
    const { mean: means, deviation } = fitted.predictWithDeviation!(vertices, domains);
    assert.ok(
      [...means, ...deviation].every((value) => Math.abs(value) < 5 * 50),
      `${means.join()} ${deviation.join()}`,
    );
  }
});
