import assert from "node:assert/strict";
import test from "node:test";
import { findNearDuplicates, plainNearDuplicates } from "../../../pipeline/domains/near-duplicates.ts";
import { Random } from "../../../pipeline/math/random.ts";

await test("the first of a group stays, by hand", () => {
  // 0.2 is near 0; 0.4 is near 0.2, which is not kept, and not near 0: it stays. Row 4 takes no part.
  const vectors = Float32Array.from(
    [0, 0.2, 0.4, 2, 2, 2].flatMap((angle) => [Math.cos(angle), Math.sin(angle)]),
  );
  const query = { vectors, dimension: 2, rows: [0, 1, 2, 3, 5], minCosine: Math.cos(0.3) };
  const expected = new Map([
    [1, 0],
    [5, 3],
  ]);
  assert.deepEqual(plainNearDuplicates(query), expected);
  assert.deepEqual(findNearDuplicates(query), expected);
  assert.deepEqual(findNearDuplicates({ ...query, rows: [] }), new Map());
});

await test("the graph finds what the plain version finds", () => {
  const random = new Random("duplicates");
  const dimension = 16;
  const rows = 600;
  const vectors = new Float32Array(rows * dimension);
  for (let row = 0; row < rows; row++) {
    // Every third row is a copy of an earlier one with a little noise.
    const from = row % 3 === 2 ? random.below(row) : -1;
    const values = Array.from({ length: dimension }, (_, j) =>
      from < 0 ? random.normal() : vectors[from * dimension + j]! + 0.01 * random.normal(),
    );
    const length = Math.hypot(...values);
    vectors.set(
      values.map((value) => value / length),
      row * dimension,
    );
  }
  const query = { vectors, dimension, rows: [...Array(rows).keys()], minCosine: 0.99 };
  const expected = plainNearDuplicates(query);
  const found = findNearDuplicates(query);
  assert(expected.size >= 200);
  const missed = [...expected].filter(([row, original]) => found.get(row) !== original);
  assert(missed.length <= 2, `${missed.length} of ${expected.size}`);
  assert.deepEqual(findNearDuplicates(query), found);
});
