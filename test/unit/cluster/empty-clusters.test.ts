import assert from "node:assert/strict";
import { test } from "node:test";
import { fillEmptyClusters } from "../../../pipeline/cluster/empty-clusters.ts";
import { createJob } from "../../../pipeline/cluster/job.ts";
import { sharePoints } from "../../../pipeline/cluster/points.ts";
import { pointsOf } from "./sample-points.ts";

function jobOf(values: readonly number[], clusters: number, assignments: number[], distances: number[]) {
  const job = createJob(sharePoints(pointsOf(values.map((value) => [value]))), clusters);
  job.assignments.set(assignments);
  job.distances.set(distances);
  const totals = { sums: new Float64Array(clusters), counts: new Uint32Array(clusters) };
  assignments.forEach((cluster, row) => {
    totals.sums[cluster]! += values[row]!;
    totals.counts[cluster]! += 1;
  });
  return { job, totals };
}

await test("each empty cluster takes the farthest point left, and no equal ones", () => {
  // Clusters 1 and 3 are empty. 7 is farthest but alone; then the 5s (lowest row first), then 4.
  const { job, totals } = jobOf([0, 4, 5, 5, 7], 4, [0, 0, 0, 0, 2], [0, 4, 5, 5, 9]);
  fillEmptyClusters(job, totals, 0);
  assert.deepEqual(Array.from(job.assignments), [0, 3, 1, 0, 2]);
  assert.deepEqual(Array.from(totals.counts), [2, 1, 1, 1]);
  assert.deepEqual(Array.from(totals.sums), [5, 5, 7, 4]);
});

await test("it stays empty when every point lies on its centroid", () => {
  const { job, totals } = jobOf([3, 3, 8], 3, [0, 0, 1], [0, 0, 0]);
  fillEmptyClusters(job, totals, 0);
  assert.deepEqual(Array.from(job.assignments), [0, 0, 1]);
  assert.deepEqual(Array.from(totals.counts), [2, 1, 0]);
});
