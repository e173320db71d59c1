import assert from "node:assert/strict";
import test from "node:test";
import { naturalMixture, uniformMixture } from "../../../pipeline/mixture/baselines.ts";
import { maxWeights } from "../../../pipeline/mixture/constraints.ts";

const budget = { targetTokens: 1000, proxyTokens: null, maxEpochs: 4 };

await test("natural and uniform mixtures keep to the caps", () => {
  const caps = maxWeights([100, 200, 500], budget);
  assert.deepEqual([...naturalMixture([0.125, 0.25, 0.625], caps)], [0.125, 0.25, 0.625]);
  const scarce = maxWeights([20, 480, 500], budget);
  const uniform = uniformMixture(3, scarce);
  assert.deepEqual(
    [...uniform].map((weight) => Number(weight.toFixed(12))),
    [0.08, 0.46, 0.46],
  );
  assert.equal(uniformMixture(3, maxWeights([0, 500, 500], budget))[0], 0, "an empty domain gets nothing");
});
