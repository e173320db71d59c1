import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { leaveOneOutDistances } from "../../../pipeline/cluster/leave-one-out.ts";
import { type Centroids, firstBadRow, openExactNearest } from "../../../pipeline/cluster/nearest-centroid.ts";
import { openGraphNearest, writeCentroidGraph } from "../../../pipeline/cluster/nearest-centroid-graph.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { withTempDir } from "../../support/temp-dir.ts";

function unitRows(rows: number, dimension: number, seed: string): Float32Array {
  const random = new Random(seed);
  const data = Float32Array.from({ length: rows * dimension }, () => random.normal());
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * dimension, (row + 1) * dimension);
    const length = Math.hypot(...values);
    values.forEach((value, j) => (values[j] = value / length));
  }
  return data;
}

/** By looking at every centroid in float64. */
function plainNearest(points: Float32Array, { data, clusters, dimension }: Centroids): number[] {
  return Array.from({ length: points.length / dimension }, (_, row) => {
    const squared = Array.from({ length: clusters }, (_, k) => {
      let sum = 0;
      for (let j = 0; j < dimension; j++)
        sum += (points[row * dimension + j]! - data[k * dimension + j]!) ** 2;
      return sum;
    });
    return squared.indexOf(Math.min(...squared));
  });
}

await test("three points and two centroids worked by hand", async () => {
  const centroids = { data: Float32Array.of(0, 0, 10, 0), clusters: 2, dimension: 2 };
  for (const engine of ["onnxruntime", "portable"] as const) {
    const nearest = await openExactNearest(centroids, engine);
    const found = await nearest.find(Float32Array.of(3, 4, 10, 2, 5, 0));
    await nearest.close();
    // (5, 0) is as far from both: the lower index.
    assert.deepEqual([...found.clusters], [0, 1, 0]);
    assert.deepEqual([...found.distances], [5, 2, 5]);
  }
});

await test("both engines agree with the plain version; centroids far from zero and blocks that do not fill", async () => {
  const dimension = 24;
  const data = unitRows(300, dimension, "centroids").map((value) => value * 0.1 + 7);
  const centroids = { data, clusters: 300, dimension };
  const points = unitRows(1500, dimension, "points").map((value) => value * 0.1 + 7);
  const expected = plainNearest(points, centroids);
  for (const engine of ["onnxruntime", "portable"] as const) {
    const nearest = await openExactNearest(centroids, engine);
    const found = await nearest.find(points);
    await nearest.close();
    const different = expected.filter((cluster, row) => cluster !== found.clusters[row]).length;
    // float32 scores may order two centroids that are equally near to six digits the other way.
    assert(different <= 1, `${engine}: ${different} differ`);
  }
});

await test("the graph finds nearly always the nearest centroid, and the same ones again after reading", () =>
  withTempDir(async (dir) => {
    const dimension = 32;
    const centroids = { data: unitRows(2000, dimension, "centroids"), clusters: 2000, dimension };
    const random = new Random("near");
    // Documents lie near centroids: uniform points would have no near neighbour at all.
    const points = Float32Array.from(
      centroids.data.subarray(0, 500 * dimension),
      (value) => value + 0.08 * random.normal(),
    );
    const path = join(dir, "centroids.hnsw");
    await writeCentroidGraph(centroids, path);
    const exact = await openExactNearest(centroids);
    const graph = await openGraphNearest(centroids, path);
    const wanted = await exact.find(points);
    const found = await graph.find(points);
    const again = await (await openGraphNearest(centroids, path)).find(points);
    await exact.close();
    assert.deepEqual(again, found);
    const agreeing = wanted.clusters.filter((cluster, row) => cluster === found.clusters[row]).length;
    assert(agreeing >= 0.98 * 500, `${agreeing} of 500`);
    const same = wanted.clusters.findIndex((cluster, row) => cluster === found.clusters[row]);
    assert.equal(found.distances[same], wanted.distances[same]);
  }));

await test("the first row that is not finite", () => {
  assert.equal(firstBadRow(Float32Array.of(1, 2, 3, Number.NaN, 5, Infinity), 2), 1);
  assert.equal(firstBadRow(Float32Array.of(1, 2, 3), 1), -1);
});

await test("leave-one-out distance is that to the mean of the others", () => {
  // Points 0, 1 and 5 on a line: mean 2. Without the first, the mean is 3; without the last, 0.5.
  const distances = leaveOneOutDistances(
    Int32Array.of(0, 0, 0, 1, -1),
    Float32Array.of(2, 1, 3, 0, Number.NaN),
    [3, 1],
  );
  assert.deepEqual([...distances], [3, 1.5, 4.5, Number.NaN, Number.NaN]);
});
