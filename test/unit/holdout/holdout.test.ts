import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { findContaminated } from "../../../pipeline/holdout/contaminated.ts";
import { exactNeighbours, indexNeighbours } from "../../../pipeline/holdout/near-neighbours.ts";
import { overlapShare, shingles } from "../../../pipeline/holdout/shingles.ts";
import { groupDuplicates, splitTargets } from "../../../pipeline/holdout/split-target.ts";
import { HoldoutConfig } from "../../../pipeline/schema/corpus-config.ts";
import { Random } from "../../../pipeline/math/random.ts";

const holdout = HoldoutConfig.parse({ neighbours: 8 });

function unitVectors(rows: number, dimension: number, random: Random): Float32Array {
  const vectors = new Float32Array(rows * dimension);
  for (let row = 0; row < rows; row++) {
    const vector = Array.from({ length: dimension }, () => random.normal());
    const norm = Math.hypot(...vector);
    vectors.set(
      vector.map((value) => value / norm),
      row * dimension,
    );
  }
  return vectors;
}

await test("overlap is the share of the shorter text's 5-grams (by hand)", () => {
  // a b c d e f: 2 shingles; b c d e f g h: 3 shingles; shared: b c d e f.
  assert.equal(overlapShare(shingles("a b c d e f"), shingles("B, c d E f; g h")), 0.5);
  assert.equal(overlapShare(shingles("one two"), shingles("One two!")), 1);
  assert.equal(overlapShare(shingles(""), shingles("")), 0);
});

await test("the graph finds what looking at every row finds", () => {
  const random = new Random(1);
  const vectors = unitVectors(1500, 16, random);
  const queries = unitVectors(200, 16, random);
  const query = { vectors, dimension: 16, neighbours: 10, minCosine: -1 };
  const approximate = indexNeighbours(query);
  const again = indexNeighbours(query);
  const exact = exactNeighbours(query);
  let hits = 0;
  for (let row = 0; row < 200; row++) {
    const vector = queries.subarray(row * 16, (row + 1) * 16);
    const truth = new Set(exact(vector).map((neighbour) => neighbour.row));
    const found = approximate(vector);
    hits += found.filter((neighbour) => truth.has(neighbour.row)).length;
    assert.deepEqual(found, again(vector));
  }
  assert(hits / 2000 > 0.99, `recall ${hits / 2000}`);
});

await test("neighbours beyond minCosine are not returned", () => {
  const near = indexNeighbours({
    vectors: Float32Array.of(1, 0, 0, 1),
    dimension: 2,
    neighbours: 5,
    minCosine: 0.5,
  });
  assert.deepEqual(near(Float32Array.of(1, 0)), [{ row: 0, cosine: 1 }]);
});

const story = "the quick brown fox jumps over the lazy dog while the cat sleeps in the warm afternoon sun";
const other =
  "interest rates rose again this quarter as the central bank fought rising prices with little success";

const document = (text: string, ...vector: number[]) => ({
  text,
  bytes: text.length,
  vector: Float32Array.from(vector),
});

await test("near duplicates of a target form one group and stay on one side", () => {
  const documents = [
    document(story, 1, 0),
    document(other, 0, 1),
    document(`${story} today`, 1, 0),
    document(other.toUpperCase(), 0, 1),
  ];
  const groups = groupDuplicates(documents, holdout);
  assert.deepEqual(
    groups.map(({ members }) => members),
    [
      [0, 2],
      [1, 3],
    ],
  );
  const sides = splitTargets(["t"], [0, 0, 0, 0], documents, groups, 0.5, new Random(3));
  assert.deepEqual([...sides].sort(), ["confirm", "select"]);
  assert.throws(
    () => splitTargets(["news"], [0, 0, 0, 0], documents, groups.slice(0, 1), 0.5, new Random(3)),
    /target news has 1 groups/,
  );
});

await test("a split keeps groups whole, both sides of every target filled, and the share within one group", () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 4, maxLength: 40 }),
      fc.integer(),
      (sizes, seed) => {
        // Group g has one document in each of two targets: twins that must not be parted.
        const documents = sizes.flatMap((bytes) => [{ bytes }, { bytes }]);
        const targetOf = documents.map((_, index) => index % 2);
        const groups = sizes.map((bytes, group) => ({
          members: [2 * group, 2 * group + 1],
          bytes: 2 * bytes,
        }));
        const sides = splitTargets(["a", "b"], targetOf, documents, groups, 0.5, new Random(seed));
        assert.equal(new Set(sides).size, 2);
        const bytes = sizes.reduce((sum, size, group) => sum + (sides[group] === "confirm" ? size : 0), 0);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        assert(Math.abs(bytes - total / 2) <= Math.max(...sizes));
      },
    ),
  ));

await test("training text that is a target's, or nearly, is found; what only lies close is not", async () => {
  const texts = [
    story,
    `${story} and so on`,
    other,
    "a fox story of another kind with nothing in common but the vector",
  ];
  const asked: number[][] = [];
  const found = await findContaminated({
    training: { vectors: Float32Array.of(0, 1, 1, 0, 0, 1, 1, 0), ids: ["s", "s2", "o", "f"] },
    targets: { vectors: Float32Array.of(1, 0), ids: ["s"], texts: [story] },
    dimension: 2,
    textsOf: async (rows) => {
      asked.push([...rows]);
      return rows.map((row) => texts[row]!);
    },
    holdout,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  // Row 0 has the target's id although its vector is elsewhere; row 2 is far; row 3 is close but other text.
  assert.deepEqual(found, [
    { row: 0, id: "s", targetId: "s", overlap: 1 },
    { row: 1, id: "s2", targetId: "s", overlap: 1 },
  ]);
  assert.deepEqual(asked, [[1, 3]]);
});
