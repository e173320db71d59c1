import assert from "node:assert/strict";
import test from "node:test";
import { logarithm, squareRoot, standardiseFeatures } from "../../../pipeline/predictor/features.ts";

await test("roots by hand: column means away, one scale for all columns", () => {
  // Roots are 0, 1 in the first column and 1, 0.5 in the second: means 0.5 and 0.75, mean variance (1/4 + 1/16) / 2.
  const features = standardiseFeatures(squareRoot, Float64Array.of(0, 1, 1, 0.25), 2, 2);
  const scale = Math.sqrt(5 / 32);
  assert.deepEqual([...features.x], [-0.5 / scale, 0.25 / scale, 0.5 / scale, -0.25 / scale]);
  assert.deepEqual(features.map([0.25, 0.25]), Float64Array.of(0, -0.25 / scale));
});

await test("rows that are all alike keep their scale", () => {
  const features = standardiseFeatures(squareRoot, Float64Array.of(0.25, 0.25), 2, 1);
  assert.deepEqual(features.map([1]), Float64Array.of(0.5));
});

await test("weights of zero, and below by rounding, have finite features", () => {
  assert.equal(squareRoot(-1e-18), 0);
  assert.equal(logarithm(-1e-18), Math.log(1e-3));
});
