import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { exactWeights, sumsToExactlyOne } from "../../../pipeline/manifest/exact-weights.ts";
import { Random } from "../../../pipeline/math/random.ts";

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

await test("three thirds, by hand: the first takes what is left over", () => {
  assert.deepEqual(exactWeights([1, 1, 1], 3), [0.334, 0.333, 0.333]);
});

await test("a zero weight stays zero and a tiny one may become it", () => {
  assert.deepEqual(exactWeights([0.9999, 0, 0.0001], 3), [1, 0, 0]);
  assert.deepEqual(exactWeights([0.9999, 0, 0.0001], 4), [0.9999, 0, 0.0001]);
});

await test("a weight at its bound is not rounded over it while another has room", () => {
  // 2/3 would round up to 0.667, which is over the bound 2/3.
  assert.deepEqual(exactWeights([2, 1], 3, [2 / 3, 1]), [0.666, 0.334]);
  // No room anywhere: the sum comes first.
  assert.deepEqual(exactWeights([2, 1], 3, [2 / 3, 1 / 3]), [0.667, 0.333]);
});

await test("doubles that add up to less than 1 in list order move a unit", () => {
  // 0.6 + 0.3 + 0.1 is 0.9999999999999999.
  const weights = exactWeights([0.6, 0.3, 0.1], 6);
  assert.notEqual(0.6 + 0.3 + 0.1, 1);
  assert.equal(sum(weights), 1);
  assert.ok(sumsToExactlyOne(weights));
});

await test("sumsToExactlyOne sees one unit in the twelfth decimal", () => {
  assert.ok(sumsToExactlyOne([0.1, 0.2, 0.7]));
  assert.ok(!sumsToExactlyOne([0.1, 0.2, 0.699999999999]));
  assert.ok(!sumsToExactlyOne([0.3333, 0.3333, 0.3333]));
});

await test("up to a dozen weights of 6 decimals add up to exactly 1 as doubles too", () => {
  const random = new Random("exact-weights");
  for (let domains = 2; domains <= 12; domains++) {
    for (let draw = 0; draw < 40; draw++) {
      const weights = Array.from({ length: domains }, () => random.uniform() + 0.01);
      assert.equal(sum(exactWeights(weights, 6)), 1);
    }
  }
});

await test("any weights: exact in decimals, near, fixed decimals, zeros kept", () => {
  const mixture = fc
    .array(fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1, noNaN: true })), {
      minLength: 2,
      maxLength: 40,
    })
    .filter((weights) => weights.filter((weight) => weight > 0.01).length > 1);
  fc.assert(
    fc.property(mixture, fc.integer({ min: 3, max: 12 }), (weights, decimals) => {
      const exact = exactWeights(weights, decimals);
      assert.ok(sumsToExactlyOne(exact));
      assert.ok(Math.abs(sum(exact) - 1) < 1e-14);
      const total = sum(weights);
      for (const [i, weight] of exact.entries()) {
        assert.equal(Number(weight.toFixed(decimals)), weight);
        assert.ok(Math.abs(weight - weights[i]! / total) < 3.5 * 10 ** -decimals);
        if (weights[i] === 0) assert.equal(weight, 0);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});
