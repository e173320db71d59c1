import assert from "node:assert/strict";
import test from "node:test";
import { objectiveOf } from "../../../pipeline/math/objective.ts";

await test("the mean by weight, or natural's and the largest difference to it (by hand)", () => {
  const weights = [3, 1, 0];
  assert.equal(objectiveOf({ weights }, [1, 2, 9]), 1.25);
  // Natural's mean is 1.5; the differences are -0.5, +0.25 and one of a target that does not count.
  const worst = { weights, reference: [1.5, 1.5, 1] };
  assert.equal(objectiveOf(worst, [1, 1.75, 9]), 1.75);
  assert.equal(objectiveOf(worst, [1, 1, 9]), 1);
  assert.equal(objectiveOf(worst, worst.reference), 1.5);
});
