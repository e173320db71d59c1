import assert from "node:assert/strict";
import test from "node:test";
import { sampleDirichlet } from "../../../pipeline/math/dirichlet.ts";
import { Random } from "../../../pipeline/math/random.ts";

for (const strength of [0.05, 1, 20]) {
  await test(`Dirichlet of strength ${strength} has the right means and variances`, () => {
    const mean = [0.5, 0.3, 0.15, 0.05];
    const alpha = Float64Array.from(mean, (share) => share * strength);
    const random = new Random(`dirichlet ${strength}`);
    const draws = Array.from({ length: 20_000 }, () => sampleDirichlet(alpha, random));
    mean.forEach((share, k) => {
      const drawnMean = draws.reduce((sum, weights) => sum + weights[k]!, 0) / draws.length;
      const drawnVariance =
        draws.reduce((sum, weights) => sum + (weights[k]! - share) ** 2, 0) / draws.length;
      // Var = mean (1 - mean) / (strength + 1)
      const variance = (share * (1 - share)) / (strength + 1);
      assert.ok(Math.abs(drawnMean - share) < 5 * Math.sqrt(variance / draws.length), `mean ${drawnMean}`);
      assert.ok(Math.abs(drawnVariance / variance - 1) < 0.1, `variance ${drawnVariance} of ${variance}`);
    });
  });
}

await test("tiny alphas give one-hot weights in the right proportions, never NaN", () => {
  const random = new Random("tiny");
  const counts = [0, 0, 0];
  for (let i = 0; i < 4000; i++) {
    const weights = sampleDirichlet(Float64Array.of(6e-8, 3e-8, 1e-8), random);
    const winner = weights.indexOf(Math.max(...weights));
    assert.ok(weights[winner]! > 0.999);
    counts[winner]!++;
  }
  [0.6, 0.3, 0.1].forEach((share, k) => {
    assert.ok(Math.abs(counts[k]! / 4000 - share) < 0.04, `${k}: ${counts[k]}`);
  });
});

await test("a zero alpha gives a zero weight; all zero or negative alphas are refused", () => {
  const random = new Random("zero");
  const weights = sampleDirichlet(Float64Array.of(1, 0, 2), random);
  assert.equal(weights[1], 0);
  assert.ok(Math.abs(weights[0]! + weights[2]! - 1) < 1e-15);
  assert.throws(() => sampleDirichlet(Float64Array.of(0, 0), random), /one of 2 alphas should be positive/);
  assert.throws(() => sampleDirichlet(Float64Array.of(1, -1), random), /alpha=-1 should be 0 or finite/);
});
