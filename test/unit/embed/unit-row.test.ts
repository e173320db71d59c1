import assert from "node:assert/strict";
import { test } from "node:test";
import { writeUnitRow } from "../../../pipeline/embed/unit-row.ts";

await test("a vector is scaled to length 1 and written to its row only", () => {
  const rows = new Float32Array([9, 9, 9, 9, 9, 9]);
  assert.equal(writeUnitRow(Float64Array.of(3, 4), rows, 1), true);
  assert.deepEqual([...rows], [9, 9, Math.fround(0.6), Math.fround(0.8), 9, 9]);
});

await test("the zero vector becomes the first axis", () => {
  const rows = new Float32Array([9, 9, 9]);
  assert.equal(writeUnitRow(Float64Array.of(0, 0, 0), rows, 0), true);
  assert.deepEqual([...rows], [1, 0, 0]);
});

await test("what has no finite length is refused and nothing is written", () => {
  for (const value of [Number.NaN, Infinity, 1e200]) {
    const rows = new Float32Array([9, 9]);
    assert.equal(writeUnitRow(Float64Array.of(value, 1), rows, 0), false);
    assert.deepEqual([...rows], [9, 9]);
  }
});
