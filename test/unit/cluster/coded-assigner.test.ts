/** Exact labels by way of eight-bit codes are those that float64 distances to all centroids give. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PlainCodeKernels } from "../../../pipeline/cluster/code-kernels.ts";
import { CodedAssigner } from "../../../pipeline/cluster/coded-assigner.ts";
import { openInt8Engine, type EngineName } from "../../../pipeline/cluster/engine.ts";
import { createJob } from "../../../pipeline/cluster/job.ts";
import { centre } from "../../../pipeline/cluster/lloyd.ts";
import { compileKernels, openCodeKernels, openKernels } from "../../../pipeline/cluster/open-kernels.ts";
import { sharePoints, type Points } from "../../../pipeline/cluster/points.ts";
import { PortableInt8Engine } from "../../../pipeline/cluster/portable-engine.ts";
import { codeCentroids } from "../../../pipeline/cluster/quantise.ts";
import { PlainKernels } from "../../../pipeline/cluster/row-kernels.ts";
import { largestCode } from "./largest-code.ts";
import { blobs, pointsOf, rowsAt } from "./sample-points.ts";

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
  const loaded = assigner.load(job.coded!, job.centroids);
  kernels.loadOrigin(job.origin, quantum);
  const codes = { codes: new Uint8Array(rows * dim), squares: new Float32Array(rows * 2) };
  kernels.quantise(own, rows, codes.codes, codes.squares);
  const { listed, done } = await assigner.exact(codes, own, rows);
  await assigner.close();
  return loaded && done ? { labels: assigner.labels.slice(), mean: listed / rows } : undefined;
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

await test("with centroids too far out for float32 scores nothing is taken from codes", async () => {
  // One row: its list may be as long as it likes.
  const points = blobs(1, 20, 1, 2);
  const { data } = blobs(100, 20, 100, 4);
  assert.deepEqual((await assign(points, data, "onnxruntime"))?.labels, nearest(points, data));
  // A norm whose rounding is beyond float32; then nothing but norms whose squares are.
  for (const centroids of [data.with(7, 1e25), data.map((x) => x * 1e20)]) {
    assert.equal(await assign(points, centroids, "onnxruntime"), undefined);
  }
});

await test("squares that a CPU flushes to zero do not hide the nearest centroid", async () => {
  const dim = 200;
  // All in one step of the codes; the first value is common to both centroids and the point, and keeps both on the list.
  const tiny = 1.08e-19;
  const common = 3e-15;
  const data = new Float32Array(dim).with(0, common);
  const far = data.map((x) => x || tiny);
  const near = data.with(1, 1.2e-18);
  const job = createJob(sharePoints({ data, rows: 1, dim }), 2, { eightBit: true });
  job.centroids.set([...far, ...near]);
  centre(job);
  const quantum = 1e-12 / 127;
  codeCentroids(job, { quantum, largestCode: 127 });
  const shape = { dim, columns: job.coded!.columns, blockRows: 1 };
  const kernels = new PlainCodeKernels(shape);
  const engine = new PortableInt8Engine({ ...shape, sums: kernels.sums });
  class Flushing extends PlainKernels {
    override roughDistance(values: Float32Array, at: number, cluster: number): number {
      let sum = 0;
      for (let j = 0; j < dim; j++) {
        const square = (values[at + j]! - job.centroids[cluster * dim + j]!) ** 2;
        if (square >= 2 ** -126) sum += square;
      }
      return sum;
    }
  }
  const rowKernels = new Flushing({ dim, clusters: 2, parts: [] });
  const assigner = new CodedAssigner(engine, kernels, rowKernels, { dim, clusters: 2, blockRows: 1 });
  assert.ok(assigner.load(job.coded!, job.centroids));
  kernels.loadOrigin(job.origin, quantum);
  const codes = { codes: new Uint8Array(dim), squares: new Float32Array(2) };
  kernels.quantise(data, 1, codes.codes, codes.squares);
  assert.deepEqual(await assigner.exact(codes, data, 1), { listed: 2, done: true });
  assert.deepEqual([...assigner.labels], [1]);
});

/** The label of `point` among two centroids and many far ones, with this step of the points' codes. */
async function between(
  point: readonly number[],
  pair: readonly (readonly number[])[],
  quantum: number,
  far: number,
) {
  const dim = point.length + 1;
  // The second row has the largest value, of code 127; the last dimension holds the far centroids' distance.
  const points = pointsOf([[...point, 0], point.map((_, j) => (j === 0 ? 127 * quantum : 0)).concat(0)]);
  const others = Array.from({ length: 62 }, () => [...point.map(() => 0), far]);
  const centroids = Float32Array.from([...pair.map((centroid) => [...centroid, 0]), ...others].flat());
  const expected = nearest(points, centroids);
  const labels: number[] = [];
  for (const name of ["onnxruntime", "portable"] as const) {
    const found = await assign(points, centroids, name, new Float32Array(dim));
    assert.deepEqual(found?.labels, expected, name);
    labels.push(found.labels[0]!);
  }
  return labels;
}

const signs = Array.from({ length: 64 }, (_, j) => (j % 3 === 0 ? -1 : 1));

await test("what a point's codes leave out points to one centroid and away from the other", async () => {
  // Codes score the second centroid 31 * 100 higher, what they leave out adds 64 * 0.49 * 100 to the first.
  const point = signs.map((sign, j) => (j < 31 ? -sign : 0) + 0.49 * sign);
  const pair = [signs.map((sign) => 50 * sign), signs.map((sign) => -50 * sign)];
  assert.deepEqual(await between(point, pair, 1, 4000), [0, 0]);
});

await test("what the centroids' codes leave out points along a point for one of them, against it for the other", async () => {
  // A first value of 127 makes each centroid's step 1. Codes say 61 for the second and 0 for the first, e adds 0.98 * 63.
  const [, ...rest] = signs;
  const point = [0, ...rest.map((sign) => 40 * sign)];
  const pair = [
    [127, ...rest.map((sign) => 0.49 * sign)],
    [127, ...rest.map((sign, j) => (j < 61 ? 0.51 : -0.49) * sign)],
  ];
  assert.deepEqual(await between(point, pair, 1, 1000), [0, 0]);
});

await test("float32 has the second centroid ahead where it is behind", async () => {
  // |c|^2 / 2 are 500,000 and 0.51 and 1.4 steps of 1/32, both rounded to one step; u . c adds 0.6 steps to the second.
  const step = 1 / 32;
  const quantum = (0.6 * step) / 1000;
  const pair = [
    [0, 1000, Math.sqrt(2 * 0.51 * step)],
    [1000, 0, Math.sqrt(2 * 1.4 * step)],
  ];
  assert.deepEqual(await between([quantum, 0, 0], pair, quantum, 10_000), [0, 0]);
});

await test("scores are off by the bound at most, and in places nearly by as much", async () => {
  const values = fc.double({ min: -1, max: 1, noNaN: true });
  const scales = fc.constantFrom(1e-6, 1, 1e5);
  let nearest = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }).chain((dim) => {
        const vector = fc.array(values, { minLength: dim, maxLength: dim });
        return fc.record({
          points: fc.array(vector, { minLength: 1, maxLength: 6 }),
          centroids: fc.array(vector, { minLength: 1, maxLength: 6 }),
          origin: vector,
        });
      }),
      scales,
      scales,
      async ({ points: rows, centroids, origin }, pointScale, centroidScale) => {
        const points = pointsOf(rows.map((row) => row.map((x) => x * pointScale)));
        nearest = Math.max(
          nearest,
          await largestShare(
            points,
            Float32Array.from(centroids.flat(), (x) => x * centroidScale),
            Float32Array.from(origin, (x) => x * pointScale),
          ),
        );
      },
    ),
    { numRuns: 300, seed: 1 },
  );
  assert.ok(nearest > 0.95, `${nearest}`);
});

/** Checks every score against the bound that its shortlist is made with; returns the largest share of it that a score takes. */
async function largestShare(points: Points, centroids: Float32Array, origin: Float32Array): Promise<number> {
  const { rows, dim, data } = points;
  const clusters = centroids.length / dim;
  const job = createJob(sharePoints(points), clusters, { eightBit: true });
  job.origin.set(origin);
  job.centroids.set(centroids);
  centre(job);
  const largest = data.reduce((max, x, i) => Math.max(max, Math.abs(x - origin[i % dim]!)), 0);
  // Such data have no codes.
  if (largest < 1e-11) return 0;
  const quantum = largest / 127;
  codeCentroids(job, { quantum, largestCode: 127 });
  const { columns, scales, biases, norms, errors } = job.coded!;
  let share = 0;
  let at = 0;
  class Watched extends PlainCodeKernels {
    override shortlist(row: number, residual: number, length: number, slack: number): number {
      for (let k = 0; k < clusters; k++) {
        const { fround } = Math;
        const score = fround(fround(fround(this.sums[row * columns + k]!) * scales[k]!) + biases[k]!);
        let truth = 0;
        for (let j = 0; j < dim; j++) {
          const c = centroids[k * dim + j]! - origin[j]!;
          truth += (data[at + j]! - origin[j]!) * c - c ** 2 / 2;
        }
        // The slack is for two scores: this one and the best.
        const bound = residual * norms[k]! + length * errors[k]! + slack / 2;
        const off = Math.abs(truth - score);
        assert.ok(off <= bound, `${score} for ${truth}, bound ${bound}`);
        share = Math.max(share, off / bound);
      }
      return super.shortlist(row, residual, length, slack);
    }
  }
  const kernels = new Watched({ dim, columns, blockRows: rows });
  kernels.loadOrigin(job.origin, quantum);
  const codes = { codes: new Uint8Array(rows * dim), squares: new Float32Array(rows * 2) };
  kernels.quantise(data, rows, codes.codes, codes.squares);
  // One row at a time: no list is too long.
  const engine = new PortableInt8Engine({ dim, columns, sums: kernels.sums });
  const rowKernels = new PlainKernels({ dim, clusters, parts: [] });
  const assigner = new CodedAssigner(engine, kernels, rowKernels, { dim, clusters, blockRows: 1 });
  assert.ok(assigner.load(job.coded!, job.centroids));
  for (let row = 0; row < rows; row++) {
    at = row * dim;
    await assigner.exact(
      {
        codes: codes.codes.subarray(row * dim, (row + 1) * dim),
        squares: codes.squares.subarray(2 * row, 2 * row + 2),
      },
      data.subarray(row * dim, (row + 1) * dim),
      1,
    );
  }
  return share;
}
