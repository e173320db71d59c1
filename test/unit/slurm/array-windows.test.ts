import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { arrayWindows, formatIndices } from "../../../pipeline/slurm/array-windows.ts";

await test("worked by hand: twelve shards about the largest index of 1000", () => {
  assert.deepEqual(arrayWindows([1001, 0, 1000, 2, 3002, 1], 1001), [
    { offset: 0, indices: [0, 1, 2, 1000] },
    { offset: 1001, indices: [0] },
    { offset: 2002, indices: [1000] },
  ]);
  assert.equal(formatIndices([2, 5, 9, 10, 11, 12]), "2,5,9-12");
  assert.equal(formatIndices([7]), "7");
});

await test("windows hold every shard once, and no index that is too large", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(5000), { maxLength: 200 }),
      fc.integer({ min: 1, max: 1500 }),
      (shards, maxArraySize) => {
        const windows = arrayWindows(shards, maxArraySize);
        const found = windows.flatMap(({ offset, indices }) => indices.map((index) => index + offset));
        assert.deepEqual(
          found,
          shards.toSorted((left, right) => left - right),
        );
        assert(windows.every(({ indices }) => indices.every((index) => index < maxArraySize)));
      },
    ),
  );
});

await test("the indices sbatch reads are those that were meant", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(300), { minLength: 1 }), (numbers) => {
      const indices = numbers.toSorted((left, right) => left - right);
      const read = formatIndices(indices)
        .split(",")
        .flatMap((range) => {
          const [from, to = from] = range.split("-").map(Number);
          return Array.from({ length: to! - from! + 1 }, (_, step) => from! + step);
        });
      assert.deepEqual(read, indices);
    }),
  );
});
