import assert from "node:assert/strict";
import { test } from "node:test";
import { bestEngine, openEngine, type EngineName } from "../../../pipeline/cluster/engine.ts";
import { blobs } from "./sample-points.ts";

const names: readonly EngineName[] = ["onnxruntime", "portable"];

await test("a case worked by hand, with a tie and a block that is not full", async () => {
  for (const name of names) {
    const engine = await openEngine(name, { dim: 2, clusters: 3, blockRows: 4 });
    // The third centroid equals the first: never chosen.
    engine.load(Float32Array.of(1, 0, 0, 1, 1, 0), Float32Array.of(0.5, -0.5, 0.5));
    await engine.nearest(Float32Array.of(1, 0, 0, 3, 2, 2), 3);
    assert.deepEqual(Array.from(engine.labels.subarray(0, 3)), [0, 1, 0], name);
    const products = await engine.products(Float32Array.of(1, 2, 3, 4), 2, Float32Array.of(1, 1, 0, -1), 2);
    assert.deepEqual(Array.from(products), [3, -2, 7, -4], name);
    await engine.close();
  }
});

await test("onnxruntime and plain JavaScript agree", async () => {
  const shape = { dim: 33, clusters: 70, blockRows: 256 };
  const points = blobs(shape.blockRows, shape.dim, 12, 1);
  const centroids = blobs(shape.clusters, shape.dim, 12, 2).data;
  const biases = blobs(shape.clusters, 1, 1, 3).data;
  const [fast, plain] = await Promise.all(names.map((name) => openEngine(name, shape)));
  for (const engine of [fast!, plain!]) {
    engine.load(centroids, biases);
    await engine.nearest(points.data, shape.blockRows);
  }
  assert.deepEqual(fast!.labels, plain!.labels);
  const products = await Promise.all(
    [fast!, plain!].map((engine) => engine.products(points.data, shape.blockRows, centroids, shape.clusters)),
  );
  const largest = products[1]!.reduce((max, product) => Math.max(max, Math.abs(product)), 0);
  products[1]!.forEach((product, i) => assert.ok(Math.abs(products[0]![i]! - product) < 1e-6 * largest));
  await Promise.all([fast!.close(), plain!.close()]);
});

await test("the native engine loads here", async () => {
  assert.equal(await bestEngine(), "onnxruntime");
});
