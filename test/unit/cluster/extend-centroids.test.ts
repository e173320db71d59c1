import assert from "node:assert/strict";
import test from "node:test";
import { extendCentroids } from "../../../pipeline/cluster/extend-centroids.ts";
import { sharePoints } from "../../../pipeline/cluster/points.ts";
import { Random } from "../../../pipeline/math/random.ts";

await test("more centroids go where the old ones are far", async () => {
  const old = { data: Float32Array.of(0, 0, 1, 0), clusters: 2, dimension: 2 };
  // All but three points lie on old centroids: those cannot be drawn.
  const data = Float32Array.of(0, 0, 1, 0, 0, 0, 50, 50, 1, 0, 50, 50, -40, 0);
  const points = sharePoints({ data, rows: 7, dim: 2 });
  const extended = await extendCentroids(old, points, { clusters: 4, samplePoints: 80 }, new Random("x"));
  assert.deepEqual([...extended.subarray(0, 4)], [0, 0, 1, 0]);
  const drawn = [[...extended.subarray(4, 6)], [...extended.subarray(6, 8)]].toSorted(
    (a, b) => a[0]! - b[0]!,
  );
  // Once (50, 50) is taken its copy is at distance 0, so the other far point is next.
  assert.deepEqual(drawn, [
    [-40, 0],
    [50, 50],
  ]);
  assert.deepEqual(
    await extendCentroids(old, points, { clusters: 2, samplePoints: 40 }, new Random("x")),
    old.data,
  );
});
