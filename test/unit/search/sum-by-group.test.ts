import assert from "node:assert/strict";
import test from "node:test";
import { sumByGroup } from "../../../pipeline/search/sum-by-group.ts";

await test("values of a group add up, groups in the order they first appear", () => {
  assert.deepEqual(sumByGroup([1, 2, 4, 8], [7, 3, 7, 3]), [5, 10]);
  assert.deepEqual(sumByGroup(Float64Array.of(0.5), Int32Array.of(0)), [0.5]);
  assert.deepEqual(sumByGroup([], []), []);
});
