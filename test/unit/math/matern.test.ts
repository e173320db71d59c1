import assert from "node:assert/strict";
import test from "node:test";
import { fillMatern52, interpolateMatern52, matern52 } from "../../../pipeline/math/matern.ts";

// scikit-learn 1.2.1: [Matern(1, nu=2.5)([[0]], [[r]])[0, 0] for r in (0, .5, 1, 3)]; the third by hand is
// (1 + sqrt5 + 5/3) exp(-sqrt5).
const distances = [0, 0.5, 1, 3];
const expected = [1, 0.8286491424181253, 0.5239941088318203, 0.027723421914625807];

await test("equals scikit-learn's kernel, one by one and many at once", () => {
  const squared = Float64Array.from(distances, (r) => r * r);
  const values = new Float64Array(4);
  fillMatern52(squared, values, new Float64Array(4));
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(matern52(squared[i]!) - value) < 1e-15);
    assert.equal(values[i], matern52(squared[i]!));
  }
});

await test("the slope along the squared distance equals finite differences, also at 0", () => {
  const squared = Float64Array.of(0, 1e-4, 0.3, 2, 9);
  const slopes = new Float64Array(5);
  fillMatern52(squared, new Float64Array(5), slopes);
  assert.ok(Math.abs(slopes[0]! + 5 / 6) < 1e-15);
  for (const i of [1, 2, 3, 4]) {
    const step = squared[i]! * 1e-4;
    const slope = (matern52(squared[i]! + step) - matern52(squared[i]! - step)) / (2 * step);
    assert.ok(Math.abs(slope - slopes[i]!) < 1e-6, `${slopes[i]} should be ${slope}`);
  }
});

await test("interpolated, it is the same to eleven places, near and far", () => {
  const squared = Float64Array.from({ length: 3001 }, (_, i) => (i / 60) ** 2);
  const values = squared.slice();
  interpolateMatern52(values, 3000);
  for (let i = 0; i < 3000; i++) {
    assert.ok(Math.abs(values[i]! - matern52(squared[i]!)) < 1e-11, `${values[i]} at ${squared[i]}`);
  }
  assert.equal(values[3000], squared[3000], "what is beyond the count is left alone");
  assert.equal(values[0], 1);
});
