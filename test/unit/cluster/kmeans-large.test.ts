/** What large inputs need: files, samples, eight bits, checkpoints. Small ones show that nothing else changes. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { kmeans, type KMeansOptions, type KMeansResult } from "../../../pipeline/cluster/kmeans.ts";
import type { KMeansIteration } from "../../../pipeline/cluster/lloyd.ts";
import { pickRows, type Points } from "../../../pipeline/cluster/points.ts";
import { InterruptedError } from "../../../pipeline/core/errors.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { withTempDir } from "../../support/temp-dir.ts";
import { pointFiles } from "./point-files.ts";
import { blobs } from "./sample-points.ts";

const options = {
  clusters: 30,
  maxIterations: 12,
  tolerance: 0,
  initPointsPerCluster: 10,
  seed: new Random(3),
  workers: 1,
} satisfies KMeansOptions;

const points = blobs(3000, 16, 60, 5);

await test("files, however they are cut and whatever is kept in memory, give the bytes of memory", () =>
  withTempDir(async (dir) => {
    const expected = await kmeans(points, options);
    for (const cut of [[3000], [1, 1999, 1000]]) {
      const source = await pointFiles(dir, points, cut);
      for (const cacheBytes of [0, 60_000, 2 ** 30]) {
        assert.deepEqual(await kmeans(source, { ...options, cacheBytes }), expected);
      }
    }
  }));

await test("picked rows are clustered as if they were alone", () =>
  withTempDir(async (dir) => {
    const rows = Array.from({ length: 3000 }, (_, row) => row).filter((row) => row % 7 !== 3);
    const dim = points.dim;
    const alone = Float32Array.from(
      rows.flatMap((row) => Array.from(points.data.subarray(row * dim, (row + 1) * dim))),
    );
    const expected = await kmeans({ data: alone, rows: rows.length, dim }, options);
    const source = await pointFiles(dir, points, [1234, 1766]);
    assert.deepEqual(await kmeans(pickRows(source, rows), options), expected);
  }));

await test("a bad value is named with its file and the row in it", () =>
  withTempDir(async (dir) => {
    const data = points.data.slice();
    data[2500 * points.dim + 3] = NaN;
    const source = await pointFiles(dir, { ...points, data }, [2000, 1000]);
    await assert.rejects(kmeans(source, options), {
      name: "InputError",
      message: `${join(dir, "2-1.npy")}: row 500, column 3 of the embeddings is NaN`,
    });
    // Also when a sample would not have met it.
    await assert.rejects(kmeans(source, { ...options, samplePointsPerCluster: 20 }), /row 500, column 3/);
  }));

await test("a fit of a sample, then one full update, comes near the full fit", async () => {
  const full = await kmeans(points, options);
  const seen: string[] = [];
  const sampled = await kmeans(points, {
    ...options,
    samplePointsPerCluster: 40,
    onIteration: (_, phase) => seen.push(phase),
  });
  assert.equal(sampled.iterations.length, 2);
  assert.ok(seen.indexOf("all") > 2 && seen.lastIndexOf("sample") < seen.indexOf("all"));
  assert.ok(sampled.inertia < full.inertia * 1.05, `${sampled.inertia} against ${full.inertia}`);
  const none = await kmeans(points, { ...options, samplePointsPerCluster: 40, fullIterations: 0 });
  assert.equal(none.iterations.length, 1);
  assert.ok(none.inertia > sampled.inertia);
  // Enough for all: no sample.
  assert.deepEqual(await kmeans(points, { ...options, samplePointsPerCluster: 100 }), full);
});

await test("a fit of a sample by worker threads ends in the exact assignment of all points", async () => {
  const many = blobs(14_000, 64, 400, 8);
  const seen: number[] = [];
  const result = await kmeans(many, {
    ...options,
    clusters: 300,
    maxIterations: 3,
    initPointsPerCluster: 2,
    samplePointsPerCluster: 20,
    workers: 2,
    onIteration: ({ moved }, phase) => phase === "all" && seen.push(moved),
  });
  assert.equal(seen[0], many.rows);
  assertNearest(many, result);
  // Eight bits said which few centroids had to be measured.
  assert.ok(result.iterations.every(({ measured }) => measured! >= 1 && measured! < 300 / 16));
});

await test("where eight bits leave too much in doubt, exact passes do without, in one thread and in two", async () => {
  const many = blobs(14_000, 64, 400, 8);
  many.data[0] = 50_000;
  const [one, two] = await Promise.all(
    [1, 2].map((workers) =>
      kmeans(many, { ...options, clusters: 300, maxIterations: 3, initPointsPerCluster: 1, workers }),
    ),
  );
  assert.deepEqual(one, two);
  const measured = one!.iterations.map((iteration) => iteration.measured);
  // The first centroids are points: what is in doubt then does not count.
  assert.ok(measured[0]! > 300 / 16 && measured[1]! > 300 / 16);
  assert.deepEqual(measured.slice(2), [undefined, undefined]);
  assertNearest(many, one!);
  await withTempDir(async (checkpointDir) => {
    const controller = new AbortController();
    const resumable = { ...options, clusters: 300, maxIterations: 3, initPointsPerCluster: 1, checkpointDir };
    const onIteration = ({ updates }: KMeansIteration): void => {
      if (updates === 2) controller.abort();
    };
    const stopped = kmeans(many, { ...resumable, signal: controller.signal, onIteration });
    await assert.rejects(stopped, InterruptedError);
    const seen: number[] = [];
    const after = await kmeans(many, { ...resumable, onIteration: ({ updates }) => void seen.push(updates) });
    assert.deepEqual(seen, [3]);
    assert.deepEqual(after, one);
  });
});

await test("a first pass that leaves much in doubt does not turn lists off", async () => {
  const many = blobs(14_000, 64, 400, 8);
  // All first centroids are the same point.
  const initial = new Float32Array(300 * many.dim);
  for (let k = 0; k < 300; k++) initial.set(many.data.subarray(0, many.dim), k * many.dim);
  const { iterations } = await kmeans(many, { ...options, clusters: 300, maxIterations: 2, initial });
  assert.ok((iterations[0]!.measured ?? Infinity) > 300 / 16);
  assert.ok(iterations.at(-1)!.measured! < 300 / 16, `${iterations.at(-1)!.measured}`);
});

await test("with a first centroid beyond all measure labels are still those of centroids", async () => {
  // The last block has one row, whose list may be as long as it likes.
  const many = blobs(32_769, 64, 100, 8);
  const initial = many.data.slice(0, 100 * many.dim);
  initial[5] = 1e25;
  const found = await kmeans(many, { ...options, clusters: 100, maxIterations: 0, initial });
  assert.ok(found.assignments.at(-1)! < 100, `${found.assignments.at(-1)}`);
  assertNearest(many, found);
});

await test("codes are not used where squares of offsets leave float32, nor sums of products 32 bits", async () => {
  const largest = points.data.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  // Offsets from the median are at least half as large as the largest value, and at most twice.
  for (const [limit, inside] of [
    [1e-12, 10],
    [1e12, 0.1],
  ] as const) {
    const scaled = (factor: number) => ({ ...points, data: points.data.map((x) => (x / largest) * factor) });
    assert.equal(await usesCodes(scaled(limit * inside)), true);
    assert.equal(await usesCodes(scaled(limit / inside)), false);
  }
  for (const [dim, uses] of [
    [133_144, true],
    [133_145, false],
  ] as const) {
    assert.equal(await usesCodes(blobs(2, dim, 1, 1), 1), uses);
  }
});

await test("eight bits end within a thousandth of the exact inertia, in an exact assignment", async () => {
  const exact = await kmeans(points, { ...options, precision: "float32" });
  for (const engine of ["onnxruntime", "portable"] as const) {
    const coarse = await kmeans(points, { ...options, precision: "int8", engine });
    assert.ok(Math.abs(coarse.inertia / exact.inertia - 1) < 1e-3, `${coarse.inertia} ${exact.inertia}`);
    assert.ok(coarse.iterations.slice(0, -1).some(({ agreement }) => agreement! > 0.98));
    assert.equal(coarse.iterations.at(-1)!.agreement, undefined);
    assertNearest(points, coarse);
  }
});

await test("eight bits are given up where they cannot tell the points apart", async () => {
  // One value far out makes the quantum a hundred times as large as the distances.
  const data = points.data.slice();
  data[0] = 50_000;
  const spoiled = { ...points, data };
  const iterations: KMeansIteration[] = [];
  const onIteration = (iteration: KMeansIteration) => void iterations.push(iteration);
  const result = await kmeans(spoiled, { ...options, precision: "int8", onIteration });
  assert.ok(iterations[0]!.agreement! < 0.9, `${iterations[0]!.agreement}`);
  assert.ok(iterations.slice(1).every(({ agreement }) => agreement === undefined));
  const exact = await kmeans(spoiled, { ...options, precision: "float32" });
  assert.deepEqual(result.centroids, exact.centroids);
});

await test("auto takes eight bits from 500 clusters on", async () => {
  const many = { ...options, clusters: 500, maxIterations: 2, initPointsPerCluster: 1 };
  const auto = await kmeans(points, many);
  assert.notEqual(auto.iterations[0]!.agreement, undefined);
  assert.equal((await kmeans(points, options)).iterations[0]!.agreement, undefined);
});

await test("interrupted after any iteration, it goes on from there to the same result", () =>
  withTempDir(async (dir) => {
    for (const variant of [
      {},
      { precision: "int8" as const, samplePointsPerCluster: 50, fullIterations: 3 },
    ]) {
      const undisturbed = await kmeans(points, { ...options, ...variant });
      const checkpointDir = join(dir, JSON.stringify(variant).length.toString());
      let total = 0;
      let rounds = 0;
      let result: KMeansResult | undefined;
      while (result === undefined && rounds < 20) {
        const controller = new AbortController();
        let seen = 0;
        const onIteration = (): void => {
          seen++;
          // Far enough for an update, also where a sample's last passes come first.
          if (seen === 4) controller.abort();
        };
        const { signal } = controller;
        rounds++;
        result = await kmeans(points, { ...options, ...variant, checkpointDir, signal, onIteration }).catch(
          (error: unknown) => {
            assert.ok(error instanceof InterruptedError);
            return undefined;
          },
        );
        total += seen;
      }
      assert.deepEqual(result, undisturbed);
      assert.ok(rounds > 1 && total <= 4 * rounds, `${total} iterations in ${rounds} rounds`);
    }
  }));

await test("a torn checkpoint, or one of other points, is not used", () =>
  withTempDir(async (dir) => {
    const iterations: number[] = [];
    const stopped = (limit: number) => {
      const controller = new AbortController();
      return {
        ...options,
        checkpointDir: dir,
        signal: controller.signal,
        onIteration: ({ updates }: KMeansIteration) => {
          iterations.push(updates);
          if (updates === limit) controller.abort();
        },
      };
    };
    await assert.rejects(kmeans(points, stopped(3)), InterruptedError);
    const { phase } = JSON.parse(await readFile(join(dir, "state.json"), "utf8")) as { phase: string };
    assert.equal(phase, "all");
    iterations.length = 0;
    await assert.rejects(kmeans(points, stopped(4)), InterruptedError);
    assert.deepEqual(iterations, [4]);
    const path = join(dir, "all-centroids-1.npy");
    const bytes = await readFile(path);
    bytes[200]! ^= 1;
    await writeFile(path, bytes);
    iterations.length = 0;
    await assert.rejects(kmeans(points, stopped(1)), InterruptedError);
    assert.deepEqual(iterations, [0, 1]);
    iterations.length = 0;
    await assert.rejects(kmeans(blobs(2000, 16, 60, 5), stopped(0)), InterruptedError);
    assert.deepEqual(iterations, [0]);
  }));

async function usesCodes(from: Points, clusters = options.clusters): Promise<boolean> {
  const { iterations } = await kmeans(from, { ...options, clusters, maxIterations: 1, precision: "int8" });
  return iterations.some(({ agreement, measured }) => agreement !== undefined || measured !== undefined);
}

function assertNearest(
  { data, dim, rows }: Points,
  { centroids, assignments, distances }: KMeansResult,
): void {
  for (let row = 0; row < rows; row += 17) {
    const squares = Array.from({ length: centroids.length / dim }, (_, k) => {
      let sum = 0;
      for (let j = 0; j < dim; j++) sum += (data[row * dim + j]! - centroids[k * dim + j]!) ** 2;
      return sum;
    });
    const nearest = Math.min(...squares);
    assert.equal(assignments[row], squares.indexOf(nearest));
    assert.ok(Math.abs(distances[row]! - Math.sqrt(nearest)) < 1e-5 * Math.max(1, Math.sqrt(nearest)));
  }
}
