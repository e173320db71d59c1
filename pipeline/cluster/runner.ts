import { openEngine, type EngineName } from "./engine.ts";
import { createChanges, type Changes, type Job } from "./job.ts";
import { PassWorker, type PassReply, type PassRequest } from "./passes.ts";

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

/** All passes in this thread: spares small inputs the start of worker threads. */
export async function openLocalRunner(job: Job, engineName: EngineName): Promise<Runner> {
  const { clusters, blockRows, points } = job;
  const engine = await openEngine(engineName, { dim: points.dim, clusters, blockRows });
  const changes = createChanges(clusters, points.dim);
  const worker = new PassWorker(job, { engineName, engine }, changes, 0, 1);
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
