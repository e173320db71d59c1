/** A machine whose matrix product cuts sums of two products off at 16 bits, in a job whose codes others found to be exact. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Int8EngineShape } from "../../../pipeline/cluster/engine.ts";
import { createChanges, createJob } from "../../../pipeline/cluster/job.ts";
import { centre } from "../../../pipeline/cluster/lloyd.ts";
import type { CodedPass } from "../../../pipeline/cluster/pass-messages.ts";
import { PassWorker } from "../../../pipeline/cluster/passes.ts";
import { sharePoints } from "../../../pipeline/cluster/points.ts";
import { PortableEngine, PortableInt8Engine } from "../../../pipeline/cluster/portable-engine.ts";
import { codeCentroids } from "../../../pipeline/cluster/quantise.ts";
import { blobs } from "./sample-points.ts";

/** As x86 without VNNI multiplies: of pairs of unsigned codes' products it loses what 16 bits do not hold. */
class SaturatingInt8Engine extends PortableInt8Engine {
  readonly #shape: Int8EngineShape;
  #codes = new Int8Array(0);

  constructor(shape: Int8EngineShape) {
    super(shape);
    this.#shape = shape;
  }

  override load(codes: Int8Array): void {
    super.load(codes);
    this.#codes = codes.slice();
  }

  override async products(codes: Uint8Array, rows: number): Promise<void> {
    await super.products(codes, rows);
    const { dim, columns, sums } = this.#shape;
    for (let at = 0; at < rows * columns; at++) {
      const [row, k] = [Math.floor(at / columns), at % columns];
      const product = (j: number) => codes[row * dim + j]! * this.#codes[j * columns + k]!;
      for (let j = 0; j < dim; j += 2) {
        const pair = product(j) + product(j + 1);
        sums[at]! -= pair - Math.max(-(2 ** 15), Math.min(2 ** 15 - 1, pair));
      }
    }
  }
}

const points = blobs(300, 8, 80, 9);
const clusters = 80;
const quantum = points.data.reduce((max, x) => Math.max(max, Math.abs(x)), 0) / 127;

/** A job whose first points are the centroids, and one thread of a machine that multiplies like this. */
function open(machine: typeof SaturatingInt8Engine | typeof PortableInt8Engine) {
  const job = createJob(sharePoints(points), clusters, { eightBit: true });
  job.centroids.set(points.data.subarray(0, clusters * points.dim));
  centre(job);
  const changes = createChanges(clusters, points.dim);
  const arithmetic = {
    engine: new PortableEngine({ dim: points.dim, clusters, blockRows: job.blockRows }),
    openInt8: async (shape: Int8EngineShape) => new machine(shape),
    kernelModule: undefined,
  };
  const worker = new PassWorker(job, arithmetic, changes, 0, 1);
  return {
    async inspect() {
      Atomics.add(job.control, 0, 1);
      return worker.run({ pass: "inspect" });
    },
    async assign(labels: CodedPass["labels"], largestCode: number) {
      codeCentroids(job, { quantum, largestCode });
      Atomics.add(job.control, 0, 1);
      const coded = { quantum, largestCode, labels };
      const { listed } = await worker.run({ pass: "assign", rounder: 1, fresh: true, coded });
      return { labels: job.assignments.slice(), listed };
    },
  };
}

await test("labels are those of the machines that the codes were made for, also if its own are smaller", async () => {
  for (const labels of ["exact", "coarse"] as const) {
    const expected = await open(PortableInt8Engine).assign(labels, 127);
    assert.deepEqual(await open(SaturatingInt8Engine).assign(labels, 127), expected, labels);
    const inspected = open(SaturatingInt8Engine);
    assert.equal((await inspected.inspect()).largestCode, 63);
    assert.deepEqual(await inspected.assign(labels, 63), await open(PortableInt8Engine).assign(labels, 63));
    assert.deepEqual(await inspected.assign(labels, 127), expected, `${labels}, after smaller ones`);
  }
});
