import assert from "node:assert/strict";
import test from "node:test";
import {
  deviationOfLargest,
  normalCdf,
  normalDensity,
  normalQuantile,
} from "../../../pipeline/math/normal.ts";

await test("the normal distribution as scipy 1.10's norm.cdf and norm.pdf have it", () => {
  const expected = [
    [0, 0.5],
    [0.3, 0.6179114221889526],
    [-3, 0.0013498980316300933],
    [-20, 2.7536241186061556e-89],
  ] as const;
  for (const [x, cdf] of expected) {
    assert.ok(Math.abs(normalCdf(x) / cdf - 1) < 1e-9, `${x}: ${normalCdf(x)}`);
    assert.ok(Math.abs(normalCdf(x) + normalCdf(-x) - 1) < 1e-15);
  }
  assert.equal(normalCdf(-40), 0);
  assert.ok(Math.abs(normalDensity(0) - 0.3989422804014327) < 1e-16);
});

await test("quantiles as scipy's norm.ppf", () => {
  for (const [share, x] of [
    [0.975, 1.959963984540054],
    [0.95, 1.6448536269514722],
    [0.5, 0],
  ] as const) {
    assert.ok(Math.abs(normalQuantile(share) - x) < 1e-9);
  }
  assert.throws(() => normalQuantile(1), RangeError);
});

await test("the larger of two normals has the deviation of Clark's formula, of several nearly", () => {
  // Of two standard ones: variance 1 - 1 / pi. Of three: 0.5595 (David & Nagaraja 2003, table of order statistics).
  assert.ok(Math.abs(deviationOfLargest([0, 0], [1, 1]) - Math.sqrt(1 - 1 / Math.PI)) < 1e-9);
  assert.ok(Math.abs(deviationOfLargest([0, 0, 0], [1, 1, 1]) - Math.sqrt(0.5595)) < 0.01);
  assert.ok(Math.abs(deviationOfLargest([9, 0], [0.5, 1]) - 0.5) < 1e-6, "one that is far ahead decides");
  assert.equal(deviationOfLargest([1, 2], [0, 0]), 0);
  assert.equal(deviationOfLargest([3], [0.25]), 0.25);
});
