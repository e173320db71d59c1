import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CodeKernels,
  type CodeShape,
  PlainCodeKernels,
} from "../../../pipeline/cluster/code-kernels.ts";
import { createJob, type CodedCentroids } from "../../../pipeline/cluster/job.ts";
import { compileKernels, openCodeKernels } from "../../../pipeline/cluster/open-kernels.ts";
import { SimdCodeKernels } from "../../../pipeline/cluster/simd-code-kernels.ts";
import { Random } from "../../../pipeline/math/random.ts";

const module = compileKernels();
const both = (shape: CodeShape): CodeKernels[] => [
  new PlainCodeKernels(shape),
  new SimdCodeKernels(module, shape),
];

await test("codes worked by hand", () => {
  for (const kernels of both({ dim: 2, columns: 16, blockRows: 2 })) {
    // Offsets from (10, -1) in steps of 0.5: 2.4 -> 5 (4.8), -63.5 -> -127; 0.24 -> 0, 63.5 -> 127.
    kernels.loadOrigin(Float32Array.of(10, -1), 0.5);
    const codes = new Uint8Array(4);
    const squares = new Float32Array(4);
    kernels.quantise(Float32Array.of(12.4, -64.5, 10.24, 62.5), 2, codes, squares);
    assert.deepEqual([...codes], [128 + 5, 128 - 127, 128, 128 + 127]);
    const expected = [0.1 ** 2, 2.4 ** 2 + 63.5 ** 2, 0.24 ** 2, 0.24 ** 2 + 63.5 ** 2];
    squares.forEach((square, i) => assert.ok(Math.abs(square / expected[i]! - 1) < 1e-5));
  }
});

await test("the best score and the list worked by hand", () => {
  // Scores 2 * sum + 1 of the first three: 5, 9, 9, and of the fourth 10 * -1 + 18 = 8.
  const centroids = coded(4, {
    scales: [2, 2, 2, 10],
    biases: [1, 1, 1, 18],
    norms: [1, 1, 1, 1],
    errors: [0, 0, 0, 2],
  });
  for (const kernels of both({ dim: 1, columns: 16, blockRows: 2 })) {
    kernels.load(centroids);
    kernels.sums.set([0, 0, 0, 0], 0);
    kernels.sums.set([2, 4, 4, -1], 16);
    assert.deepEqual([kernels.best(0), kernels.best(1)], [3, 1]);
    const list = (residual: number, length: number, slack: number) => [
      ...kernels.listed.subarray(0, kernels.shortlist(1, residual, length, slack)),
    ];
    assert.deepEqual(list(0, 0, 0), [1, 2]);
    // The fourth is off by 0.75 at most and the best by 0.25: as high as 8.75 the one, as low as that the other.
    assert.deepEqual(list(0.25, 0.25, 0), [1, 2, 3]);
    assert.deepEqual(list(0.25, 0.125, 0), [1, 2]);
    assert.deepEqual(list(0, 0, 1), [1, 2, 3]);
    assert.deepEqual(list(2, 0, 0), [0, 1, 2, 3]);
  }
});

await test("WebAssembly gives the bits of plain JavaScript", () => {
  const random = new Random(6);
  const [rows, clusters] = [30, 37];
  const columns = 48;
  for (const dim of [1, 4, 6, 129]) {
    const origin = Float32Array.from({ length: dim }, () => random.normal() / 4);
    const points = Float32Array.from({ length: rows * dim }, () => random.normal() / 4);
    const largest = points.reduce((max, x, i) => Math.max(max, Math.abs(x - origin[i % dim]!)), 0);
    const draws = () => Array.from({ length: clusters }, () => random.uniform() / 100);
    const centroids = coded(clusters, { scales: draws(), biases: draws(), norms: draws(), errors: draws() });
    const sums = Int32Array.from({ length: rows * columns }, () => random.below(200) - 100);
    const found = both({ dim, columns, blockRows: rows }).map((kernels) => {
      const codes = new Uint8Array(rows * dim);
      const squares = new Float32Array(rows * 2);
      kernels.loadOrigin(origin, largest / 127);
      kernels.quantise(points, rows, codes, squares);
      kernels.load(centroids);
      kernels.sums.set(sums);
      const best = Array.from({ length: rows }, (_, row) => kernels.best(row));
      const lists = best.map((_, row) => [
        ...kernels.listed.subarray(0, kernels.shortlist(row, row, 0.1, 1e-3)),
      ]);
      assert.ok(lists.every((list, row) => list.includes(best[row]!)));
      assert.ok(lists.some(({ length }) => length > 1 && length < clusters));
      return { codes, squares, best, lists };
    });
    assert.deepEqual(found[1], found[0], `dim=${dim}`);
  }
});

await test("without a module the kernels are plain", () => {
  const shape = { dim: 2, columns: 16, blockRows: 2 };
  assert.ok(openCodeKernels(module, shape) instanceof SimdCodeKernels);
  assert.ok(openCodeKernels(undefined, shape) instanceof PlainCodeKernels);
});

function coded(
  clusters: number,
  values: Record<"scales" | "biases" | "norms" | "errors", number[]>,
): CodedCentroids {
  const points = { data: new Float32Array(new SharedArrayBuffer(4 * clusters)), rows: clusters, dim: 1 };
  const { coded } = createJob(points, clusters, { eightBit: true });
  for (const name of ["scales", "biases", "norms", "errors"] as const) coded![name].set(values[name]);
  return coded!;
}
