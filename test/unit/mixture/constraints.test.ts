import assert from "node:assert/strict";
import test from "node:test";
import { ConfigError, InputError } from "../../../pipeline/core/errors.ts";
import { maxWeights } from "../../../pipeline/mixture/constraints.ts";

const sum = (weights: Float64Array) => weights.reduce((left, right) => left + right, 0);

const budget = { targetTokens: 1000, proxyTokens: null, maxEpochs: 4 };

await test("the cap worked by hand: 4 epochs of 100 tokens are 0.4 of 1000", () => {
  assert.deepEqual([...maxWeights([100, 200, 500, 0], budget)], [0.4, 0.8, 1, 0]);
});

await test("a budget beyond the cap says which budget or cap would do, and those do", () => {
  const tokens = [100, 33];
  assert.throws(
    () => maxWeights(tokens, budget),
    (error) =>
      error instanceof ConfigError &&
      /targetTokens=1000 should be <= 532: the domains hold 133 tokens and budget.maxEpochs=4/.test(
        error.message,
      ) &&
      /targetTokens=532 or budget.maxEpochs=7.52/.test(error.hint),
  );
  assert.ok(sum(maxWeights(tokens, { ...budget, targetTokens: 532 })) >= 1 - 1e-12);
  assert.ok(sum(maxWeights(tokens, { ...budget, maxEpochs: 7.52 })) >= 1 - 1e-12);
  assert.throws(() => maxWeights([0, 0], budget), InputError);
});
