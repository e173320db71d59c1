import assert from "node:assert/strict";
import { test } from "node:test";
import { createJob, type Job } from "../../../pipeline/cluster/job.ts";
import { lloyd, type LloydOptions } from "../../../pipeline/cluster/lloyd.ts";
import { sharePoints } from "../../../pipeline/cluster/points.ts";
import { openPool } from "../../../pipeline/cluster/pool-runner.ts";
import { openLocalRunner, type Runner } from "../../../pipeline/cluster/runner.ts";
import { blobs } from "./sample-points.ts";

const script = new URL("./crashing.worker.js", import.meta.url);
const data = blobs(700, 6, 8, 3);
const points = sharePoints(data);

const options: LloydOptions = {
  maxIterations: 20,
  tolerance: 0,
  spread: 1e6,
  rounder: 1.5 * 2 ** 20,
  eightBit: undefined,
  resumed: undefined,
  save: undefined,
  check() {},
  onIteration: undefined,
};

function freshJob(): Job {
  const job = createJob(points, 9);
  job.centroids.set(data.data.subarray(0, 9 * 6));
  return job;
}

async function cluster(job: Job, runner: Runner) {
  try {
    const outcome = await lloyd(job, runner, options);
    return { ...outcome, centroids: job.centroids, assignments: job.assignments, distances: job.distances };
  } finally {
    await runner.close();
  }
}

await test("three threads do what one does", async () => {
  const [local, pooled] = [freshJob(), freshJob()];
  const alone = await cluster(local, await openLocalRunner(local, "onnxruntime"));
  assert.deepEqual(await cluster(pooled, await openPool(pooled, "onnxruntime", 3)), alone);
});

await test("a thread that throws fails the pass with its error", async () => {
  const job = freshJob();
  const runner = await openPool(job, "onnxruntime", 2, script);
  await assert.rejects(cluster(job, runner), /out of luck/);
});

await test("a thread that ends fails this pass and the next", async () => {
  const runner = await openPool(freshJob(), "portable", 2, script);
  await assert.rejects(runner.run({ pass: "inspect" }), /k-means worker 1 of 2 ended with code 9/);
  await assert.rejects(runner.run({ pass: "inspect" }), /ended with code 9/);
  await runner.close();
});

await test("a real thread that meets broken input fails the pass", async () => {
  const job = { ...freshJob(), biases: new Float32Array(new SharedArrayBuffer(4 * 40)) };
  const runner = await openPool(job, "onnxruntime", 2);
  await assert.rejects(cluster(job, runner), RangeError);
});
