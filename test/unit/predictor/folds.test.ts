import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Random } from "../../../pipeline/math/random.ts";
import { groupedFolds, rowsOutside } from "../../../pipeline/predictor/folds.ts";
import { drawMixtures } from "./synthetic.ts";

await test("six rows in three pairs of near duplicates: the pairs stay together", () => {
  const weights = Float64Array.of(0.5, 0.5, 0.2, 0.8, 0.9, 0.1, 0.5004, 0.4996, 0.2, 0.8, 0.9003, 0.0997);
  const folds = groupedFolds(weights, 6, 2, 3, new Random("pairs")).map((fold) => [...fold]);
  assert.deepEqual(
    folds.sort((left, right) => left[0]! - right[0]!),
    [
      [0, 3],
      [1, 4],
      [2, 5],
    ],
  );
});

await test("a chain of near duplicates is one group, wherever its links stand", () => {
  // 0 and 2 are 0.0012 apart and only linked by row 3.
  const weights = Float64Array.of(0.5, 0.5, 0.1, 0.9, 0.5006, 0.4994, 0.5003, 0.4997);
  const folds = groupedFolds(weights, 4, 2, 4, new Random("chain")).map((fold) => [...fold]);
  assert.deepEqual(folds, [[0, 2, 3], [1]]);
});

await test("each row is in one fold, sizes differ by at most one without duplicates, the seed decides", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 2, max: 8 }), (rows, count) => {
      const weights = drawMixtures(rows, 5, new Random("mixtures"));
      const folds = groupedFolds(weights, rows, 5, count, new Random("folds"));
      assert.deepEqual(folds, groupedFolds(weights, rows, 5, count, new Random("folds")));
      assert.equal(folds.length, Math.min(rows, count));
      const sizes = folds.map((fold) => fold.length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      const all = folds.flatMap((fold) => [...fold]).sort((left, right) => left - right);
      assert.deepEqual(
        all,
        Array.from({ length: rows }, (_, row) => row),
      );
      const outside = rowsOutside(folds[0]!, rows);
      assert.deepEqual(
        [...outside, ...folds[0]!].sort((left, right) => left - right),
        all,
      );
    }),
  );
});
