import { type EngineName, type Int8EngineShape, openEngine, openInt8Engine } from "./engine.ts";
import { createChanges, type Changes, type Job } from "./job.ts";
import { compileKernels } from "./open-kernels.ts";
import type { PassReply, PassRequest } from "./pass-messages.ts";
import { PassWorker } from "./passes.ts";

/** Runs passes over a job, in one thread or many. */
export interface Runner {
  /** What each thread changed in the last pass `assign`. */
  readonly changes: readonly Changes[];
  /** False if it cannot book only the rows that moved: every pass `assign` has to be fresh. */
  readonly incremental: boolean;
  /** Every thread's reply, in thread order. */
  run(request: PassRequest): Promise<PassReply[]>;
  close(): Promise<void>;
}

/** From so many values on the kernels' module is worth its compilation. */
const kernelsPay = 1e6;

/** All passes in this thread: spares small inputs the start of worker threads. */
export async function openLocalRunner(job: Job, engineName: EngineName): Promise<Runner> {
  const { clusters, blockRows, points } = job;
  const shape = { dim: points.dim, clusters, blockRows };
  const engine = await openEngine(engineName, shape);
  const openInt8 = (shape: Int8EngineShape) => openInt8Engine(engineName, shape);
  const kernelModule = points.rows * points.dim < kernelsPay ? undefined : compileKernels();
  const changes = createChanges(clusters, points.dim);
  const worker = new PassWorker(job, { engine, openInt8, kernelModule }, changes, 0, 1);
  return {
    changes: [changes],
    incremental: true,
    async run(request) {
      Atomics.add(job.control, 0, 1);
      return [await worker.run(request)];
    },
    async close() {
      await worker.close();
      await engine.close();
    },
  };
}
