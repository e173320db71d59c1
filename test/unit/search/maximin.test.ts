import assert from "node:assert/strict";
import test from "node:test";
import { maximin } from "../../../pipeline/search/maximin.ts";

await test("by hand: from the middle to one end, then to the other", () => {
  // In roots: (.71, .71), (0, 1), (1, 0), (.77, .63).
  const [middle, right, left, near] = [
    Float64Array.of(0.5, 0.5),
    Float64Array.of(0, 1),
    Float64Array.of(1, 0),
    Float64Array.of(0.6, 0.4),
  ] as const;
  assert.deepEqual(maximin([middle, near, right, left], [], 3), [middle, right, left]);
  assert.deepEqual(maximin([near, right, left], [left, middle], 1), [right], "measured ones count as picked");
  assert.equal(maximin([near], [], 5).length, 1);
});
