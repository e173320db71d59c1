import assert from "node:assert/strict";
import { test } from "node:test";
import { kmeans as mlKmeans } from "ml-kmeans";
import { kmeans, type KMeansOptions } from "../../../pipeline/cluster/kmeans.ts";
import { InterruptedError } from "../../../pipeline/core/errors.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { blobs, pointsOf, rowsAt, rowsOf } from "./sample-points.ts";

const defaults = {
  maxIterations: 100,
  tolerance: 0,
  initPointsPerCluster: 20,
  seed: new Random(1),
  workers: 1,
} satisfies Partial<KMeansOptions>;

await test("a case worked by hand", async () => {
  // From 0 and 2: the point 1 is as far from both and goes to the lower index, so {0, 1} and {2, 10, 12}
  // with means .5 and 8; then 2 is nearer to .5, so {0, 1, 2} and {10, 12} with means 1 and 11; all stay.
  const points = pointsOf([[0], [1], [2], [10], [12]]);
  const result = await kmeans(points, { ...defaults, clusters: 2, initial: Float32Array.of(0, 2) });
  assert.deepEqual(
    result.iterations.map((iteration) => iteration.moved),
    [5, 1, 0],
  );
  assert.deepEqual(
    result.iterations.map((iteration) => iteration.inertia),
    [0 + 1 + 0 + 64 + 100, 0.25 + 0.25 + 2.25 + 4 + 16, 1 + 0 + 1 + 1 + 1],
  );
  assert.deepEqual(result.iterations[2], {
    updates: 2,
    inertia: 4,
    moved: 0,
    emptyClusters: 0,
    imbalance: (2 * (9 + 4)) / 25,
  });
  assert.deepEqual(Array.from(result.centroids), [1, 11]);
  assert.deepEqual(Array.from(result.assignments), [0, 0, 0, 1, 1]);
  assert.deepEqual(Array.from(result.distances), [1, 0, 1, 1, 1]);
  assert.equal(result.inertia, 4);
  assert.equal(result.converged, true);
});

await test("equals ml-kmeans from the same start", async () => {
  const points = blobs(600, 8, 9, 5);
  const initial = rowsAt(points, [1, 50, 99, 200, 301, 402, 503]);
  const start = rowsOf({ data: initial, rows: 7, dim: 8 });
  const oracle = mlKmeans(rowsOf(points), 7, { initialization: start, tolerance: 0, maxIterations: 200 });
  assert.equal(oracle.converged, true);
  // Its own labels belong to the centroids before the last update.
  const labels = oracle.nearest(rowsOf(points));
  for (const engine of ["onnxruntime", "portable"] as const) {
    const result = await kmeans(points, { ...defaults, clusters: 7, initial, engine, maxIterations: 200 });
    assert.equal(result.engine, engine);
    assert.deepEqual(Array.from(result.assignments), labels);
    oracle.centroids.flat().forEach((value, i) => {
      assert.ok(Math.abs(result.centroids[i]! - value) < 2e-6, `${result.centroids[i]} against ${value}`);
    });
  }
});

await test("equals scipy 1.17.1 from the same start", async () => {
  // import numpy as np
  // from scipy.cluster.vq import kmeans2, vq
  // i, j = np.meshgrid(np.arange(60), np.arange(3), indexing="ij")
  // x = ((i * 37 + j * 101 + i * i * (j + 2) * 13) % 97 / 97).astype(np.float32).astype(float)
  // for iterations in (1, 100):
  //     c, _ = kmeans2(x, x[:4].copy(), iter=iterations, minit="matrix")
  //     labels, distance = vq(x, c)
  //     print(np.bincount(labels), (distance**2).sum(), c[0].round(7))
  // print("".join(map(str, labels)), distance[:3].round(6))
  const points = pointsOf(
    Array.from({ length: 60 }, (_, i) =>
      [0, 1, 2].map((j) => ((i * 37 + j * 101 + i * i * (j + 2) * 13) % 97) / 97),
    ),
  );
  const initial = points.data.slice(0, 12);
  const once = await kmeans(points, { ...defaults, clusters: 4, initial, maxIterations: 1 });
  assert.equal(once.converged, false);
  assertClose(
    [once.inertia, ...once.centroids.subarray(0, 3)],
    [7.988060073798, 0.2611684, 0.2050401, 0.2600229],
  );
  const full = await kmeans(points, { ...defaults, clusters: 4, initial });
  assert.equal(full.converged, true);
  assertClose(
    [full.inertia, ...full.centroids.subarray(0, 3)],
    [6.702085638919, 0.2860825, 0.1585052, 0.2809278],
  );
  assert.equal(full.assignments.join(""), "012100113221332021231021133112101111332133232220120223222212");
  assertClose(full.distances.subarray(0, 3), [0.367395, 0.319711, 0.405174]);
});

await test("1 and 2 workers give the same bytes", async () => {
  // Enough work for worker threads, with k-means++ over them too.
  const points = blobs(12_000, 64, 40, 8);
  const [one, two] = await Promise.all(
    [1, 2].map((workers) =>
      kmeans(points, { ...defaults, clusters: 300, maxIterations: 4, initPointsPerCluster: 4, workers }),
    ),
  );
  assert.deepEqual(one, two);
  assert.equal(one!.iterations.length, 5);
});

await test("the tolerance stops it early, and the results still belong together", async () => {
  const points = blobs(800, 4, 6, 9);
  const result = await kmeans(points, { ...defaults, clusters: 12, tolerance: 0.01 });
  const [before, last] = result.iterations.slice(-2);
  assert.equal(result.converged, true);
  assert.ok(last!.moved > 0);
  assert.ok((before!.inertia - last!.inertia) / before!.inertia < 0.01);
  let inertia = 0;
  for (let row = 0; row < 800; row++) {
    const squares = Array.from({ length: 12 }, (_, k) =>
      [0, 1, 2, 3].reduce(
        (sum, j) => sum + (points.data[row * 4 + j]! - result.centroids[k * 4 + j]!) ** 2,
        0,
      ),
    );
    const nearest = Math.min(...squares);
    assert.equal(result.assignments[row], squares.indexOf(nearest));
    assertClose([result.distances[row]!], [Math.sqrt(nearest)]);
    inertia += nearest;
  }
  assertClose([result.inertia / inertia], [1]);
});

await test("data far from zero clusters as if it lay at zero", async () => {
  const near = blobs(500, 4, 5, 3);
  // 2^12 away, on a grid that float32 can hold at both places.
  const grid = near.data.map((value) => Math.round(value * 256) / 256);
  const far = { ...near, data: grid.map((value) => value + 4096) };
  const a = await kmeans({ ...near, data: grid }, { ...defaults, clusters: 5 });
  const b = await kmeans(far, { ...defaults, clusters: 5 });
  assert.deepEqual(a.assignments, b.assignments);
  assert.ok(Math.abs(a.inertia / b.inertia - 1) < 1e-5);
});

await test("clusters that lose all points take far ones", async () => {
  // Both centroids at 0 tie, so that cluster 1 starts empty and takes 9, the farthest.
  const points = pointsOf([[0], [1], [9], [8]]);
  const result = await kmeans(points, { ...defaults, clusters: 2, initial: Float32Array.of(0, 0) });
  assert.deepEqual(
    result.iterations.map((iteration) => iteration.emptyClusters),
    [1, 0, 0],
  );
  assert.deepEqual(Array.from(result.centroids), [0.5, 8.5]);
});

await test("as many clusters as distinct points, among duplicates", async () => {
  const points = pointsOf([
    [1, 1],
    [1, 1],
    [1, 1],
    [2, 2],
    [2, 2],
    [3, 3],
    [1, 1],
    [4, 4],
  ]);
  for (let seed = 0; seed < 20; seed++) {
    const options = { ...defaults, clusters: 4, initPointsPerCluster: 1, seed: new Random(seed) };
    const result = await kmeans(points, options);
    assert.equal(result.inertia, 0);
    assert.equal(new Set(result.assignments).size, 4);
  }
});

await test("one cluster, and a cluster for every row", async () => {
  const points = pointsOf([
    [0, 3],
    [4, 0],
    [5, 3],
  ]);
  const one = await kmeans(points, { ...defaults, clusters: 1 });
  assert.deepEqual(Array.from(one.centroids), [3, 2]);
  const all = await kmeans(points, { ...defaults, clusters: 3 });
  assert.equal(all.inertia, 0);
});

await test("bad input is refused by name", async () => {
  const points = blobs(10, 2, 2, 1);
  const failure = (data: Float32Array, clusters: number) =>
    kmeans({ data, rows: data.length / 2, dim: 2 }, { ...defaults, clusters });
  await assert.rejects(failure(points.data, 11), {
    name: "ConfigError",
    message: "clusters=11 should be <= rows=10",
    hint: "lower cluster.clusters or add documents",
  });
  await assert.rejects(failure(points.data, 0), /clusters=0 should be a positive integer/);
  const withNaN = points.data.slice();
  withNaN[15] = NaN;
  withNaN[18] = Infinity;
  await assert.rejects(failure(withNaN, 2), {
    name: "InputError",
    message: "row 7, column 1 of the embeddings is NaN",
  });
  withNaN[15] = -Infinity;
  await assert.rejects(failure(withNaN, 2), /row 7, column 1 of the embeddings is -Infinity/);
  await assert.rejects(
    failure(new Float32Array(10).fill(NaN), 2),
    /row 0, column 0 of the embeddings is NaN/,
  );
  await assert.rejects(failure(new Float32Array(10).fill(0.5), 2), /all 5 rows are equal, clusters=2/);
  await assert.rejects(
    failure(Float32Array.of(1, 2, 0, 0, 1, 2, -0, 0), 3),
    /only 2 of 4 rows are distinct, clusters=3/,
  );
  await assert.rejects(kmeans({ ...points, rows: 9 }, { ...defaults, clusters: 2 }), RangeError);
  await assert.rejects(
    kmeans(points, { ...defaults, clusters: 2, initial: new Float32Array(3) }),
    /initial has 3 values/,
  );
});

await test("an aborted signal stops it, before or in the middle", async () => {
  const points = blobs(2000, 8, 5, 2);
  await assert.rejects(
    kmeans(points, { ...defaults, clusters: 20, signal: AbortSignal.abort() }),
    InterruptedError,
  );
  for (const engine of ["onnxruntime", "portable"] as const) {
    const controller = new AbortController();
    let seen = 0;
    const onIteration = (): void => {
      seen++;
      if (seen === 2) controller.abort();
    };
    const { signal } = controller;
    const running = kmeans(points, { ...defaults, clusters: 20, signal, onIteration, engine });
    await assert.rejects(running, InterruptedError);
    assert.equal(seen, 2);
  }
});

await test("an aborted signal stops worker threads too", async () => {
  const points = blobs(12_000, 64, 40, 8);
  const controller = new AbortController();
  const running = kmeans(points, {
    ...defaults,
    clusters: 300,
    initial: points.data.slice(0, 300 * 64),
    workers: 2,
    signal: controller.signal,
    onIteration: () => controller.abort(),
  });
  await assert.rejects(running, InterruptedError);
});

function assertClose(actual: Iterable<number>, expected: readonly number[]): void {
  Array.from(actual).forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) < 1e-6, `${value} should be ${expected[i]} (${i})`);
  });
}
