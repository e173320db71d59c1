import assert from "node:assert/strict";
import { test } from "node:test";
import { kmeans } from "../../../pipeline/cluster/kmeans.ts";
import { sharePoints, type Points } from "../../../pipeline/cluster/points.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { clusterStability } from "../../../stages/parts/cluster-stability.ts";
import { blobs } from "./sample-points.ts";

const options = { clusters: 8, maxIterations: 20, tolerance: 0, initPointsPerCluster: 20, workers: 1 };

async function stabilityOf(points: Points) {
  const source = sharePoints(points);
  const { assignments } = await kmeans(source, { ...options, seed: new Random(1) });
  return clusterStability(source, assignments, new Random(2), options);
}

await test("groups far apart are found by any seed", async () => {
  // Group g lies at 100 g on both axes.
  const data = Float32Array.from({ length: 2 * 800 }, (_, i) => 100 * (Math.floor(i / 2) % 8) + (i % 7) / 10);
  const { documents, nmi, ari } = await stabilityOf({ data, rows: 800, dim: 2 });
  // 64 for each of the 8 clusters.
  assert.equal(documents, 512);
  assert.ok(nmi > 1 - 1e-9 && ari > 1 - 1e-9, `${nmi} ${ari}`);
});

await test("what has no groups is parted otherwise by every seed", async () => {
  const { documents, ari } = await stabilityOf(blobs(300, 10, 1, 3));
  assert.equal(documents, 300);
  assert.ok(ari > 0 && ari < 0.8, `${ari}`);
});
