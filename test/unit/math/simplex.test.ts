import assert from "node:assert/strict";
import test from "node:test";
import {
  effectiveDomains,
  largestRemainder,
  normalise,
  projectOntoBounds,
  roundToDecimals,
  withWeight,
} from "../../../pipeline/math/simplex.ts";

function assertClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(actual[i]! - value) < 1e-12, `[${i}]: ${actual[i]} is not ${value}`);
  });
}

await test("normalise keeps proportions", () => {
  assertClose(normalise([1, 3, 0]), [0.25, 0.75, 0]);
  assert.throws(() => normalise([0, 0]), /sum\(values\)=0 should be positive/);
  assert.throws(() => normalise([2, -1]), RangeError);
  assert.throws(() => normalise([1, Number.NaN]), RangeError);
});

await test("one weight changed, the others in proportion (by hand); a domain alone leaves them alike", () => {
  assertClose(withWeight([0.2, 0.6, 0.2], 0, 0.6), [0.6, 0.3, 0.1]);
  assertClose(withWeight([0.2, 0.6, 0.2], 1, 0), [0.5, 0, 0.5]);
  assertClose(withWeight([1, 0, 0], 0, 0.5), [0.5, 0.25, 0.25]);
});

await test("projection worked by hand: the excess goes to the others in proportion", () => {
  // 0.6 is cut to 0.4; the 0.2 left over goes to 0.3 and 0.1 as 3 : 1.
  assertClose(projectOntoBounds([0.6, 0.3, 0.1], [0.4, 1, 1]), [0.4, 0.45, 0.15]);
  // Now 0.45 is over its own bound, and the last takes the rest.
  assertClose(projectOntoBounds([0.6, 0.3, 0.1], [0.4, 0.4, 1]), [0.4, 0.4, 0.2]);
  assertClose(projectOntoBounds([0.6, 0.3, 0.1], [1, 1, 1]), [0.6, 0.3, 0.1]);
});

await test("projection agrees with bisection for the scale", () => {
  // lo, hi = 0, 1e6
  // for _ in range(200): s = (lo + hi) / 2; (lo, hi) = (s, hi) if np.minimum(u, s * w).sum() < 1 else (lo, s)
  // np.minimum(u, hi * w)
  assertClose(projectOntoBounds([0.5, 0.3, 0.15, 0.05], [0.35, 0.32, 0.3, 1]), [0.35, 0.32, 0.2475, 0.0825]);
  assertClose(projectOntoBounds([0.61, 0.2, 0.1, 0.05, 0.04], [0.3, 0.25, 0.2, 0.2, 0.2]), [
    0.3,
    0.25,
    0.2,
    0.25 * (5 / 9),
    0.25 * (4 / 9),
  ]);
});

await test("projection: zero weights stay zero unless the others cannot hold the rest", () => {
  assertClose(projectOntoBounds([0.9, 0.1, 0], [0.5, 0.6, 1]), [0.5, 0.5, 0]);
  // 0.5 left over for bounds 0.4 and 0.6: 0.2 and 0.3.
  assertClose(projectOntoBounds([1, 0, 0], [0.5, 0.4, 0.6]), [0.5, 0.2, 0.3]);
  assertClose(projectOntoBounds([1, 0], [0.5, 0.5]), [0.5, 0.5]);
});

await test("projection is exact when what is left free is next to nothing", () => {
  assertClose(projectOntoBounds([1, 5e-324, 1e-320], [0.5, 0.3, 0.3]), [0.5, 0.2, 0.3]);
});

await test("projection names the bounds' sum when it is below 1", () => {
  assert.throws(() => projectOntoBounds([0.5, 0.5], [0.25, 0.5]), {
    name: "RangeError",
    message: "sum(upper)=0.75 should be >= 1",
  });
});

await test("largest remainder worked by hand", () => {
  // Quotas 4.5, 3.3, 2.2: floors 4, 3, 2 leave one, which goes to 0.5.
  assert.deepEqual(largestRemainder([0.45, 0.33, 0.22], 10), [5, 3, 2]);
  assert.deepEqual(largestRemainder([1, 1, 1], 10), [4, 3, 3], "ties go to the lower index");
  assert.deepEqual(largestRemainder([0, 1, 1], 3), [0, 2, 1], "zero stays zero");
});

await test("roundToDecimals sums to exactly 1 and prints every decimal", () => {
  const rounded = roundToDecimals([1 / 3, 1 / 3, 1 / 3, 0], 6);
  assert.deepEqual(rounded.units, [333334, 333333, 333333, 0]);
  assert.deepEqual(rounded.texts, ["0.333334", "0.333333", "0.333333", "0.000000"]);
  assert.deepEqual(rounded.numbers, [0.333334, 0.333333, 0.333333, 0]);
  assert.deepEqual(roundToDecimals([0, 1], 3).texts, ["0.000", "1.000"]);
  assert.throws(() => roundToDecimals([1], 16), /decimals=16 should be/);
});

await test("effectiveDomains: equal weights count fully, one domain counts once", () => {
  assert.ok(Math.abs(effectiveDomains([0.25, 0.25, 0.25, 0.25]) - 4) < 1e-12);
  assert.equal(effectiveDomains([0, 1, 0]), 1);
  // numpy: np.exp(scipy.stats.entropy([.5, .25, .125, .125]))
  assert.ok(Math.abs(effectiveDomains([0.5, 0.25, 0.125, 0.125]) - 3.363585661014858) < 1e-12);
});
