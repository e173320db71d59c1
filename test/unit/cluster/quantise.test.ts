import assert from "node:assert/strict";
import { test } from "node:test";
import { largestExactCode, openInt8Engine, type EngineName } from "../../../pipeline/cluster/engine.ts";
import { createJob } from "../../../pipeline/cluster/job.ts";
import { sharePoints } from "../../../pipeline/cluster/points.ts";
import { codeCentroids, quantisePoints } from "../../../pipeline/cluster/quantise.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { pointsOf } from "./sample-points.ts";

const names: readonly EngineName[] = ["onnxruntime", "portable"];

await test("codes worked by hand", () => {
  // Offsets from (10, -1) in steps of 0.5: 2.4 -> 5 (4.8), -63.5 -> -127; 0.24 -> 0, 63.5 -> 127.
  const codes = new Uint8Array(4);
  quantisePoints(Float32Array.of(12.4, -64.5, 10.24, 62.5), Float32Array.of(10, -1), 0.5, codes);
  assert.deepEqual(Array.from(codes), [128 + 5, 128 - 127, 128, 128 + 127]);

  // Centred centroids (2, -4), (0, 0): a step of 4/127, so that 2 is 63.5 of them and rounds to 64.
  const job = createJob(
    sharePoints(
      pointsOf([
        [0, 0],
        [1, 1],
      ]),
    ),
    2,
    { eightBit: true },
  );
  job.centred.set([2, -4, 0, 0]);
  codeCentroids(job, { quantum: 0.5, largestCode: 127 });
  assert.deepEqual(Array.from(job.coded!.codes), [64, 0, -127, 0]);
  assert.deepEqual(Array.from(job.coded!.scales), [Math.fround((0.5 * 4) / 127), 0]);
  assert.deepEqual(Array.from(job.coded!.biases), [-10, -0]);
});

await test("an assignment worked by hand, with a tie", async () => {
  for (const name of names) {
    const engine = await openInt8Engine(name, { dim: 2, clusters: 3, blockRows: 4 });
    // Centroids (1, 0), (0, 2) and (1, 0) again, transposed.
    engine.load(Int8Array.of(1, 0, 1, 0, 2, 0), Float32Array.of(1, 0.5, 1), Float32Array.of(0.5, 0, 0.5));
    // Offsets (3, 1), (-1, 4), (0, 0): scores (3.5, 1), (-.5, 4), (.5, 0).
    await engine.nearest(Uint8Array.of(131, 129, 127, 132, 128, 128), 3);
    assert.deepEqual(Array.from(engine.labels.subarray(0, 3)), [0, 1, 0], name);
    await engine.close();
  }
});

await test("onnxruntime gives the bits of plain JavaScript", async () => {
  const shape = { dim: 129, clusters: 70, blockRows: 200 };
  const random = new Random(4);
  const code = await largestExactCode("onnxruntime");
  const codes = Int8Array.from(
    { length: shape.dim * shape.clusters },
    () => random.below(2 * code + 1) - code,
  );
  const scales = Float32Array.from({ length: shape.clusters }, () => random.uniform() / 1000);
  const biases = Float32Array.from({ length: shape.clusters }, () => random.normal());
  const points = Uint8Array.from({ length: shape.dim * shape.blockRows }, () => 1 + random.below(255));
  const results = [];
  for (const name of names) {
    const engine = await openInt8Engine(name, shape);
    engine.load(codes, scales, biases);
    await engine.nearest(points, shape.blockRows);
    results.push(engine.labels.slice());
    await engine.close();
  }
  assert.deepEqual(results[0], results[1]);
  assert.equal(await largestExactCode("portable"), 127);
});
