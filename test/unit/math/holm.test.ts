import assert from "node:assert/strict";
import test from "node:test";
import { holm } from "../../../pipeline/math/holm.ts";

await test('as R\'s p.adjust(c(.01, .04, .03, .005), "holm") has it: .03 .06 .06 .02', () => {
  holm([0.01, 0.04, 0.03, 0.005]).forEach((value, i) =>
    assert.ok(Math.abs(value - [0.03, 0.06, 0.06, 0.02][i]!) < 1e-12),
  );
  assert.deepEqual(holm([0.9, 0.8]), [1, 1]);
  assert.deepEqual(holm([]), []);
});
