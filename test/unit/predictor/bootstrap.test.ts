import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { mean, populationDeviation } from "../../../pipeline/math/stats.ts";
import { bootstrapped } from "../../../pipeline/predictor/bootstrap.ts";
import type { FitInput, Predictor } from "../../../pipeline/predictor/predictor.ts";

const constant = (value: number): Predictor => ({ name: "mean", predict: () => value });

/** Predicts the mean of the targets, and counts how often it was fitted again. */
function fitMean() {
  const counts = { refits: 0 };
  const fit = bootstrapped(({ targets }) => ({
    predictor: constant(mean(targets)),
    refit(other) {
      counts.refits++;
      return constant(mean(other.targets));
    },
  }));
  return { fit, counts };
}

function measure(rows: number): FitInput {
  const random = new Random("targets");
  const targets = Float64Array.from({ length: rows }, () => random.normal());
  return { weights: new Float64Array(rows).fill(1), rows, domains: 1, targets, random: new Random("fit") };
}

await test("the mean of n values is known to their deviation over sqrt n, and noise is their deviation", () => {
  const input = measure(400);
  const { deviation, noise, mean: means } = fitMean().fit(input).predictWithDeviation!(Float64Array.of(1), 1);
  assert.equal(means[0], mean(input.targets));
  const spread = populationDeviation(input.targets);
  // Twenty refits know a deviation within a sixth; three times that is allowed.
  assert.ok(Math.abs(deviation[0]! / (spread / 20) - 1) < 0.5, `${deviation[0]}`);
  assert.ok(Math.abs(noise / spread - 1) < 0.05, `${noise}`);
});

await test("nothing is fitted again before a deviation is asked for, and then once", () => {
  const { fit, counts } = fitMean();
  const predictor = fit(measure(8));
  predictor.predict([1]);
  assert.equal(counts.refits, 0);
  predictor.predictWithDeviation!(Float64Array.of(1), 1);
  predictor.believe!(Float64Array.of(1), 1).predictWithDeviation!(Float64Array.of(1), 1);
  assert.equal(counts.refits, 20);
});

await test("one row leaves no doubt and no noise that could be seen", () => {
  const stated = fitMean().fit(measure(1)).predictWithDeviation!(Float64Array.of(1, 1), 1);
  assert.ok(stated.deviation.every((value) => value < 1e-12));
  assert.equal(stated.noise, 0);
});
