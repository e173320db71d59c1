import assert from "node:assert/strict";
import { test } from "node:test";
import { createJob } from "../../../pipeline/cluster/job.ts";
import { sharePoints, type Points } from "../../../pipeline/cluster/points.ts";
import { openLocalRunner } from "../../../pipeline/cluster/runner.ts";
import { drawByWeight, seedCentroids } from "../../../pipeline/cluster/seed-centroids.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { blobs, rowsOf } from "./sample-points.ts";

async function seeds(
  points: Points,
  clusters: number,
  perCluster: number,
  seed: number,
): Promise<number[][]> {
  const job = createJob(sharePoints(points), clusters);
  const runner = await openLocalRunner(job, "onnxruntime");
  await seedCentroids(job, runner, perCluster, new Random(seed), () => {});
  await runner.close();
  return rowsOf({ data: job.centroids, rows: clusters, dim: points.dim });
}

await test("indices are drawn in proportion to their weight, zeros never", () => {
  const drawn = drawByWeight(Float64Array.of(0, 1, 0, 3, 0), 8000, new Random(2));
  const counts = [0, 1, 2, 3, 4].map((index) => drawn.filter((value) => value === index).length);
  assert.deepEqual([counts[0], counts[2], counts[4]], [0, 0, 0]);
  // Binomial(8000, 1/4): 2000 +- 39.
  assert.ok(Math.abs(counts[1]! - 2000) < 4 * 39, `${counts[1]}`);
});

await test("weights of zero are drawn alike", () => {
  const drawn = drawByWeight(new Float64Array(3), 300, new Random(2));
  assert.deepEqual(new Set(drawn), new Set([0, 1, 2]));
});

await test("far groups get one centroid each, and the start is one of the points", async () => {
  // Eight groups at distance 100, of very unlike sizes.
  const random = new Random(6);
  const group = Array.from({ length: 400 }, (_, row) => (row < 8 ? row : 0));
  const data = Float32Array.from(group.flatMap((g) => [100 * g + random.normal(), random.normal()]));
  const points = { data, rows: 400, dim: 2 };
  for (let seed = 0; seed < 5; seed++) {
    const found = await seeds(points, 8, 400, seed);
    assert.deepEqual(
      found.map(([x]) => Math.round(Math.abs(x!) / 100)).sort((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
    const rows = new Set(rowsOf(points).map(String));
    assert.ok(found.every((centroid) => rows.has(String(centroid))));
  }
});

await test("the same seed gives the same start, another seed another", async () => {
  const points = blobs(600, 5, 10, 1);
  assert.deepEqual(await seeds(points, 10, 20, 3), await seeds(points, 10, 20, 3));
  assert.notDeepEqual(await seeds(points, 10, 20, 3), await seeds(points, 10, 20, 4));
});
