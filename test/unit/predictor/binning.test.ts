import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../pipeline/math/random.ts";
import { binFeatures } from "../../../pipeline/predictor/binning.ts";

await test("a bin for each distinct value", () => {
  // Two features of four rows; the second is constant.
  const { bins, lowest, highest } = binFeatures(Float64Array.of(0.5, 1, 0, 1, 0.25, 1, 0.5, 1), 4, 2);
  assert.deepEqual([...bins], [2, 0, 1, 2, 0, 0, 0, 0]);
  assert.deepEqual([...lowest[0]!], [0, 0.25, 0.5]);
  assert.deepEqual(highest[0], lowest[0]);
  assert.deepEqual([...lowest[1]!, ...highest[1]!], [1, 1]);
});

await test("more values than bins share them evenly, and equal values never part", () => {
  const random = new Random("bins");
  const values = new Float64Array(1000).map(() => (random.uniform() < 0.3 ? 0 : random.uniform()));
  const { bins, lowest, highest } = binFeatures(values, 1000, 1, 20);
  const count = highest[0]!.length;
  assert.ok(count > 10 && count <= 20, `${count} bins`);
  const counts = Array.from(highest[0]!, () => 0);
  for (const [row, bin] of bins.entries()) {
    counts[bin]!++;
    assert.ok(values[row]! >= lowest[0]![bin]! && values[row]! <= highest[0]![bin]!);
  }
  assert.equal(counts[0], values.filter((value) => value === 0).length);
  assert.ok(Math.max(...counts.slice(1)) <= 51, counts.join(" "));
});
