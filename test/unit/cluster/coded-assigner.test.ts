/** Exact labels by way of eight-bit codes are those that float64 distances to all centroids give. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CodedAssigner } from "../../../pipeline/cluster/coded-assigner.ts";
import { openInt8Engine, type EngineName } from "../../../pipeline/cluster/engine.ts";
import { createJob } from "../../../pipeline/cluster/job.ts";
import { centre } from "../../../pipeline/cluster/lloyd.ts";
import { compileKernels, openCodeKernels, openKernels } from "../../../pipeline/cluster/open-kernels.ts";
import { sharePoints, type Points } from "../../../pipeline/cluster/points.ts";
import { codeCentroids } from "../../../pipeline/cluster/quantise.ts";
import { largestCode } from "./largest-code.ts";
import { blobs, rowsAt } from "./sample-points.ts";

const module = compileKernels();

/** Labels of the points and the mean length of the lists, or undefined if they became too long. */
async function assign(
  points: Points,
  centroids: Float32Array,
  engineName: EngineName,
  origin?: Float32Array,
) {
  const { rows, dim } = points;
  const clusters = centroids.length / dim;
  const job = createJob(sharePoints(points), clusters, { eightBit: true });
  if (origin !== undefined) job.origin.set(origin);
  job.centroids.set(centroids);
  centre(job);
  const largest = points.data.reduce((max, x, i) => Math.max(max, Math.abs(x - job.origin[i % dim]!)), 0);
  const quantum = largest / 127;
  codeCentroids(job, { quantum, largestCode: await largestCode(engineName) });
  const { columns } = job.coded!;
  const kernelModule = engineName === "onnxruntime" ? module : undefined;
  const kernels = openCodeKernels(kernelModule, { dim, columns, blockRows: rows });
  const rowKernels = openKernels(kernelModule, { dim, clusters, parts: [rows * dim] });
  const own = rowKernels.allocate(rows * dim);
  own.set(points.data);
  const engine = await openInt8Engine(engineName, { dim, columns, sums: kernels.sums });
  const assigner = new CodedAssigner(engine, kernels, rowKernels, { dim, clusters, blockRows: rows });
  assigner.load(job.coded!, job.centroids);
  kernels.loadOrigin(job.origin, quantum);
  const codes = { codes: new Uint8Array(rows * dim), squares: new Float32Array(rows * 2) };
  kernels.quantise(own, rows, codes.codes, codes.squares);
  const { listed, done } = await assigner.exact(codes, own, rows);
  await assigner.close();
  return done ? { labels: assigner.labels.slice(), mean: listed / rows } : undefined;
}

/** The nearest centroid of each row by float64 distances, the lowest of equally near ones. */
function nearest({ data, rows, dim }: Points, centroids: Float32Array): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => {
    let best = 0;
    let least = Infinity;
    for (let k = 0; k < centroids.length / dim; k++) {
      let sum = 0;
      for (let j = 0; j < dim; j++) sum += (data[row * dim + j]! - centroids[k * dim + j]!) ** 2;
      if (sum < least) [best, least] = [k, sum];
    }
    return best;
  });
}

await test("close centroids, equal ones, and points that lie on them", async () => {
  const points = blobs(400, 24, 150, 1);
  const some = rowsAt(
    points,
    Array.from({ length: 200 }, (_, i) => i),
  );
  // Every other one again, moved by so little that only float32 can tell, and every fourth as it is.
  const centroids = Float32Array.from([
    ...some,
    ...some.map((x, i) => (Math.floor(i / 24) % 4 === 0 ? x : x * (1 + 2e-7))),
  ]);
  const expected = nearest(points, centroids);
  for (const name of ["onnxruntime", "portable"] as const) {
    const found = await assign(points, centroids, name);
    assert.deepEqual(found?.labels, expected, name);
    assert.ok(found.mean >= 2 && found.mean < 25, `${found.mean}`);
  }
});

await test("data far from zero, with a value far out", async () => {
  const near = blobs(300, 20, 100, 2);
  const data = near.data.map((value) => value + 1000);
  data[7] = 1100;
  const points = { ...near, data };
  const centroids = rowsAt(
    points,
    Array.from({ length: 100 }, (_, i) => 3 * i),
  );
  const found = await assign(points, centroids, "onnxruntime", new Float32Array(20).fill(1000));
  assert.deepEqual(found?.labels, nearest(points, centroids));
});

await test("lists that would hold too many centroids are given up", async () => {
  const points = blobs(300, 20, 1, 3);
  const data = points.data.slice();
  data[0] = 50_000;
  const centroids = rowsAt(
    { ...points, data },
    Array.from({ length: 100 }, (_, i) => 3 * i + 1),
  );
  assert.equal(await assign({ ...points, data }, centroids, "onnxruntime"), undefined);
});
