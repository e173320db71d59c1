import assert from "node:assert/strict";
import { test } from "node:test";
import { openInt8Engine, type EngineName } from "../../../pipeline/cluster/engine.ts";
import { createJob } from "../../../pipeline/cluster/job.ts";
import { sharePoints } from "../../../pipeline/cluster/points.ts";
import { codeCentroids } from "../../../pipeline/cluster/quantise.ts";
import { Random } from "../../../pipeline/math/random.ts";
import { largestCode } from "./largest-code.ts";
import { pointsOf } from "./sample-points.ts";

const names: readonly EngineName[] = ["onnxruntime", "portable"];

await test("centroids' codes worked by hand", () => {
  // Centred centroids (2, -4), (0, 0): a step of 4/127, so that 2 is 63.5 of them and rounds to 64, half a step too far.
  const source = sharePoints(
    pointsOf([
      [0, 0],
      [1, 1],
    ]),
  );
  const job = createJob(source, 2, { eightBit: true });
  job.centred.set([2, -4, 0, 0]);
  codeCentroids(job, { quantum: 0.5, largestCode: 127 });
  const { columns, codes, scales, biases, norms, errors } = job.coded!;
  assert.equal(columns, 16);
  assert.deepEqual([...codes.subarray(0, 3), ...codes.subarray(16, 19)], [64, 0, 0, -127, 0, 0]);
  assert.deepEqual([...scales.subarray(0, 3)], [Math.fround((0.5 * 4) / 127), 0, 0]);
  assert.deepEqual([...biases.subarray(0, 3)], [-10, -0, -Infinity]);
  assertJustAbove(norms[0]!, Math.sqrt(20));
  assertJustAbove(errors[0]!, 2 / 127);
  assert.deepEqual([...norms.subarray(1, 3), ...errors.subarray(1, 3)], [0, 0, 0, 0]);
});

await test("products worked by hand, in a block that is not full", async () => {
  for (const name of names) {
    const sums = new Int32Array(4 * 3).fill(7);
    const engine = await openInt8Engine(name, { dim: 2, columns: 3, sums });
    // Centroids (1, 0), (0, 2) and (1, 0) again, transposed.
    engine.load(Int8Array.of(1, 0, 1, 0, 2, 0));
    // Offsets (3, 1), (-1, 4), (0, 0).
    await engine.products(Uint8Array.of(131, 129, 127, 132, 128, 128), 3);
    assert.deepEqual([...sums], [3, 2, 3, -1, 8, -1, 0, 0, 0, 7, 7, 7], name);
    await engine.close();
  }
});

await test("onnxruntime gives the sums of plain JavaScript", async () => {
  const [dim, columns, rows] = [129, 70, 200];
  const random = new Random(4);
  const code = await largestCode("onnxruntime");
  const codes = Int8Array.from({ length: dim * columns }, () => random.below(2 * code + 1) - code);
  const points = Uint8Array.from({ length: dim * rows }, () => 1 + random.below(255));
  const results = [];
  for (const name of names) {
    const sums = new Int32Array(rows * columns);
    const engine = await openInt8Engine(name, { dim, columns, sums });
    engine.load(codes);
    await engine.products(points, rows);
    results.push(sums);
    await engine.close();
  }
  assert.deepEqual(results[0], results[1]);
  assert.equal(await largestCode("portable"), 127);
});

function assertJustAbove(value: number, least: number): void {
  assert.ok(value >= least && value < least * (1 + 1e-6), `${value} should be just above ${least}`);
}
