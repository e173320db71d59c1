import { Worker } from "node:worker_threads";
import { ClimbError } from "../core/errors.ts";
import type { EngineModels } from "./assign-graph.ts";
import { type EngineName, writeModels } from "./engine.ts";
import { createChanges, type Changes, type Job } from "./job.ts";
import { compileKernels } from "./open-kernels.ts";
import type { PassReply, PassRequest } from "./pass-messages.ts";
import type { Runner } from "./runner.ts";

/** What a worker thread is started with. */
export interface WorkerStart {
  readonly job: Job;
  readonly engineName: EngineName;
  /** onnxruntime's. */
  readonly models: EngineModels | undefined;
  readonly kernelModule: WebAssembly.Module;
  readonly changes: Changes;
  readonly index: number;
  readonly of: number;
}

interface Thread {
  readonly worker: Worker;
  readonly changes: Changes;
  /** Settles the request that is under way. */
  waiting: { resolve: (reply: PassReply) => void; reject: (error: Error) => void } | undefined;
  failure: Error | undefined;
}

/** Start a pool of worker threads, each with an engine of its own. */
export async function openPool(
  job: Job,
  engineName: EngineName,
  workers: number,
  script = new URL("./kmeans.worker.js", import.meta.url),
): Promise<Runner> {
  const models = engineName === "onnxruntime" ? await writeModels() : undefined;
  return new PoolRunner({ job, engineName, models, kernelModule: compileKernels(), of: workers }, script);
}

/** One message a thread and pass. The first thread that fails fails the pass and every later one. */
class PoolRunner implements Runner {
  readonly incremental = true;
  readonly #threads: Thread[];
  readonly #control: Int32Array;
  #closing = false;

  constructor(common: Omit<WorkerStart, "changes" | "index">, script: URL) {
    const { job, of: workers } = common;
    this.#control = job.control;
    this.#threads = Array.from({ length: workers }, (_, index) => {
      const changes = createChanges(job.clusters, job.points.dim);
      const workerData: WorkerStart = { ...common, changes, index };
      const thread: Thread = {
        worker: new Worker(script, { workerData }),
        changes,
        waiting: undefined,
        failure: undefined,
      };
      thread.worker.on("message", (reply: PassReply) => {
        thread.waiting?.resolve(reply);
        thread.waiting = undefined;
      });
      thread.worker.on("error", (error: Error) => this.#fail(thread, error));
      thread.worker.on("exit", (code) =>
        this.#fail(thread, new ClimbError(`k-means worker ${index} of ${workers} ended with code ${code}`)),
      );
      return thread;
    });
  }

  get changes(): Changes[] {
    return this.#threads.map((thread) => thread.changes);
  }

  run(request: PassRequest): Promise<PassReply[]> {
    Atomics.add(this.#control, 0, 1);
    return Promise.all(
      this.#threads.map(
        (thread) =>
          new Promise<PassReply>((resolve, reject) => {
            if (thread.failure !== undefined) return reject(thread.failure);
            thread.waiting = { resolve, reject };
            // oxlint-disable-next-line unicorn/require-post-message-target-origin -- worker threads have no origin
            thread.worker.postMessage(request);
          }),
      ),
    );
  }

  async close(): Promise<void> {
    this.#closing = true;
    Atomics.store(this.#control, 1, 1);
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()));
  }

  #fail(thread: Thread, error: Error): void {
    if (this.#closing) return;
    // An error is followed by its thread's exit: the first says more.
    thread.failure ??= error;
    thread.waiting?.reject(thread.failure);
    thread.waiting = undefined;
  }
}
