import assert from "node:assert/strict";
import { test } from "node:test";
import { compileKernels, openKernels } from "../../../pipeline/cluster/open-kernels.ts";
import { PlainKernels, roughness, type RowKernels } from "../../../pipeline/cluster/row-kernels.ts";
import { fitsMemory, SimdKernels } from "../../../pipeline/cluster/simd-kernels.ts";
import { Random } from "../../../pipeline/math/random.ts";

const module = compileKernels();

await test("a case worked by hand: four values and one over", () => {
  const shape = { dim: 5, clusters: 2, parts: [10] };
  for (const kernels of [new PlainKernels(shape), new SimdKernels(module, shape)]) {
    const rows = kernels.allocate(10);
    rows.set([1, 2, 3, 4, 5, -6, 0, 0, 0, 1]);
    // 1.5 * 2^52: what is added is rounded to whole numbers.
    kernels.add(0, rows, 0, 1.5 * 2 ** 52);
    kernels.add(0, rows, 5, 1.5 * 2 ** 52);
    assert.deepEqual([...kernels.sums], [-5, 2, 3, 4, 6, 0, 0, 0, 0, 0]);
    kernels.move(0, 1, rows, 0, 1.5 * 2 ** 52);
    assert.deepEqual([...kernels.sums], [-6, 0, 0, 0, 1, 1, 2, 3, 4, 5]);
    kernels.loadCentroids(Float32Array.of(0, 0, 0, 0, 0, 1, 1, 1, 1, 1));
    assert.deepEqual([kernels.distance(rows, 0, 0), kernels.distance(rows, 0, 1)], [55, 30]);
    assert.deepEqual([kernels.roughDistance(rows, 0, 0), kernels.roughDistance(rows, 0, 1)], [55, 30]);
    kernels.loadOrigin(Float32Array.of(3, 0, 0, 0, 0));
    assert.equal(kernels.inspect(rows, 0), 58);
    assert.deepEqual({ ...kernels.largest }, { value: 5, offset: 5 });
    assert.equal(kernels.inspect(rows, 5), 82);
    assert.deepEqual({ ...kernels.largest }, { value: 6, offset: 9 });
    kernels.loadOrigin(Float32Array.of(0, 0, 0, 0, 0));
    assert.deepEqual({ ...kernels.largest }, { value: 0, offset: 0 });
  }
});

await test("WebAssembly gives the bits of plain JavaScript", () => {
  const random = new Random(6);
  const [rows, clusters] = [40, 7];
  for (const dim of [1, 3, 4, 6, 8, 37, 385]) {
    const shape = { dim, clusters, parts: [rows * dim, dim] };
    const values = Float32Array.from({ length: rows * dim }, () => random.normal());
    const centroids = Float32Array.from({ length: clusters * dim }, () => random.normal());
    const labels = Array.from({ length: 2 * rows }, () => random.below(clusters));
    const found = [new PlainKernels(shape), new SimdKernels(module, shape)].map((kernels) => {
      const data = kernels.allocate(rows * dim);
      data.set(values);
      kernels.loadCentroids(centroids);
      kernels.loadOrigin(centroids.subarray(0, dim));
      const squares = [];
      for (let row = 0; row < rows; row++) {
        kernels.add(labels[row]!, data, row * dim, 2 ** 30);
        const squared = kernels.distance(data, row * dim, labels[row]!);
        const rough = kernels.roughDistance(data, row * dim, labels[row]!);
        assert.ok(Math.abs(rough / squared - 1) <= roughness(dim));
        squares.push(squared, rough, kernels.inspect(data, row * dim));
      }
      for (let row = 0; row < rows; row += 2) {
        kernels.move(labels[row]!, labels[rows + row]!, data, row * dim, 2 ** 30);
      }
      return { sums: [...kernels.sums], squares, largest: { ...largestOf(kernels) } };
    });
    assert.deepEqual(found[1], found[0], `dim=${dim}`);
  }
});

await test("a row that is not finite has no finite square and is no largest value", () => {
  const shape = { dim: 6, clusters: 1, parts: [6] };
  for (const bad of [NaN, Infinity]) {
    for (const at of [0, 5]) {
      for (const kernels of [new PlainKernels(shape), new SimdKernels(module, shape)]) {
        const row = kernels.allocate(6).fill(2);
        row[at] = bad;
        assert.ok(!Number.isFinite(kernels.inspect(row, 0)));
      }
    }
  }
});

await test("more than 4 GiB, or no module, and the kernels are plain", () => {
  const small = { dim: 2, clusters: 2, parts: [] };
  assert.ok(openKernels(module, small) instanceof SimdKernels);
  assert.ok(openKernels(undefined, small) instanceof PlainKernels);
  assert.ok(!fitsMemory({ dim: 1024, clusters: 1000, parts: [2 ** 30] }));
});

function largestOf({ largest: { value, offset } }: RowKernels) {
  return { value, offset };
}
